#include "fixture_document.h"

#include <stdio.h>
#include <string.h>

#define NAME(literal)                                                                                                  \
    {                                                                                                                  \
        literal, sizeof(literal) - 1                                                                                   \
    }
const struct hostile_name hostile_names[] = {
    NAME("<script>alert(1)</script>"),
    NAME("\"><img src=x onerror=alert(1)>"),
    NAME("</script><script>throw 1</script>"),
    NAME("'; DROP TABLE keys; --"),
    NAME("=HYPERLINK(\"http://example.org\",\"x\")"),
    NAME("+1+1"),
    NAME("-1"),
    NAME("@SUM(A1)"),
    NAME("'quoted'"),
    NAME("a,b \"c\"\r\nd"),
    NAME("\033]0;owned\007\033[31mred"),
    NAME("c1 \xC2\x9B 31m"),
    NAME("bidi \xE2\x80\xAEgnp.exe"),
    NAME("bad \xFF\xFE\xC0\x80 utf-8"),
    NAME("nul \0 inside"),
    NAME("back\\slash\\x41"),
    NAME("pipe | tick ` star * under_score [x](y) <b> &amp; #1 @user :smile:"),
    NAME("\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80 emoji"),
    NAME("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE3\x82\xAD\xE3\x83\xBC"),
    NAME("e\xCC\x81 combined"),
    NAME("__proto__"),
    NAME("javascript:alert(1)"),
    NAME("  spaces  "),
    NAME(""),
};
const size_t hostile_name_count = sizeof hostile_names / sizeof hostile_names[0];

static void add_file(struct document *document)
{
    struct doc_section *section = document_section(document, "file", "Snapshot");
    section_fact(section, "path", "File", doc_name("dump <1>.rdb", 12, 12));
    section_fact(section, "size", "Size", doc_bytes(361758720));
    section_fact(section, "server", "Server", doc_text("Redis 7.2.4"));
    section_fact(section, "taken_at", "Taken at", doc_time(1700000000123));
    section_fact(section, "age", "Age", doc_duration(93784000));
    section_fact(section, "checksum_ok", "Checksum verified", doc_bool(true));
    section_fact(section, "exact", "Larger than a double holds", doc_count(9007199254740993u));
    section_fact(section, "nothing", "No value", doc_none());
    section_note(section, DOC_WARNING, "The snapshot is %d day old: what it says was true then.", 1);
    section_note(section, DOC_GOOD, "Its checksum is right.");
}

static void add_totals(struct document *document)
{
    struct doc_section *section = document_section(document, "totals", "Totals");
    section_headline(section, "keys", "Keys", doc_count(3981800));
    section_headline(section, "dataset_bytes", "Memory of the data set", doc_bytes(1234567890));
    section_headline(section, "elements", "Elements", doc_count(11000000));
    section_headline(section, "no_ttl", "Without expiry", doc_share(3, 4));
    section_fact(section, "difference", "Against used-mem", doc_delta(-1048576));
    section_fact(section, "ratio", "Bytes a byte of payload", doc_number(2.53125));
    section_fact(section, "max", "The most a counter holds", doc_count(UINT64_MAX));
}

static void add_types(struct document *document)
{
    static const struct doc_column columns[] = {
        {"type", "Type", DOC_TEXT, DOC_COLUMN_KEY},
        {"encoding", "Encoding", DOC_TEXT, DOC_COLUMN_KEY},
        {"keys", "Keys", DOC_COUNT, 0},
        {"elements", "Elements", DOC_COUNT, DOC_COLUMN_OPTIONAL},
        {"bytes", "Bytes", DOC_BYTES, 0},
        {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
        {"average", "Average", DOC_BYTES, DOC_COLUMN_OPTIONAL},
        {"p99", "p99", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    };
    static const struct {
        const char *type, *encoding;
        uint64_t keys, elements, bytes;
    } rows[] = {
        {"string", "embstr", 2000000, 2000000, 250000000}, {"string", "raw", 90000, 90000, 310000000},
        {"hash", "listpack", 800000, 4000000, 220000000},  {"hash", "hashtable", 12000, 3000000, 290000000},
        {"zset", "skiplist", 900, 900000, 110000000},      {"set", "intset", 500, 40000, 567890},
    };
    struct doc_section *section = document_section(document, "types", "Memory by type and encoding");
    struct doc_table *table = section_table(section, "rows", "Memory by type and encoding", columns, 8, DOC_CHART_BARS);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct doc_value cells[] = {doc_text(rows[i].type),
                                    doc_text(rows[i].encoding),
                                    doc_count(rows[i].keys),
                                    doc_count(rows[i].elements),
                                    doc_bytes(rows[i].bytes),
                                    doc_share((double)rows[i].bytes, 1180567890),
                                    doc_bytes(rows[i].bytes / rows[i].keys),
                                    doc_bytes(rows[i].bytes / rows[i].keys * 9)};
        table_row(table, cells);
    }
}

static void add_names(struct document *document)
{
    static const struct doc_column columns[] = {
        {"key", "Key", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
        {"type", "Type", DOC_TEXT, 0},
        {"bytes", "Bytes", DOC_BYTES, 0},
        {"share", "Share of all", DOC_SHARE, DOC_COLUMN_BAR},
        {"expires_in", "Expires in", DOC_DURATION, DOC_COLUMN_OPTIONAL},
        {"last_seen", "Last seen", DOC_TIME, DOC_COLUMN_OPTIONAL},
    };
    struct doc_section *section = document_section(document, "top_keys", "Largest keys");
    struct doc_table *table = section_table(section, "by_bytes", "Largest keys by bytes", columns, 6, DOC_CHART_NONE);
    char long_name[10240];
    for (size_t i = 0; i < sizeof long_name; i++)
        long_name[i] = (char)('a' + i % 26);
    for (size_t i = 0; i <= hostile_name_count; i++) {
        bool is_long = i == hostile_name_count;
        struct doc_value cells[] = {is_long
                                        ? doc_name(long_name, sizeof long_name, 20480)
                                        : doc_name(hostile_names[i].bytes, hostile_names[i].len, hostile_names[i].len),
                                    doc_text("string"),
                                    doc_bytes(50000000 / (i + 1)),
                                    doc_share(1, (double)(i + 1)),
                                    i % 3 ? doc_duration((int64_t)i * 3600000) : doc_none(),
                                    doc_time(1700000000000 + (int64_t)i)};
        table_row(table, cells);
    }
}

static void add_histogram(struct document *document)
{
    static const struct doc_column columns[] = {
        {"type", "Type", DOC_TEXT, DOC_COLUMN_KEY},
        {"size", "Size", DOC_TEXT, DOC_COLUMN_KEY},
        {"from", "From", DOC_BYTES, DOC_COLUMN_OPTIONAL},
        {"keys", "Keys", DOC_COUNT, 0},
        {"bytes", "Bytes", DOC_BYTES, 0},
        {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
    };
    static const char *const types[] = {"string", "hash", "zset"};
    struct doc_section *section = document_section(document, "key_sizes", "Key sizes");
    struct doc_table *table = section_table(section, "sizes", "Bytes a key", columns, 6, DOC_CHART_HISTOGRAM);
    for (unsigned bucket = 5; bucket < 20; bucket++)
        for (unsigned type = 0; type < 3; type++) {
            char size[32];
            snprintf(size, sizeof size, bucket < 10 ? "%u B" : "%u KB",
                     bucket < 10 ? 1u << bucket : 1u << (bucket - 10));
            uint64_t keys = 1000000u >> (bucket > 8 + type ? bucket - 8 - type : 8 + type - bucket);
            struct doc_value cells[] = {doc_text(types[type]),     doc_text(size),
                                        doc_bytes(1u << bucket),   doc_count(keys),
                                        doc_bytes(keys << bucket), doc_share((double)keys, 3e6)};
            table_row(table, cells);
        }
}

static void add_map(struct document *document)
{
    static const struct doc_column columns[] = {
        {"setting", "Setting", DOC_CODE, DOC_COLUMN_KEY},  {"entries", "Max entries", DOC_COUNT, DOC_COLUMN_KEY},
        {"value", "Max value", DOC_BYTES, DOC_COLUMN_KEY}, {"saved", "Saved", DOC_DELTA, 0},
        {"keys", "Keys converted", DOC_COUNT, 0},
    };
    static const char *const settings[] = {"hash-max-listpack", "zset-max-listpack"};
    struct doc_section *section = document_section(document, "thresholds", "What other thresholds would save");
    struct doc_table *table =
        section_table(section, "grid", "Bytes saved by entries and value limit", columns, 5, DOC_CHART_HEATMAP);
    for (unsigned setting = 0; setting < 2; setting++)
        for (unsigned entries = 32; entries <= 4096; entries *= 2)
            for (unsigned value = 16; value <= 1024; value *= 2) {
                int64_t saved = ((int64_t)entries * 3 - 384) * (value > 64 ? 9000 : 4000) / (setting + 1);
                struct doc_value cells[] = {doc_code(settings[setting]), doc_count(entries), doc_bytes(value),
                                            doc_delta(saved), doc_count(entries * value / 8)};
                table_row(table, cells);
            }
}

static void add_prefixes(struct document *document, unsigned count)
{
    static const struct doc_column columns[] = {
        {"prefix", "Prefix", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
        {"keys", "Keys", DOC_COUNT, 0},
        {"bytes", "Bytes", DOC_BYTES, 0},
        {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
        {"type", "Mostly", DOC_TEXT, 0},
        {"no_ttl", "Without expiry", DOC_SHARE, DOC_COLUMN_OPTIONAL},
        {"idle", "Median idle", DOC_DURATION, DOC_COLUMN_OPTIONAL},
        {"p99", "p99", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    };
    static const char *const roots[] = {
        "user:", "session:", "cart:", "<script>alert(2)</script>:", "\xF0\x9F\x9B\x92:"};
    static const char *const types[] = {"hash", "string", "zset", "stream"};
    struct doc_section *section = document_section(document, "prefixes", "Memory by prefix");
    struct doc_table *table = section_table(section, "rows", "Memory by prefix", columns, 8, DOC_CHART_TREEMAP);
    for (unsigned i = 0; i < count; i++) {
        char name[64];
        unsigned root = i % 5;
        int len = snprintf(name, sizeof name, i < 5 ? "%s" : "%s%u:", roots[root], i / 5);
        uint64_t bytes = i < 5 ? 300000000 / (root + 1) : 200000000 / (i + 5);
        struct doc_value cells[] = {doc_name(name, (size_t)len, (uint64_t)len),
                                    doc_count(bytes / 120),
                                    doc_bytes(bytes),
                                    doc_share((double)bytes, 7e8),
                                    doc_text(types[(i + root) % 4]),
                                    doc_share(i % 11, 10),
                                    doc_duration((int64_t)(i * 7919 % 100000) * 1000),
                                    doc_bytes(bytes / 60)};
        table_row(table, cells);
    }
}

static void add_line(struct document *document)
{
    static const struct doc_column columns[] = {
        {"limit", "hash-max-listpack-entries", DOC_COUNT, DOC_COLUMN_KEY},
        {"bytes", "Bytes held", DOC_BYTES, 0},
        {"saved_share", "Saved", DOC_SHARE, DOC_COLUMN_BAR},
    };
    struct doc_section *section = document_section(document, "curve", "One setting at a time");
    struct doc_table *table = section_table(section, "entries", "", columns, 3, DOC_CHART_LINE);
    for (unsigned limit = 16; limit <= 8192; limit *= 2) {
        struct doc_value cells[] = {doc_count(limit), doc_bytes(900000000u - limit * 20000u), doc_share(limit, 9000)};
        table_row(table, cells);
    }
    static const struct doc_column none_columns[] = {{"key", "Key", DOC_NAME, DOC_COLUMN_KEY}};
    section_table(section, "empty", "Nothing to see", none_columns, 1, DOC_CHART_NONE);
}

struct document *fixture_document_new(unsigned prefixes, const char *partial)
{
    struct document *document = document_new("rdbmeter 1.0", 1);
    if (partial)
        document_set_partial(document, partial);
    document_action(document, "delete_expired", "Let 12,000 expired keys go", "They are only held by the snapshot.",
                    900000, NULL);
    document_action(
        document, "hash_entries", "Raise hash-max-listpack-entries to 600",
        "12,000 hashes have between 513 and 600 fields; packed they take a fifth. The longest packed object "
        "that would be scanned then has 600 entries in 21 KB.",
        12582912, "hash-max-listpack-entries 600\nhash-max-listpack-value 64");
    document_action(document, "group", "Put small strings into hashes", "See \"Grouping\".", 700, NULL);
    document_action(document, "none", "Set maxmemory", "Nothing bounds this instance.", 0, "maxmemory 2gb");
    add_file(document);
    add_totals(document);
    add_types(document);
    add_names(document);
    add_histogram(document);
    add_map(document);
    add_prefixes(document, prefixes);
    add_line(document);
    return document;
}
