#include <check.h>
#include <inttypes.h>
#include <rdbparse.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "key_rows.h"
#include "model_fixture.h"

enum { COLUMNS = 13, KEYS = 10000, NAME_MAX_LEN = 3000 };

/* A record of RFC 4180, read back. */
struct row {
    char *field[COLUMNS + 1];
    size_t len[COLUMNS + 1];
    size_t count;
};

/* Reads one record at *at into `row`, unquoting in place; false at the end of the text. */
static bool read_row(char **at, char *end, struct row *row)
{
    if (*at == end)
        return false;
    char *in = *at;
    for (row->count = 0;;) {
        char *out = in, *start = in;
        bool quoted = *in == '"';
        in += quoted;
        while (in < end && (quoted || (*in != ',' && *in != '\r'))) {
            if (quoted && *in == '"' && *++in != '"')
                quoted = false;
            else
                *out++ = *in++;
        }
        ck_assert_uint_lt(row->count, COLUMNS);
        row->field[row->count] = start;
        row->len[row->count++] = (size_t)(out - start);
        if (*in == ',') {
            in++;
        } else {
            ck_assert(in[0] == '\r' && in[1] == '\n');
            *at = in + 2;
            return true;
        }
    }
}

struct written {
    char *text;
    size_t len;
};

static struct written write_rows(const struct record *records, size_t count, enum name_format format, bool has_usage)
{
    struct written written;
    FILE *out = open_memstream(&written.text, &written.len);
    const struct key_form_settings settings = {.name_format = format, .has_memory_usage = has_usage};
    struct key_rows *rows = key_rows_new(out, &settings);
    for (size_t i = 0; i < count; i++) {
        struct record record = records[i];
        ck_assert(key_rows_add(rows, &record, NULL));
    }
    ck_assert(key_rows_flush(rows));
    key_rows_free(rows);
    fclose(out);
    return written;
}

static struct record sample(const char *key)
{
    return (struct record){.key = (const uint8_t *)key,
                           .key_len = strlen(key),
                           .key_bytes = (uint32_t)strlen(key),
                           .type = OBJECT_HASH,
                           .stored_encoding = "hash_listpack",
                           .elements = 3,
                           .longest = 12,
                           .slot = 16383,
                           .cost = {.size_in_bytes = 4096, .memory_usage = 4000, .encoding = ENCODING_LISTPACK}};
}

static const char header[] = "database,type,key,size_in_bytes,encoding,num_elements,len_largest_element,expiry,"
                             "memory_usage,stored_encoding,idle_seconds,lfu_frequency,slot\r\n";

static void assert_line(struct record record, bool has_usage, const char *line)
{
    struct written written = write_rows(&record, 1, NAME_ESCAPED, has_usage);
    ck_assert_uint_ge(written.len, sizeof header - 1);
    ck_assert_int_eq(memcmp(written.text, header, sizeof header - 1), 0);
    ck_assert_str_eq(written.text + sizeof header - 1, line);
    free(written.text);
}

START_TEST(every_column)
{
    struct record record = sample("user:1");
    assert_line(record, true, "0,hash,user:1,4096,listpack,3,12,,4000,hash_listpack,,,16383\r\n");
    assert_line(record, false, "0,hash,user:1,4096,listpack,3,12,,,hash_listpack,,,16383\r\n");
    record.has_expiry = record.has_idle = record.has_frequency = true;
    record.expire_at_ms = 1700000000123;
    record.lfu_frequency = 255;
    record.idle_seconds = 0;
    record.db = 15;
    assert_line(record, true,
                "15,hash,user:1,4096,listpack,3,12,2023-11-14T22:13:20.123Z,4000,hash_listpack,0,255,16383\r\n");
    record.damaged = true;
    assert_line(record, true, "15,hash,user:1,,,,,2023-11-14T22:13:20.123Z,,hash_listpack,0,255,16383\r\n");
}
END_TEST

START_TEST(names_that_need_care)
{
    assert_line(sample("=1+1"), true, "0,hash,'=1+1,4096,listpack,3,12,,4000,hash_listpack,,,16383\r\n");
    assert_line(sample("a=b-c@d'e"), true, "0,hash,a=b-c@d'e,4096,listpack,3,12,,4000,hash_listpack,,,16383\r\n");
    assert_line(sample("a,\"b"), true, "0,hash,\"a,\"\"b\",4096,listpack,3,12,,4000,hash_listpack,,,16383\r\n");
    assert_line(sample("\x1b[2J\\"), true, "0,hash,\\x1b[2J\\\\,4096,listpack,3,12,,4000,hash_listpack,,,16383\r\n");
    assert_line(sample(""), true, "0,hash,,4096,listpack,3,12,,4000,hash_listpack,,,16383\r\n");
}
END_TEST

/* Bytes that need care, any bytes, or plain ones with at most one of any kind among them, so that it stands at each
 * place of what is looked at together. */
static void random_name(uint8_t *name, size_t len, unsigned i)
{
    static const char care[] = "=+-@\t\r\n'\",\\;a", plain[] = "abz09AZ:._-/~{";
    for (size_t at = 0; at < len; at++) {
        if (i % 3 == 0)
            name[at] = (uint8_t)care[(size_t)rand() % (sizeof care - 1)];
        else
            name[at] = (uint8_t)(i % 3 == 1 ? rand() : plain[(size_t)rand() % (sizeof plain - 1)]);
    }
    if (i % 3 == 2 && len > 0 && rand() % 2 == 0)
        name[(size_t)rand() % len] = (uint8_t)(rand() % 2 == 0 ? rand() : care[(size_t)rand() % (sizeof care - 1)]);
}

static struct record random_record(unsigned i)
{
    struct record record = sample("");
    size_t len = i % 50 == 0 ? (size_t)rand() % NAME_MAX_LEN : (size_t)rand() % 24;
    uint8_t *name = malloc(len + 1);
    ck_assert_ptr_nonnull(name);
    random_name(name, len, i);
    record.key = name;
    record.key_len = len;
    record.key_bytes = (uint32_t)len;
    record.cost.size_in_bytes = i;
    return record;
}

START_TEST(random_names_come_back)
{
    unsigned seed = (unsigned)time(NULL);
    enum name_format format = (enum name_format)_i;
    struct record *records = calloc(KEYS, sizeof *records);
    ck_assert_ptr_nonnull(records);
    srand(seed);
    for (unsigned i = 0; i < KEYS; i++)
        records[i] = random_record(i);
    struct written written = write_rows(records, KEYS, format, true);
    char *at = written.text, *end = written.text + written.len;
    struct row row;
    ck_assert(read_row(&at, end, &row));
    for (unsigned i = 0; i < KEYS; i++) {
        uint8_t name[NAME_MAX_LEN];
        ck_assert(read_row(&at, end, &row));
        ck_assert_uint_eq(row.count, COLUMNS);
        bool neutralised = row.len[2] > 0 && row.field[2][0] == '\'';
        size_t len = name_parse(name, sizeof name, format, row.field[2] + neutralised, row.len[2] - neutralised);
        ck_assert_msg(len == records[i].key_len && memcmp(name, records[i].key, len) == 0, "seed %u, key %u", seed, i);
        ck_assert(row.len[2] == 0 || strchr("=+-@\t\r\n", row.field[2][0]) == NULL);
        ck_assert_uint_eq(strtoul(row.field[3], NULL, 10), i);
        free((void *)records[i].key);
    }
    ck_assert(!read_row(&at, end, &row));
    free(records);
    free(written.text);
}
END_TEST

START_TEST(a_name_held_in_part_says_so)
{
    struct record record = sample("begin");
    uint8_t *name = malloc(2000);
    ck_assert_ptr_nonnull(name);
    memset(name, 'a', 2000);
    record.key = name;
    record.key_bytes = 2000;
    record.key_len = 2077;
    struct written written = write_rows(&record, 1, NAME_ESCAPED, true);
    char *at = written.text;
    struct row row;
    ck_assert(read_row(&at, written.text + written.len, &row));
    ck_assert(read_row(&at, written.text + written.len, &row));
    ck_assert_uint_eq(row.len[2], 2000 + 6);
    ck_assert_int_eq(memcmp(row.field[2] + 2000, "\\...77", 6), 0);
    uint8_t parsed[4096];
    ck_assert_uint_eq(name_parse(parsed, sizeof parsed, NAME_ESCAPED, row.field[2], row.len[2]), SIZE_MAX);
    free(name);
    free(written.text);
}
END_TEST

START_TEST(a_full_disk_stops_the_rows)
{
    FILE *out = fopen("/dev/full", "w");
    ck_assert_ptr_nonnull(out);
    setvbuf(out, NULL, _IONBF, 0);
    const struct key_form_settings settings = {.name_format = NAME_ESCAPED, .has_memory_usage = true};
    struct key_rows *rows = key_rows_new(out, &settings);
    struct record record = sample("user:1");
    bool going_on = true;
    for (int i = 0; i < 1000000 && going_on; i++)
        going_on = key_rows_add(rows, &record, NULL);
    ck_assert(!going_on);
    key_rows_free(rows);
    fclose(out);
}
END_TEST

static struct record random_string(struct fixture *f)
{
    static const uint64_t lens[] = {0, 1, 39, 44, 45, 200, 16383, 16384, 70000};
    struct shape_text text = {.len = lens[(size_t)rand() % (sizeof lens / sizeof *lens)]};
    struct record record = sample("abcdefghijkl");
    if (rand() % 2 == 0) {
        static const int64_t integers[] = {-1, 10, 9999, 10000}; /* two of a length, of which one is shared */
        text.integer = integers[(size_t)rand() % (sizeof integers / sizeof *integers)];
        text.is_integer = true;
        text.stored_as_integer = rand() % 2 == 0;
        text.len = text.integer == 10000 ? 5 : text.integer == 9999 ? 4 : 2;
    }
    shape_begin(f->shape, OBJECT_STRING, ORIGIN_ELEMENTS, 0);
    shape_string(f->shape, &text, false);
    shape_end(f->shape, text.len + 1);
    record.db = (uint64_t)rand() % 2;
    record.type = OBJECT_STRING;
    record.stored_encoding = "string";
    record.shape = f->shape;
    record.cost_is_due = true;
    record.damaged = rand() % 8 == 0;
    record.elements = record.longest = record.damaged ? 0 : text.len;
    record.key_len = record.key_bytes = (uint32_t)rand() % 3 * 6;
    record.facts = (struct key_facts){.name_len = record.key_len, .has_expiry = rand() % 2 == 0};
    record.facts.metadata_classes = rand() % 8 == 0;
    record.has_expiry = record.facts.has_expiry;
    record.expire_at_ms = 1700000000123 + rand();
    record.has_idle = rand() % 2 == 0;
    record.idle_seconds = (uint64_t)rand();
    record.has_frequency = rand() % 2 == 0;
    record.lfu_frequency = (uint8_t)rand();
    record.slot = rand() % 16384;
    return record;
}

/* A row written by a table that has seen no other record. */
static void write_alone(FILE *out, const struct key_form_settings *settings, struct record record,
                        const struct plan *plan)
{
    struct key_rows *rows = key_rows_new(out, settings);
    ck_assert(key_rows_add(rows, &record, plan) && key_rows_flush(rows));
    key_rows_free(rows);
}

START_TEST(strings_of_a_kind_share_only_what_is_the_same)
{
    static const char *const servers[] = {"redis-2.8", "redis-3.2", "redis-7.0", "redis-8.6", "valkey-9.1"};
    struct fixture f;
    struct written together, alone;
    fixture_init(&f, servers[_i]);
    const struct key_form_settings settings = {
        .name_format = NAME_ESCAPED, .has_memory_usage = _i != 0, .is_continued = true};
    FILE *out = open_memstream(&together.text, &together.len), *out_alone = open_memstream(&alone.text, &alone.len);
    struct key_rows *rows = key_rows_new(out, &settings);
    srand(7);
    for (int i = 0; i < 3000; i++) {
        struct record record = random_string(&f);
        write_alone(out_alone, &settings, record, f.plan);
        ck_assert(key_rows_add(rows, &record, f.plan));
    }
    ck_assert(key_rows_flush(rows));
    key_rows_free(rows);
    fclose(out);
    fclose(out_alone);
    ck_assert_uint_eq(together.len, alone.len);
    ck_assert_int_eq(memcmp(together.text, alone.text, alone.len), 0);
    free(together.text);
    free(alone.text);
    fixture_release(&f);
}
END_TEST

START_TEST(every_encoding_and_type)
{
    for (int encoding = 0; encoding < RDB_ENC_COUNT; encoding++) {
        char line[300];
        struct record record = sample("k");
        record.type = (enum object_type)(encoding % OBJECT_TYPE_COUNT);
        record.cost.encoding = (enum object_encoding)(encoding % ENCODING_COUNT);
        record.stored_encoding = rdb_encoding_name((enum rdb_encoding)encoding);
        record.damaged = record.type == OBJECT_STRING; /* it has no shape */
        record.db = UINT64_MAX - (uint64_t)(encoding % 2);
        snprintf(line, sizeof line, "%" PRIu64 ",%s,k,%s%s%s%s,%s,,,16383\r\n", record.db,
                 object_type_name(record.type), record.damaged ? "" : "4096,",
                 record.damaged ? "" : object_encoding_name(record.cost.encoding), record.damaged ? ",,,,," : ",3,12,",
                 record.damaged ? "" : ",4000", record.stored_encoding);
        assert_line(record, true, line);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("key_rows");
    TCase *cases = tcase_create("key_rows");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, every_column);
    tcase_add_test(cases, names_that_need_care);
    tcase_add_test(cases, every_encoding_and_type);
    tcase_add_loop_test(cases, strings_of_a_kind_share_only_what_is_the_same, 0, 5);
    tcase_add_loop_test(cases, random_names_come_back, NAME_ESCAPED, NAME_BASE64 + 1);
    tcase_add_test(cases, a_name_held_in_part_says_so);
    tcase_add_test(cases, a_full_disk_stops_the_rows);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
