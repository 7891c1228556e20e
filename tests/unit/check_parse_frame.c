/* What surrounds the keys: magic, versions, opcodes, counts, checksum, trailing bytes; and how errors are put. */
#include "expect_events.h"

START_TEST(not_a_snapshot)
{
    static const char *const texts[] = {"",          "RED",       "REDIT0011", "redis0011",
                                        "REDIS00x1", "REDIS 011", "VALKEY08x", "VALKEYabc"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct rdb_writer w;
        begin(&w, texts[i]);
        expect_failure(&w, RDB_ERR_NOT_RDB, 0, "no snapshot");
        rdb_writer_release(&w);
    }
}
END_TEST

START_TEST(unknown_versions)
{
    static const char *const magics[] = {"REDIS0000", "REDIS0016", "REDIS0080", "REDIS9999", "VALKEY011", "VALKEY082"};
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        struct rdb_writer w;
        begin(&w, magics[i]);
        expect_failure(&w, RDB_ERR_VERSION, 0, "the newest that is: REDIS 15, VALKEY 81");
        rdb_writer_release(&w);
    }
}
END_TEST

/* Numbers that mean something elsewhere, something that cannot be passed over, and nothing. */
START_TEST(unknown_numbers)
{
    static const struct {
        const char *magic;
        unsigned number;
        enum rdb_status status;
        const char *part;
    } rows[] = {
        {"REDIS0011", 8, RDB_ERR_CORRUPT, "8 is neither in REDIS 11"},
        {"REDIS0011", 22, RDB_ERR_CORRUPT, "22 (hash_metadata_pre_ga of REDIS 12 and later)"},
        {"REDIS0012", 26, RDB_ERR_CORRUPT, "stream_listpacks_4"},
        {"VALKEY080", 23, RDB_ERR_CORRUPT, "has no place in VALKEY 80"},
        {"VALKEY080", 24, RDB_ERR_CORRUPT, "hash_metadata"},
        {"REDIS0012", 243, RDB_ERR_CORRUPT, "key_meta"},
        {"REDIS0011", 6, RDB_ERR_UNSUPPORTED, "value type 6 (module_pre_ga)"},
        {"REDIS0009", 34, RDB_ERR_UNSUPPORTED, "value type 34 (dragonfly_sbf_2)"},
        {"REDIS0009", 222, RDB_ERR_UNSUPPORTED, "opcode 222 (vector index of Dragonfly)"},
        {"REDIS0006", 100, RDB_ERR_UNSUPPORTED, "opcode 100 (gd_dict of Redis Enterprise)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rdb_writer w;
        begin(&w, rows[i].magic);
        put_string_key(&w, "a", "b");
        put_u8(&w, rows[i].number);
        put_text(&w, "rest");
        expect_failure(&w, rows[i].status, 14, rows[i].part);
        rdb_writer_release(&w);
    }
}
END_TEST

START_TEST(opcodes)
{
    struct rdb_writer w;
    begin(&w, "REDIS0012");
    put_aux(&w, "redis-ver", "7.4.0");
    put_u8(&w, 250);
    put_text(&w, "redis-bits");
    put_int_string(&w, 64);
    put_u8(&w, 247);
    put_len_form(&w, module_id("graphdata", 1), LEN_64_BITS);
    put_len(&w, 2);
    put_len(&w, 1);
    put_module_string(&w, "aux", 3);
    put_module_end(&w);
    put_function(&w, "#!lua name=lib");
    put_u8(&w, 246);
    put_text(&w, "lib");
    put_text(&w, "LUA");
    put_len(&w, 1);
    put_text(&w, "about");
    put_text(&w, "code");
    put_select_db(&w, 300);
    put_resize_db(&w, 1, 0);
    put_slot_info(&w, 16383, 1, 0);
    put_string_key(&w, "a", "b");
    finish(&w, "aux name=9/9:redis-ver value=5/5:7.4.0\naux name=10/10:redis-bits value=int 2/1:64\n"
               "module_aux graphdata stored=17\nfunction code=14/14:#!lua\\x20name=lib\nfunction pre_ga code=4/4:code\n"
               "database 300\nresizedb 1 0\nslot 16383 1 0\n"
               "key string string name=1/1:a\nstring value=1/1:b\nkey_end 2\n");
}
END_TEST

START_TEST(counts)
{
    struct rdb_writer w;
    begin(&w, "REDIS0012");
    put_select_db(&w, 0);
    put_resize_db(&w, 3, 1);
    put_slot_info(&w, 5, 2, 0);
    put_string_key(&w, "a", "b");
    put_slot_info(&w, 6, 1, 0);
    put_expire_ms(&w, 9);
    put_string_key(&w, "c", "d");
    put_select_db(&w, 7);
    put_string_key(&w, "e", "f");
    finish(&w, "database 0\nresizedb 3 1\nslot 5 2 0\nkey string string name=1/1:a\nstring value=1/1:b\nkey_end 2\n"
               "finding count: slot 5 announces 2 keys, 0 of them expiring; 1 and 0 were read @14\n"
               "slot 6 1 0\nkey string string name=1/1:c expire=9\nstring value=1/1:d\nkey_end 2\n"
               "finding count: slot 6 announces 1 keys, 0 of them expiring; 1 and 1 were read @23\n"
               "database 7\nkey string string name=1/1:e\nstring value=1/1:f\nkey_end 2\n"
               "finding count: database 0 announces 3 keys, 1 of them expiring; 2 and 1 were read @11\n");
}
END_TEST

/* Valkey's text form; and all slots before all keys, as its forkless save writes them. */
START_TEST(valkey_slots)
{
    struct rdb_writer w;
    begin(&w, "VALKEY081");
    put_select_db(&w, 0);
    put_aux(&w, "slot-info", "5,1,0,0");
    put_aux(&w, "slot-info", "6,2,0,0");
    put_string_key(&w, "a", "b");
    put_string_key(&w, "c", "d");
    put_eof(&w);
    struct event_log log = {0};
    struct rdb_error error;
    ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, NULL, &error), RDB_OK);
    ck_assert_uint_eq(log.findings, 1);
    ck_assert(strstr(log.text, "announces 3 keys, 0 of them expiring; 2 and 0 were read @11") != NULL);
    event_log_release(&log);
    rdb_writer_release(&w);
}
END_TEST

static struct rdb_end end_of(const struct rdb_writer *w, bool skip_checksum, uint64_t findings)
{
    struct event_log log = {0};
    struct rdb_error error;
    const struct rdb_options options = {.skip_checksum = skip_checksum};
    ck_assert_msg(event_log_parse(&log, w->data, w->len, 0, &options, &error) == RDB_OK, "%s", error.message);
    ck_assert_uint_eq(log.findings, findings);
    struct rdb_end end = log.end;
    event_log_release(&log);
    return end;
}

START_TEST(checksums)
{
    struct rdb_writer w;
    begin(&w, "REDIS0011");
    put_string_key(&w, "a", "b");
    put_eof(&w);
    ck_assert_int_eq(end_of(&w, false, 0).checksum, RDB_CHECKSUM_OK);
    ck_assert_int_eq(end_of(&w, true, 0).checksum, RDB_CHECKSUM_SKIPPED);
    ck_assert_uint_eq(end_of(&w, false, 0).checksum_computed, rdb_crc64(0, w.data, w.len - 8));
    damage_flip(&w, 13, 1);
    ck_assert_int_eq(end_of(&w, false, 0).checksum, RDB_CHECKSUM_MISMATCH);
    damage_set(&w, w.len - 8, "\0\0\0\0\0\0\0\0", 8);
    ck_assert_int_eq(end_of(&w, false, 0).checksum, RDB_CHECKSUM_NOT_COMPUTED);
    rdb_writer_release(&w);
    begin(&w, "REDIS0004");
    put_eof_bare(&w);
    ck_assert_int_eq(end_of(&w, false, 0).checksum, RDB_CHECKSUM_ABSENT);
    ck_assert_uint_eq(end_of(&w, false, 0).snapshot_bytes, 10);
    rdb_writer_release(&w);
}
END_TEST

START_TEST(trailing_bytes)
{
    struct rdb_writer w;
    begin(&w, "REDIS0011");
    put_eof(&w);
    uint64_t len = w.len;
    put_bytes(&w, "*2\r\n$6\r\nSELECT\r\n", 16);
    struct rdb_end end = end_of(&w, false, 0);
    ck_assert_uint_eq(end.snapshot_bytes, len);
    ck_assert_uint_eq(end.trailing_bytes, 16);
    ck_assert(end.trailing_is_aof);
    damage_set(&w, len, "x", 1);
    end = end_of(&w, false, 1);
    ck_assert(!end.trailing_is_aof);
    ck_assert_int_eq(end.checksum, RDB_CHECKSUM_OK);
    rdb_writer_release(&w);
}
END_TEST

START_TEST(corrupt_numbers)
{
    struct rdb_writer w;
    begin(&w, "REDIS0011");
    put_select_db(&w, UINT64_C(1) << 31);
    expect_failure(&w, RDB_ERR_CORRUPT, 9, "a database number was expected");
    rdb_writer_release(&w);
    begin(&w, "REDIS0011");
    put_key(&w, 1, "l");
    put_u8(&w, 0xC0);
    expect_failure(&w, RDB_ERR_CORRUPT, 12, "the number of elements was expected, but 0xc0 starts no length");
    rdb_writer_release(&w);
    begin(&w, "REDIS0011");
    put_u8(&w, 0);
    put_u8(&w, 0x82);
    expect_failure(&w, RDB_ERR_CORRUPT, 10, "a key's name");
    rdb_writer_release(&w);
    begin(&w, "REDIS0011");
    put_u8(&w, 0);
    put_u8(&w, 0xC4);
    expect_failure(&w, RDB_ERR_CORRUPT, 10, "0xc4 starts no string");
    rdb_writer_release(&w);
    begin(&w, "REDIS0011");
    put_key(&w, 2, "s");
    put_len_form(&w, UINT64_MAX, LEN_64_BITS); /* elements that are not there */
    put_text(&w, "one");
    expect_failure(&w, RDB_ERR_TRUNCATED, w.len, "an element was expected");
    rdb_writer_release(&w);
    begin(&w, "REDIS0011");
    put_key(&w, 0, "s");
    put_len_form(&w, UINT64_MAX, LEN_64_BITS);
    put_bytes(&w, "abc", 3);
    expect_failure(&w, RDB_ERR_TRUNCATED, w.len, "a string value was expected (18446744073709551612 more needed)");
    rdb_writer_release(&w);
    begin(&w, "REDIS0011");
    put_slot_info(&w, 16384, 1, 1);
    expect_failure(&w, RDB_ERR_CORRUPT, 9, "a slot below 16384 was expected, not 16384");
    rdb_writer_release(&w);
}
END_TEST

static enum rdb_status stop_at_key(void *context, const struct rdb_event *event)
{
    unsigned *events = context;
    ++*events;
    return event->kind == RDB_EVENT_KEY ? RDB_STOPPED : RDB_OK;
}

START_TEST(the_sink_stops)
{
    struct rdb_writer w;
    struct rdb_source source;
    struct rdb_error error = {0};
    unsigned events = 0;
    begin(&w, "REDIS0011");
    put_string_key(&w, "a", "b");
    put_eof(&w);
    ck_assert_int_eq(rdb_source_memory(&source, w.data, w.len, &error), RDB_OK);
    ck_assert_int_eq(rdb_parse(&source, NULL, stop_at_key, &events, &error), RDB_STOPPED);
    ck_assert_uint_eq(events, 2);
    ck_assert_int_eq(error.status, RDB_STOPPED);
    rdb_source_close(&source);
    rdb_writer_release(&w);
}
END_TEST

START_TEST(names)
{
    ck_assert_str_eq(rdb_encoding_name(RDB_ENC_HASH_LISTPACK), "hash_listpack");
    ck_assert_str_eq(rdb_encoding_name(RDB_ENC_LIST_QUICKLIST_2), "list_quicklist_2");
    for (int i = 0; i < RDB_ENC_COUNT; i++)
        ck_assert_msg(rdb_encoding_name((enum rdb_encoding)i) != NULL, "encoding %d has no name", i);
    for (int i = 0; i <= RDB_TYPE_OTHER; i++)
        ck_assert_ptr_nonnull(rdb_type_name((enum rdb_type)i));
    ck_assert_str_eq(rdb_encoding_name(RDB_ENC_COUNT), "unknown");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {not_a_snapshot, unknown_versions, unknown_numbers, opcodes,        counts, valkey_slots,
                            checksums,      trailing_bytes,   corrupt_numbers, the_sink_stops, names};
    return run_tests("parse_frame", tests, sizeof tests / sizeof *tests);
}
