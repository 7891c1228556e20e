/* Parts of a snapshot, cut where passing over its records says: parsed one by one they hold what the whole holds. */
#include <check.h>
#include <glob.h>

#include "rdb_writer.h"
#include "rdbparse.h"
#include "run_suite.h"

enum { PLACES_MAX = 1 << 16 };

/* All that was heard of records. */
struct heard {
    uint64_t keys, events, digest, db, end;
};

static void take(struct heard *heard, uint64_t word)
{
    heard->digest = (heard->digest ^ word) * UINT64_C(0x9fb21c651e98df25);
    heard->digest ^= heard->digest >> 32;
}

static void take_string(struct heard *heard, const struct rdb_string *string)
{
    const uint8_t *bytes;
    size_t len = rdb_string_bytes(string, 1 << 20, &bytes);
    take(heard, string->len);
    for (size_t i = 0; i < len; i++)
        take(heard, bytes[i]);
}

static void take_packed(struct heard *heard, const struct rdb_packed *packed)
{
    struct rdb_string entries[32];
    for (size_t n; (n = rdb_packed_read(packed, entries, 32)) > 0;)
        for (size_t i = 0; i < n; i++)
            take_string(heard, &entries[i]);
}

static enum rdb_status hear(void *context, const struct rdb_event *event)
{
    struct heard *heard = context;
    if (event->kind == RDB_EVENT_DATABASE)
        heard->db = event->database.db;
    if (event->kind < RDB_EVENT_KEY || event->kind > RDB_EVENT_KEY_END)
        return RDB_OK;
    heard->events++;
    take(heard, event->kind);
    take(heard, event->offset);
    if (event->kind == RDB_EVENT_KEY) {
        heard->keys++;
        take(heard, heard->db);
        take(heard, event->key.has_expiry ? (uint64_t)event->key.expire_at_ms : 0);
        take_string(heard, &event->key.name);
    } else if (event->kind == RDB_EVENT_STRING) {
        take_string(heard, &event->string);
    } else if (event->kind == RDB_EVENT_ELEMENT) {
        take_string(heard, &event->element.text);
        take_string(heard, &event->element.value);
    } else if (event->kind == RDB_EVENT_PACKED) {
        take_packed(heard, &event->packed);
    } else if (event->kind == RDB_EVENT_KEY_END) {
        heard->end = event->offset;
    }
    return RDB_OK;
}

/* Where parts begin and end: place[0] is where the first begins. */
struct places {
    struct rdb_header header;
    uint64_t place[PLACES_MAX], db[PLACES_MAX];
    size_t count;
    uint64_t keys, selected, precedes;
    bool has_last;
};

static enum rdb_status note_place(void *context, const struct rdb_event *event)
{
    struct places *places = context;
    ck_assert(event->kind < RDB_EVENT_KEY || event->kind > RDB_EVENT_KEY_END);
    if (event->kind == RDB_EVENT_HEADER)
        places->header = event->header;
    if (event->kind == RDB_EVENT_DATABASE)
        places->selected = event->database.db;
    if (event->kind != RDB_EVENT_PASSED) {
        places->precedes = event->kind == RDB_EVENT_HEADER ? RDB_HEADER_BYTES : event->offset;
        return RDB_OK;
    }
    ck_assert(!places->has_last && places->count < PLACES_MAX);
    if (places->count != 0 && event->passed.keys == 0) {
        ck_assert(event->passed.is_last);
    } else {
        places->db[places->count] = places->selected;
        places->place[places->count] = places->count != 0 ? event->offset : places->precedes;
        places->count++;
    }
    places->keys += event->passed.keys;
    places->has_last = event->passed.is_last;
    return RDB_OK;
}

static enum rdb_status parse(const uint8_t *bytes, size_t len, const struct rdb_options *options, rdb_sink *sink,
                             void *context, struct rdb_error *error)
{
    struct rdb_source source;
    ck_assert_int_eq(rdb_source_memory(&source, bytes, len, error), RDB_OK);
    enum rdb_status status = rdb_parse(&source, options, sink, context, error);
    rdb_source_close(&source);
    return status;
}

/* False: a part does not stand by itself. */
static bool hear_parts(const uint8_t *bytes, const struct places *places, struct heard *heard)
{
    const struct rdb_options options = {.skip_checksum = true};
    struct rdb_part_parser *parser = rdb_part_parser_new(&places->header, &options);
    bool is_well = true;
    ck_assert(parser != NULL);
    for (size_t i = 1; i < places->count && is_well; i++) {
        struct rdb_source source;
        struct rdb_error error;
        uint64_t from = places->place[i - 1], len = places->place[i] - from;
        ck_assert_int_eq(rdb_source_memory(&source, bytes + from, len, &error), RDB_OK);
        heard->db = places->db[i - 1];
        is_well = rdb_part_parse(parser, &source, from, hear, heard, &error) == RDB_OK;
        is_well = is_well && heard->end == places->place[i];
        rdb_source_close(&source);
    }
    rdb_part_parser_free(parser);
    return is_well;
}

/* Returns how many ways to cut the snapshot gave the same as the whole. */
static unsigned check_snapshot(const char *path, const uint8_t *bytes, size_t len)
{
    static const uint64_t pass_bytes[] = {1, 40, 1000, 100000};
    static struct places places;
    struct heard whole = {0};
    struct rdb_error error;
    unsigned same = 0;
    if (parse(bytes, len, &(struct rdb_options){.window_bytes = 0}, hear, &whole, &error) != RDB_OK)
        return 0;
    for (size_t i = 0; i < sizeof pass_bytes / sizeof *pass_bytes; i++) {
        const struct rdb_options options = {.pass_bytes = pass_bytes[i], .window_bytes = i % 2 ? 64 : 0};
        struct heard parts = {0};
        places = (struct places){.count = 0};
        if (parse(bytes, len, &options, note_place, &places, &error) != RDB_OK)
            continue;
        ck_assert_msg(places.keys == whole.keys && places.has_last == (whole.keys != 0), "%s: keys passed over", path);
        if (!hear_parts(bytes, &places, &parts))
            continue;
        ck_assert_msg(parts.keys == whole.keys && parts.events == whole.events && parts.digest == whole.digest,
                      "%s: parts of %zu bytes do not make up the whole", path, (size_t)pass_bytes[i]);
        same++;
    }
    return same;
}

/* Some are damaged, or relatives' with records in blobs, or refer to another part's templates: most are not. */
START_TEST(snapshots)
{
    glob_t found;
    size_t well = 0;
    ck_assert_int_eq(glob(TESTDATA "/*.rdb", 0, NULL, &found), 0);
    ck_assert_int_eq(glob(TESTDATA "/*/*.rdb", GLOB_APPEND, NULL, &found), 0);
    ck_assert_int_eq(glob(TESTDATA "/*/*/*.rdb", GLOB_APPEND, NULL, &found) & ~GLOB_NOMATCH, 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct rdb_writer bytes;
        rdb_writer_init(&bytes);
        put_file(&bytes, found.gl_pathv[i]);
        well += check_snapshot(found.gl_pathv[i], bytes.data, bytes.len) != 0;
        rdb_writer_release(&bytes);
    }
    ck_assert_msg(well * 4 > found.gl_pathc * 3, "only %zu of %zu snapshots came in parts", well, found.gl_pathc);
    globfree(&found);
}
END_TEST

/* A part that ends within a record, or behind what belongs to the next one, says so. */
START_TEST(cut_short)
{
    static const uint8_t record[] = {0xfc, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 'k', 1, 'v'};
    const struct rdb_header header = {RDB_DIALECT_REDIS, 10};
    struct rdb_part_parser *parser = rdb_part_parser_new(&header, &(struct rdb_options){.skip_checksum = true});
    for (size_t len = 0; len <= sizeof record; len++) {
        struct rdb_source source;
        struct rdb_error error = {0};
        struct heard heard = {0};
        ck_assert_int_eq(rdb_source_memory(&source, record, len, &error), RDB_OK);
        enum rdb_status status = rdb_part_parse(parser, &source, 1000, hear, &heard, &error);
        rdb_source_close(&source);
        bool is_whole = len == 0 || len == sizeof record;
        ck_assert_int_eq(status, is_whole ? RDB_OK : RDB_ERR_TRUNCATED);
        if (!is_whole)
            ck_assert_uint_eq(error.offset, 1000 + len);
        ck_assert_uint_eq(heard.end, len == sizeof record ? 1000 + len : 0);
    }
    rdb_part_parser_free(parser);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parse_parts");
    TCase *tests = tcase_create("parts");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, snapshots);
    tcase_add_test(tests, cut_short);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
