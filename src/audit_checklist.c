/* The nine checks in the order in which one goes through a server's memory, and the findings behind them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "values.h"

enum { FIGURE_MAX = 120 };

/* The number of a check, for people. false: it cannot be decided from the inputs given, and the text says what lacks.
 */
typedef bool check_figure(const struct audit *audit, char figure[FIGURE_MAX]);

static bool needs(char figure[FIGURE_MAX], const char *what)
{
    snprintf(figure, FIGURE_MAX, "needs %s", what);
    return false;
}

static bool fragmentation_figure(const struct audit *audit, char figure[FIGURE_MAX])
{
    double ratio;
    char bytes[AUDIT_BYTES_MAX];
    enum fragmentation_band band = audit_fragmentation(audit, &ratio);
    if (band == BAND_UNKNOWN)
        return needs(figure, "--info");
    if (band == BAND_TOO_SMALL) {
        snprintf(figure, FIGURE_MAX, "ratio %.2f says nothing below 5 MB", ratio);
        return false;
    }
    int64_t more = audit_fragmentation_bytes(audit);
    snprintf(figure, FIGURE_MAX, "ratio %.2f, %s; %s%s", ratio, fragmentation_band_name(band), more < 0 ? "-" : "",
             audit_bytes((uint64_t)(more < 0 ? -more : more), bytes));
    return true;
}

static bool overhead_figure(const struct audit *audit, char figure[FIGURE_MAX])
{
    char data[AUDIT_BYTES_MAX];
    snprintf(figure, FIGURE_MAX, "%.0f%% of %s is overhead", audit_percent(audit->overhead_bytes, audit->data_bytes),
             audit_bytes(audit->data_bytes, data));
    return audit->data_bytes >= AUDIT_SMALL_DATA;
}

static bool buffers_figure(const struct audit *audit, char figure[FIGURE_MAX])
{
    char clients[AUDIT_BYTES_MAX], replication[AUDIT_BYTES_MAX];
    if (audit->info == NULL || !info_has(audit->info, INFO_MEM_CLIENTS_NORMAL))
        return needs(figure, "--info");
    snprintf(figure, FIGURE_MAX, "clients %s, replication %s",
             audit_bytes(info_bytes(audit->info, INFO_MEM_CLIENTS_NORMAL), clients),
             audit_bytes(info_bytes(audit->info, INFO_MEM_CLIENTS_SLAVES) +
                             info_bytes(audit->info, INFO_MEM_REPLICATION_BACKLOG),
                         replication));
    return true;
}

static bool large_keys_figure(const struct audit *audit, char figure[FIGURE_MAX])
{
    char bytes[AUDIT_BYTES_MAX];
    uint64_t largest = 0;
    const struct inventory *inventory = audit->collect->inventory;
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
            const struct inventory_row *row = inventory->row[type][encoding];
            if (row && type != OBJECT_MODULE && row->largest > largest)
                largest = row->largest;
        }
    snprintf(figure, FIGURE_MAX, "the largest: %s, %.1f%%", audit_bytes(largest, bytes),
             audit_percent(largest, audit->data_bytes));
    return true;
}

/* Keys of one type, and those of them that are tables. */
static void count_tables(const struct audit *audit, enum object_type type, uint64_t *keys, uint64_t *tables)
{
    for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
        const struct inventory_row *row = audit->collect->inventory->row[type][encoding];
        if (row == NULL)
            continue;
        *keys += row->keys;
        *tables += encoding == ENCODING_HASHTABLE || encoding == ENCODING_SKIPLIST ? row->keys : 0;
    }
}

static bool hashes_figure(const struct audit *audit, char figure[FIGURE_MAX])
{
    uint64_t keys = 0, tables = 0;
    count_tables(audit, OBJECT_HASH, &keys, &tables);
    snprintf(figure, FIGURE_MAX, "%" PRIu64 " of %" PRIu64 " are tables", tables, keys);
    return true;
}

static bool sets_figure(const struct audit *audit, char figure[FIGURE_MAX])
{
    uint64_t keys = 0, tables = 0;
    count_tables(audit, OBJECT_SET, &keys, &tables);
    count_tables(audit, OBJECT_ZSET, &keys, &tables);
    snprintf(figure, FIGURE_MAX, "%" PRIu64 " of %" PRIu64 " are tables", tables, keys);
    return true;
}

static bool expiry_figure(const struct audit *audit, char figure[FIGURE_MAX])
{
    snprintf(figure, FIGURE_MAX, "%" PRIu64 " without TTL, %.0f%% of bytes", audit->ttl[TTL_NONE].keys,
             audit_percent(audit->ttl[TTL_NONE].bytes, audit->totals.bytes));
    return true;
}

static bool strings_figure(const struct audit *audit, char figure[FIGURE_MAX])
{
    char bytes[AUDIT_BYTES_MAX];
    struct inventory_totals strings;
    inventory_totals(audit->collect->inventory, OBJECT_STRING, &strings);
    double documents = audit_column_sum(audit, "json_strings", "documents"),
           saved = audit_column_sum(audit, "json_strings", "saved_bytes");
    if (documents > 0)
        snprintf(figure, FIGURE_MAX, "%.0f are JSON, as hashes %s%s", documents, saved > 0 ? "-" : "+",
                 audit_bytes((uint64_t)(saved < 0 ? -saved : saved), bytes));
    else
        snprintf(figure, FIGURE_MAX, "%" PRIu64 " strings, %s, no JSON", strings.keys,
                 audit_bytes(strings.bytes, bytes));
    uint64_t lists = audit_action_bytes(audit, "list_compress_depth");
    if (lists)
        audit_append(figure, FIGURE_MAX, "; lists -%s", audit_bytes(lists, bytes));
    return true;
}

static bool limit_figure(const struct audit *audit, char figure[FIGURE_MAX])
{
    uint64_t limit;
    char policy[AUDIT_POLICY_MAX], bytes[AUDIT_BYTES_MAX];
    if (!audit_maxmemory(audit, &limit, policy))
        return needs(figure, "--info or --config");
    if (limit)
        snprintf(figure, FIGURE_MAX, "%s, %s", audit_bytes(limit, bytes), policy);
    else
        snprintf(figure, FIGURE_MAX, "none, %s", policy);
    return true;
}

static const struct {
    const char *title;
    check_figure *figure;
} checks[AUDIT_CHECK_COUNT] = {
    [AUDIT_FRAGMENTATION] = {"Fragmentation", fragmentation_figure},
    [AUDIT_OVERHEAD] = {"Overhead and small keys", overhead_figure},
    [AUDIT_BUFFERS] = {"Clients and buffers", buffers_figure},
    [AUDIT_LARGE_KEYS] = {"Large keys", large_keys_figure},
    [AUDIT_HASHES] = {"Hashes are packed", hashes_figure},
    [AUDIT_EXPIRY] = {"Keys expire", expiry_figure},
    [AUDIT_STRINGS] = {"JSON, strings and lists", strings_figure},
    [AUDIT_SETS] = {"Sets, sorted sets packed", sets_figure},
    [AUDIT_LIMIT] = {"Memory limit and policy", limit_figure},
};

enum check_result { CHECK_PASSED, CHECK_FAILED, CHECK_UNDECIDED };

static const char *const result_words[] = {
    [CHECK_PASSED] = "passed", [CHECK_FAILED] = "failed", [CHECK_UNDECIDED] = "not decidable"};

/* A finding that something is wrong decides a check, whatever else is not known. */
static enum check_result check_result(const struct audit *audit, const struct findings *findings,
                                      enum audit_check check, char figure[FIGURE_MAX])
{
    bool is_decidable = checks[check].figure(audit, figure);
    for (size_t i = 0; i < findings->count; i++)
        if (findings->item[i].check == check && findings->item[i].severity >= DOC_WARNING)
            return CHECK_FAILED;
    return is_decidable ? CHECK_PASSED : CHECK_UNDECIDED;
}

bool audit_failed(const struct audit *audit, const struct findings *findings)
{
    char figure[FIGURE_MAX];
    for (enum audit_check check = AUDIT_NO_CHECK + 1; check < AUDIT_CHECK_COUNT; check++)
        if (check_result(audit, findings, check, figure) == CHECK_FAILED)
            return true;
    return false;
}

void audit_write_checklist(const struct audit *audit, const struct findings *findings, const struct audit_section *row,
                           struct document *document)
{
    static const struct doc_column columns[] = {
        {"number", "#", DOC_COUNT, DOC_COLUMN_KEY},
        {"check", "Check", DOC_TEXT, 0},
        {"result", "Result", DOC_TEXT, 0},
        {"figure", "Figure", DOC_TEXT, DOC_COLUMN_WIDE | DOC_COLUMN_WRAP},
    };
    struct doc_section *section = document_section(document, row->id, row->title);
    struct doc_table *table =
        section_table(section, "checks", row->title, columns, sizeof columns / sizeof *columns, DOC_CHART_NONE);
    for (enum audit_check check = AUDIT_NO_CHECK + 1; check < AUDIT_CHECK_COUNT; check++) {
        char figure[FIGURE_MAX];
        enum check_result result = check_result(audit, findings, check, figure);
        const struct doc_value cells[] = {doc_count((uint64_t)check), doc_text(checks[check].title),
                                          doc_text(result_words[result]), doc_text(figure)};
        table_row(table, cells);
    }
}

/* ---- findings ------------------------------------------------------------------------------------------------------
 */

static const struct doc_column finding_columns[] = {
    {"finding", "Finding", DOC_TEXT, DOC_COLUMN_KEY},
    {"severity", "Severity", DOC_TEXT, 0},
    {"check", "Check", DOC_COUNT, 0},
    {"bytes", "At stake", DOC_BYTES, 0},
    {"title", "What", DOC_TEXT, DOC_COLUMN_WIDE},
    {"evidence", "Evidence", DOC_TEXT, DOC_COLUMN_WIDE},
    {"remedy", "Remedy", DOC_TEXT, DOC_COLUMN_WIDE},
    {"paste", "For redis.conf", DOC_CODE, DOC_COLUMN_WIDE},
    {"commands", "For redis-cli", DOC_CODE, DOC_COLUMN_WIDE},
};

static void write_row(struct doc_table *table, const struct finding *finding)
{
    const struct doc_value cells[] = {
        doc_text(finding->id),
        doc_text(severity_words(finding->severity)->name),
        finding->check ? doc_count((uint64_t)finding->check) : doc_none(),
        finding->bytes ? doc_bytes(finding->bytes) : doc_none(),
        doc_text(finding->title),
        *finding->evidence ? doc_text(finding->evidence) : doc_none(),
        *finding->remedy ? doc_text(finding->remedy) : doc_none(),
        *finding->paste ? doc_code(finding->paste) : doc_none(),
        *finding->commands ? doc_code(finding->commands) : doc_none(),
    };
    table_row(table, cells);
}

/* A row a line. */
static void write_lines(struct doc_section *section, struct doc_table **table, const char *lines, const char *where,
                        const char *finding)
{
    static const struct doc_column columns[] = {
        {"line", "Line", DOC_CODE, DOC_COLUMN_KEY},
        {"where", "For", DOC_TEXT, 0},
        {"finding", "Because of", DOC_TEXT, DOC_COLUMN_WIDE},
    };
    char line[AUDIT_WORDS_MAX];
    for (const char *at = lines; *at;) {
        size_t len = strcspn(at, "\n");
        if (*table == NULL)
            *table = section_table(section, "paste", "Lines to paste", columns, sizeof columns / sizeof *columns,
                                   DOC_CHART_NONE);
        snprintf(line, sizeof line, "%.*s", (int)len, at);
        const struct doc_value cells[] = {doc_code(line), doc_text(where), doc_text(finding)};
        table_row(*table, cells);
        at += len + (at[len] == '\n');
    }
}

static void write_paste(struct doc_section *section, const struct findings *findings)
{
    struct doc_table *table = NULL;
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->item[i];
        write_lines(section, &table, finding->paste, "redis.conf", finding->id);
        write_lines(section, &table, finding->commands, "redis-cli", finding->id);
    }
}

/* What the sections of the report recommend: they give the reasons, here they are a line each. */
static void write_changes(struct doc_section *section, const struct findings *findings)
{
    static const struct doc_column columns[] = {
        {"change", "Change", DOC_TEXT, DOC_COLUMN_KEY | DOC_COLUMN_WIDE | DOC_COLUMN_WRAP},
        {"saves_bytes", "Saves", DOC_BYTES, 0},
        {"check", "Check", DOC_COUNT, 0},
    };
    struct doc_table *table = NULL;
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->item[i];
        if (!finding->is_change)
            continue;
        if (table == NULL)
            table = section_table(section, "changes", "What to change in the data and its settings", columns,
                                  sizeof columns / sizeof *columns, DOC_CHART_NONE);
        const struct doc_value cells[] = {doc_text(finding->title), doc_bytes(finding->bytes),
                                          finding->check ? doc_count((uint64_t)finding->check) : doc_none()};
        table_row(table, cells);
    }
    if (table)
        section_note(section, DOC_INFO,
                     "Each change saves that much alone, and rdbmeter report says how to make it. "
                     "What several save together is in its section savings.");
}

/* What is missing for the checks that could not be decided. */
static void write_missing(const struct audit *audit, struct doc_section *section)
{
    if (audit->info == NULL)
        section_note(section, DOC_INFO,
                     "Without a saved INFO (redis-cli INFO > FILE, then --info FILE) nothing is said of fragmentation, "
                     "buffers and the limit.");
}

void audit_write_findings(const struct audit *audit, const struct findings *findings, const struct audit_section *row,
                          struct document *document)
{
    struct doc_section *section = document_section(document, row->id, row->title);
    if (findings->count == 0 || findings->item[0].severity < DOC_WARNING)
        section_note(section, DOC_GOOD, "Nothing is wrong: no rule of the audit finds fault with what was given.");
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->item[i];
        if (!finding->is_change)
            section_note(section, finding->severity, "%s. %s%s%s", finding->title, finding->evidence,
                         *finding->remedy ? " " : "", finding->remedy);
    }
    write_missing(audit, section);
    write_changes(section, findings);
    write_paste(section, findings);
    struct doc_table *table = section_table(section, "findings", "Findings", finding_columns,
                                            sizeof finding_columns / sizeof *finding_columns, DOC_CHART_NONE);
    table_print_at_most(table, 0);
    for (size_t i = 0; i < findings->count; i++)
        write_row(table, &findings->item[i]);
}
