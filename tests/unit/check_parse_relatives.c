/* What relatives of Redis write, and what later releases put beside keys: templates, metadata, compressed blobs. */
#include <lz4frame.h>
#include <zstd.h>

#include "expect_events.h"

START_TEST(key_metadata)
{
    struct rdb_writer w;
    begin(&w, "REDIS0013");
    put_u8(&w, 243);
    put_len(&w, 2);
    for (int i = 0; i < 2; i++) {
        put_le(&w, 0x12345678, 4);
        put_module_uint(&w, 5);
        put_module_string(&w, "meta", 4);
        put_module_end(&w);
    }
    put_string_key(&w, "a", "b");
    put_string_key(&w, "c", "d");
    finish(&w, "key string string name=1/1:a classes=2\nstring value=1/1:b\nkey_end 2\n"
               "key string string name=1/1:c\nstring value=1/1:d\nkey_end 2\n");
}
END_TEST

static void put_template(struct rdb_writer *w, uint64_t id, const char *first, const char *second)
{
    put_u8(w, 242);
    put_len(w, id);
    put_len(w, 2);
    put_text(w, first);
    put_text(w, second);
}

static void put_values(struct rdb_writer *w, int64_t id, const char *first, const char *second)
{
    struct packed_builder p;
    packed_init(&p);
    listpack_begin(&p);
    listpack_int(&p, id);
    listpack_text(&p, first);
    if (second)
        listpack_text(&p, second);
    listpack_end(&p);
    put_packed(w, &p);
    packed_release(&p);
}

START_TEST(templates)
{
    struct rdb_writer w;
    struct packed_builder p;
    begin(&w, "REDIS0015");
    put_template(&w, 0, "age", "name");
    put_template(&w, 9000000000, "x", "y");
    put_key(&w, 30, "lp_ref");
    put_values(&w, 0, "44", "Ann");
    put_key(&w, 32, "array_ref");
    put_len(&w, 9000000000);
    put_int_string(&w, 1);
    put_text(&w, "two");
    packed_init(&p);
    listpack_begin(&p);
    listpack_text(&p, "f");
    listpack_int(&p, 12);
    listpack_end(&p);
    put_key(&w, 29, "lp");
    put_len(&w, 0);
    put_packed(&w, &p);
    put_values(&w, 77, "v", "w");
    put_key(&w, 31, "array");
    put_len(&w, 1);
    put_len(&w, 1);
    put_text(&w, "g");
    put_text(&w, "v");
    packed_release(&p);
    finish(&w, "key hash hash_tmpl_lp_ref name=6/6:lp_ref\nelement text=3/3:age value=2/2:44\n"
               "element text=4/4:name value=3/3:Ann\nkey_end 19\n"
               "key hash hash_tmpl_array_ref name=9/9:array_ref count=2\nelement text=1/1:x value=int 1/1:1\n"
               "element text=1/1:y value=3/3:two\nkey_end 15\n"
               "key hash hash_tmpl_lp name=2/2:lp\nelement text=1/1:f value=1/1:v\n"
               "element text=2/2:12 value=1/1:w\nkey_end 30\n"
               "key hash hash_tmpl_array name=5/5:array\nelement text=1/1:g value=1/1:v\nkey_end 6\n");
}
END_TEST

START_TEST(templates_that_do_not_fit)
{
    struct rdb_writer w;
    begin(&w, "REDIS0015");
    put_template(&w, 3, "b", "a");
    put_key(&w, 30, "few");
    put_values(&w, 3, "1", NULL);
    put_key(&w, 30, "unknown");
    put_values(&w, 4, "1", "2");
    put_string_key(&w, "a", "b");
    put_eof(&w);
    struct event_log log = {0};
    struct rdb_error error;
    ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, NULL, &error), RDB_OK);
    ck_assert(strstr(log.text, "hash template 3 are not in ascending order") != NULL);
    ck_assert(strstr(log.text, "fewer values than its template has fields") != NULL);
    ck_assert(strstr(log.text, "does not start with the id of a known hash template") != NULL);
    ck_assert_uint_eq(log.damaged, 2);
    ck_assert_uint_eq(log.keys, 3);
    event_log_release(&log);
    rdb_writer_release(&w);
    begin(&w, "REDIS0015");
    put_key(&w, 32, "k");
    put_len(&w, 8);
    expect_failure(&w, RDB_ERR_CORRUPT, w.len, "known hash template");
    rdb_writer_release(&w);
}
END_TEST

/* Ids that differ only in their high bits, in any order, and many of them. */
START_TEST(many_templates)
{
    struct rdb_writer w;
    struct event_log log = {0};
    struct rdb_error error;
    begin(&w, "REDIS0015");
    for (uint64_t i = 0; i < 20000; i++)
        put_template(&w, (20000 - i) << 44, "a", "b");
    put_key(&w, 32, "k");
    put_len(&w, UINT64_C(7) << 44);
    put_text(&w, "v");
    put_text(&w, "w");
    put_eof(&w);
    ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, NULL, &error), RDB_OK);
    ck_assert(strstr(log.text, "element text=1/1:b value=1/1:w") != NULL);
    event_log_release(&log);
    rdb_writer_release(&w);
}
END_TEST

/* Names so long that the length does not fit a byte; and bounds: fields keep their lengths, then parsing ends. */
START_TEST(long_fields_of_templates)
{
    enum { LEN = 3000 };
    static char first[LEN + 1], second[LEN + 2];
    const struct rdb_options kept = {.max_template_bytes = 100000}, cut = {.max_template_bytes = 5000},
                             refused = {.max_template_bytes = 100};
    struct rdb_writer w;
    struct event_log log = {0};
    struct rdb_error error;
    memset(first, 'f', LEN);
    memset(second, 's', LEN + 1);
    begin(&w, "REDIS0015");
    put_template(&w, 0, first, second);
    put_key(&w, 32, "k");
    put_len(&w, 0);
    put_text(&w, "v");
    put_text(&w, "w");
    put_eof(&w);
    ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, &kept, &error), RDB_OK);
    ck_assert(strstr(log.text, "element text=3000/3000:fff") && strstr(log.text, "element text=3001/3001:sss"));
    event_log_release(&log);
    log = (struct event_log){0};
    ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, &cut, &error), RDB_OK);
    ck_assert_msg(strstr(log.text, "element text=3001/") && !strstr(log.text, "3001:sss"), "%s", log.text);
    event_log_release(&log);
    rdb_writer_release(&w);
    log = (struct event_log){0};
    begin(&w, "REDIS0015");
    put_u8(&w, 242);
    put_len(&w, 0);
    put_len(&w, 100);
    for (int i = 0; i < 100; i++)
        put_text(&w, "field");
    ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, &refused, &error), RDB_ERR_LIMIT);
    ck_assert_msg(strstr(error.message, "the fields of hash templates take more than 100 bytes"), "%s", error.message);
    event_log_release(&log);
    rdb_writer_release(&w);
}
END_TEST

START_TEST(templates_beyond_bounds)
{
    const struct rdb_options two = {.max_template_bytes = 128};
    struct rdb_writer w;
    struct event_log log = {0};
    struct rdb_error error;
    begin(&w, "REDIS0015");
    put_template(&w, 1, "a", "b");
    put_template(&w, 1, "a", "b");
    expect_failure(&w, RDB_ERR_CORRUPT, w.len - 4, "a new hash template was expected, but 1 is there");
    rdb_writer_release(&w);
    begin(&w, "REDIS0015");
    for (uint64_t i = 0; i < 3; i++)
        put_template(&w, i, "a", "b");
    put_eof(&w);
    ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, &two, &error), RDB_ERR_LIMIT);
    ck_assert(strstr(error.message, "more than 2 hash templates"));
    event_log_release(&log);
    rdb_writer_release(&w);
    begin(&w, "REDIS0015");
    put_u8(&w, 242);
    put_len(&w, 5);
    put_len(&w, 0);
    expect_failure(&w, RDB_ERR_CORRUPT, w.len, "at least one field");
    rdb_writer_release(&w);
    begin(&w, "REDIS0015");
    put_key(&w, 31, "k");
    put_len(&w, 2);
    expect_failure(&w, RDB_ERR_CORRUPT, w.len, "the form of a template's fields was expected, 0 or 1");
    rdb_writer_release(&w);
}
END_TEST

START_TEST(valkey_opcodes_that_do_not_fit)
{
    static const char *const commands[] = {
        "*x\r\n", "*2x", "*\r\n", "$1\r\n", "*1\r\n*1\r\n", "*1\rx", "*1234567890123456789\r\n"};
    struct rdb_writer w;
    struct rdb_error error;
    begin(&w, "VALKEY081");
    put_u8(&w, 243);
    put_text(&w, "job");
    put_len(&w, 1);
    put_len(&w, 5);
    put_len(&w, 16384);
    expect_failure(&w, RDB_ERR_CORRUPT, w.len, "a range of slots below 16384 was expected, not 5 to 16384");
    rdb_writer_release(&w);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        struct event_log log = {0};
        begin(&w, "VALKEY081");
        put_u8(&w, 242);
        put_bytes(&w, commands[i], strlen(commands[i]));
        put_eof(&w);
        ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, NULL, &error), RDB_ERR_CORRUPT);
        ck_assert_msg(strstr(error.message, "a replicated command was expected"), "%zu: %s", i, error.message);
        event_log_release(&log);
        rdb_writer_release(&w);
    }
}
END_TEST

START_TEST(valkey_opcodes)
{
    struct rdb_writer w;
    begin(&w, "VALKEY081");
    put_u8(&w, 243);
    put_text(&w, "0123456789012345678901234567890123456789");
    put_len(&w, 2);
    put_len(&w, 0);
    put_len(&w, 100);
    put_len(&w, 200);
    put_len(&w, 16383);
    put_u8(&w, 242);
    put_bytes(&w, "*2\r\n$3\r\nDEL\r\n$1\r\na\r\n", 20);
    put_string_key(&w, "a", "b");
    finish(&w, "key string string name=1/1:a\nstring value=1/1:b\nkey_end 2\n");
}
END_TEST

START_TEST(redis_enterprise)
{
    struct rdb_writer w;
    begin(&w, "REDIS0012");
    put_u8(&w, 121);
    put_len(&w, 300);
    put_u8(&w, 107);
    put_len(&w, 5);
    put_string_key(&w, "a", "b");
    finish(&w, "key string string name=1/1:a\nstring value=1/1:b\nkey_end 2\n");
}
END_TEST

START_TEST(keydb)
{
    struct rdb_writer w;
    begin(&w, "REDIS0009");
    put_select_db(&w, 0);
    put_resize_db(&w, 2, 1);
    put_key(&w, 2, "set");
    put_len(&w, 1);
    put_text(&w, "m");
    put_aux(&w, "keydb-subexpire-key", "m");
    put_aux(&w, "keydb-subexpire-when", "1700000000000");
    put_key(&w, 64, "cron");
    put_text(&w, "return 1");
    put_le(&w, 1, 8);
    put_le(&w, 2, 8);
    put_len(&w, 1);
    put_text(&w, "k");
    put_len(&w, 0);
    finish(&w, "database 0\nresizedb 2 1\nkey set set name=3/3:set count=1\nelement text=1/1:m\nkey_end 3\n"
               "aux name=19/19:keydb-subexpire-key value=1/1:m\n"
               "aux name=20/20:keydb-subexpire-when value=13/13:1700000000000\n"
               "key other keydb_cron name=4/4:cron\nkey_end 29\n");
}
END_TEST

START_TEST(gcra)
{
    struct rdb_writer w;
    begin(&w, "REDIS0014");
    put_key(&w, 29, "early");
    put_len(&w, 70000);
    put_key(&w, 33, "late");
    put_len(&w, 1);
    finish(&w, "key other gcra name=5/5:early\nkey_end 5\nkey other gcra name=4/4:late\nkey_end 1\n");
}
END_TEST

/* ---- Dragonfly ---- */

START_TEST(dragonfly_values)
{
    struct rdb_writer w;
    begin(&w, "REDIS0009");
    put_u8(&w, 220);
    put_le(&w, 3, 4);
    put_le(&w, 99, 4);
    put_key(&w, 30, "json");
    put_text(&w, "{}");
    put_key(&w, 31, "h");
    put_len(&w, 2);
    put_text(&w, "f");
    put_text(&w, "v");
    put_int_string(&w, -1);
    put_text(&w, "g");
    put_text(&w, "w");
    put_text(&w, "1000");
    put_key(&w, 32, "s");
    put_len(&w, 1);
    put_text(&w, "m");
    put_int_string(&w, 60);
    put_key(&w, 33, "bloom");
    put_len(&w, 0);
    put_double(&w, 2);
    put_double(&w, 0.01);
    for (int i = 0; i < 3; i++)
        put_len(&w, 5);
    put_len(&w, 1);
    put_len(&w, 4);
    put_text(&w, "bits");
    finish(&w, "key other dragonfly_json name=4/4:json\nkey_end 3\n"
               "key hash dragonfly_hash_expiry name=1/1:h count=2\nelement text=1/1:f value=1/1:v\n"
               "element text=1/1:g value=1/1:w expire=1675210600000\nkey_end 16\n"
               "key set dragonfly_set_expiry name=1/1:s count=1\nelement text=1/1:m expire=1675209660000\nkey_end 5\n"
               "key other dragonfly_sbf name=5/5:bloom\nkey_end 27\n");
}
END_TEST

static void put_blob(struct rdb_writer *w, unsigned opcode, const struct rdb_writer *records)
{
    uint8_t packed[4096];
    size_t n = opcode == 201 ? ZSTD_compress(packed, sizeof packed, records->data, records->len, 1)
                             : LZ4F_compressFrame(packed, sizeof packed, records->data, records->len, NULL);
    ck_assert(n <= sizeof packed);
    put_u8(w, opcode);
    put_string(w, packed, n);
}

START_TEST(dragonfly_blobs)
{
    struct rdb_writer w, records;
    rdb_writer_init(&records);
    put_expire_ms(&records, 5);
    put_string_key(&records, "a", "inside");
    put_key(&records, 2, "s");
    put_len(&records, 300);
    for (int i = 0; i < 300; i++)
        put_text(&records, "member");
    put_u8(&records, 203);
    begin(&w, "REDIS0009");
    put_blob(&w, 201, &records);
    put_blob(&w, 202, &records);
    put_string_key(&w, "z", "outside");
    put_eof(&w);
    struct event_log log = {0};
    struct rdb_error error;
    const struct rdb_options options = {.window_bytes = 100};
    ck_assert_msg(event_log_parse(&log, w.data, w.len, 3, &options, &error) == RDB_OK, "%s", error.message);
    ck_assert_uint_eq(log.keys, 5);
    ck_assert_uint_eq(log.end.checksum, RDB_CHECKSUM_OK);
    ck_assert(strstr(log.text, "key string string name=1/1:a expire=5\nstring value=6/6:inside\nkey_end 7\n") != NULL);
    ck_assert(strstr(log.text, "element text=6/6:member\nkey_end 2102\nkey string string name=1/1:z\n") != NULL);
    event_log_release(&log);
    rdb_writer_release(&w);
    rdb_writer_release(&records);
}
END_TEST

START_TEST(dragonfly_blobs_that_do_not_fit)
{
    struct rdb_writer w, records;
    rdb_writer_init(&records);
    put_string_key(&records, "a", "b");
    begin(&w, "REDIS0009");
    put_blob(&w, 201, &records); /* without its end */
    expect_failure(&w, RDB_ERR_TRUNCATED, 9, "a value type or opcode");
    damage_truncate(&w, w.len - 3);
    expect_failure(&w, RDB_ERR_TRUNCATED, w.len, "a compressed blob");
    rdb_writer_release(&w);
    put_u8(&records, 203);
    put_u8(&records, 0);
    begin(&w, "REDIS0009");
    put_blob(&w, 202, &records);
    expect_failure(&w, RDB_ERR_CORRUPT, 9, "goes on behind its end");
    rdb_writer_release(&w);
    begin(&w, "REDIS0009");
    put_u8(&w, 201);
    put_text(&w, "no zstd at all");
    expect_failure(&w, RDB_ERR_CORRUPT, w.len - 14, "does not unpack");
    rdb_writer_release(&w);
    begin(&w, "REDIS0009");
    put_u8(&w, 203);
    expect_failure(&w, RDB_ERR_CORRUPT, w.len, "none has begun");
    rdb_writer_release(&w);
    rdb_writer_release(&records);
}
END_TEST

/* The end of the file, or another blob, among a blob's records. */
START_TEST(dragonfly_blobs_in_blobs)
{
    struct rdb_writer w, records, outer;
    rdb_writer_init(&records);
    put_u8(&records, 255);
    begin(&w, "REDIS0009");
    put_blob(&w, 201, &records);
    expect_failure(&w, RDB_ERR_CORRUPT, 9, "the end of a compressed blob was expected, not of the file");
    rdb_writer_release(&w);
    rdb_writer_clear(&records);
    put_string_key(&records, "a", "b");
    put_u8(&records, 203);
    rdb_writer_init(&outer);
    put_blob(&outer, 202, &records);
    put_u8(&outer, 203);
    begin(&w, "REDIS0009");
    put_blob(&w, 201, &outer);
    expect_failure(&w, RDB_ERR_CORRUPT, 9, "a compressed blob inside a compressed blob");
    rdb_writer_release(&w);
    rdb_writer_release(&outer);
    rdb_writer_release(&records);
}
END_TEST

/* Records are passed over where they lie in the file; those of a blob do not. */
START_TEST(dragonfly_blobs_are_not_passed_over)
{
    struct rdb_writer w, records;
    rdb_writer_init(&records);
    put_string_key(&records, "a", "b");
    put_u8(&records, 203);
    begin(&w, "REDIS0009");
    put_blob(&w, 201, &records);
    put_eof(&w);
    struct event_log log = {0};
    struct rdb_error error;
    const struct rdb_options options = {.pass_bytes = 1};
    ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, &options, &error), RDB_ERR_UNSUPPORTED);
    ck_assert_msg(strstr(error.message, "cannot be passed over") != NULL, "%s", error.message);
    event_log_release(&log);
    rdb_writer_release(&w);
    rdb_writer_release(&records);
}
END_TEST

static enum rdb_status skip_all(void *context, const struct rdb_event *event)
{
    (void)context;
    return event->kind == RDB_EVENT_KEY ? RDB_SKIP : RDB_OK;
}

/* Millions of empty strings in a kilobyte are no snapshot. */
START_TEST(dragonfly_bomb)
{
    enum { SIZE = 32 * 1024 * 1024 };
    struct rdb_writer w;
    uint8_t *zeros = calloc(SIZE, 1), *packed = malloc(ZSTD_compressBound(SIZE));
    ck_assert(zeros && packed);
    size_t n = ZSTD_compress(packed, ZSTD_compressBound(SIZE), zeros, SIZE, 1);
    begin(&w, "REDIS0009");
    put_u8(&w, 201);
    put_string(&w, packed, n);
    struct rdb_source source;
    struct rdb_error error;
    ck_assert_int_eq(rdb_source_memory(&source, w.data, w.len, &error), RDB_OK);
    ck_assert_int_eq(rdb_parse(&source, NULL, skip_all, NULL, &error), RDB_ERR_LIMIT);
    rdb_source_close(&source);
    rdb_writer_release(&w);
    free(zeros);
    free(packed);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {key_metadata,
                            templates,
                            templates_that_do_not_fit,
                            many_templates,
                            long_fields_of_templates,
                            templates_beyond_bounds,
                            valkey_opcodes,
                            valkey_opcodes_that_do_not_fit,
                            redis_enterprise,
                            keydb,
                            gcra,
                            dragonfly_values,
                            dragonfly_blobs,
                            dragonfly_blobs_that_do_not_fit,
                            dragonfly_blobs_in_blobs,
                            dragonfly_blobs_are_not_passed_over,
                            dragonfly_bomb};
    return run_tests("parse_relatives", tests, sizeof tests / sizeof *tests);
}
