/* Every value type of Redis and Valkey, record by record. */
#include "expect_events.h"
#include "trickle.h"

START_TEST(strings)
{
    struct rdb_writer w;
    char long_text[300];
    memset(long_text, 'x', sizeof long_text);
    begin(&w, "REDIS0011");
    put_string_key(&w, "a", "hello");
    put_key(&w, 0, "int8");
    put_int_string_width(&w, -7, 1);
    put_key(&w, 0, "int16");
    put_int_string_width(&w, 12345, 2);
    put_key(&w, 0, "int32");
    put_int_string_width(&w, INT32_MIN, 4);
    put_key(&w, 0, "lzf");
    ck_assert(put_lzf_string(&w, long_text, sizeof long_text));
    put_key(&w, 0, "raw");
    put_string(&w, long_text, sizeof long_text);
    put_key(&w, 0, "overlong");
    put_len_form(&w, 3, LEN_64_BITS);
    put_bytes(&w, "abc", 3);
    put_key(&w, 0, "");
    put_text(&w, "");
    finish(
        &w,
        "key string string name=1/1:a\nstring value=5/5:hello\nkey_end 6\n"
        "key string string name=4/4:int8\nstring value=int 2/1:-7\nkey_end 2\n"
        "key string string name=5/5:int16\nstring value=int 5/2:12345\nkey_end 3\n"
        "key string string name=5/5:int32\nstring value=int 11/4:-2147483648\nkey_end 5\n"
        "key string string name=3/3:lzf\nstring value=lzf 300/12:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..\nkey_end "
        "16\n"
        "key string string name=3/3:raw\nstring value=300/300:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..\nkey_end 302\n"
        "key string string name=8/8:overlong\nstring value=3/3:abc\nkey_end 12\n"
        "key string string name=0/0:\nstring value=0/0:\nkey_end 1\n");
}
END_TEST

START_TEST(attributes)
{
    struct rdb_writer w;
    begin(&w, "REDIS0011");
    put_expire_ms(&w, 1700000000123);
    put_idle(&w, 77);
    put_string_key(&w, "a", "b");
    put_frequency(&w, 9);
    put_expire_seconds(&w, -5);
    put_expire_seconds(&w, 1700000000);
    put_string_key(&w, "c", "d");
    put_string_key(&w, "e", "f");
    finish(&w, "key string string name=1/1:a expire=1700000000123 idle=77\nstring value=1/1:b\nkey_end 2\n"
               "key string string name=1/1:c expire=1700000000000 freq=9\nstring value=1/1:d\nkey_end 2\n"
               "key string string name=1/1:e\nstring value=1/1:f\nkey_end 2\n");
}
END_TEST

START_TEST(elements)
{
    struct rdb_writer w;
    begin(&w, "REDIS0007");
    put_key(&w, 1, "list");
    put_len(&w, 2);
    put_text(&w, "one");
    put_int_string(&w, 300);
    put_key(&w, 2, "set");
    put_len(&w, 1);
    put_text(&w, "m");
    put_key(&w, 3, "zset");
    put_len(&w, 4);
    put_text(&w, "m");
    put_u8(&w, 3);
    put_bytes(&w, "1.5", 3);
    put_text(&w, "up");
    put_u8(&w, 254);
    put_text(&w, "down");
    put_u8(&w, 255);
    put_text(&w, "e");
    put_u8(&w, 5);
    put_bytes(&w, "1e+20", 5);
    put_key(&w, 4, "hash");
    put_len(&w, 2);
    put_text(&w, "f");
    put_text(&w, "v");
    put_text(&w, "g");
    put_int_string(&w, 1);
    put_key(&w, 5, "zset_2");
    put_len(&w, 1);
    put_text(&w, "m");
    put_double(&w, -0.25);
    finish(&w, "key list list name=4/4:list count=2\nelement text=3/3:one\nelement text=int 3/2:300\nkey_end 8\n"
               "key set set name=3/3:set count=1\nelement text=1/1:m\nkey_end 3\n"
               "key zset zset name=4/4:zset count=4\nelement text=1/1:m score=1.5\nelement text=2/2:up score=inf\n"
               "element text=4/4:down score=-inf\nelement text=1/1:e score=1e+20\nkey_end 25\n"
               "key hash hash name=4/4:hash count=2\nelement text=1/1:f value=1/1:v\n"
               "element text=1/1:g value=int 1/1:1\nkey_end 9\n"
               "key zset zset_2 name=6/6:zset_2 count=1\nelement text=1/1:m score=-0.25\nkey_end 11\n");
}
END_TEST

START_TEST(packed)
{
    struct rdb_writer w;
    struct packed_builder p;
    begin(&w, "REDIS0011");
    packed_init(&p);
    listpack_begin(&p);
    listpack_text(&p, "f");
    listpack_int(&p, 70000);
    listpack_end(&p);
    put_key(&w, 16, "hl");
    put_packed(&w, &p);
    put_key(&w, 17, "zl");
    put_packed(&w, &p);
    put_key(&w, 20, "sl");
    put_packed(&w, &p);
    ziplist_begin(&p);
    ziplist_text(&p, "f");
    ziplist_int(&p, -1);
    ziplist_end(&p);
    put_key(&w, 13, "hz");
    put_packed(&w, &p);
    intset_begin(&p, 4);
    intset_add(&p, -5);
    intset_add(&p, 99999);
    intset_end(&p);
    put_key(&w, 11, "is");
    put_packed(&w, &p);
    zipmap_begin(&p);
    zipmap_pair(&p, "f", "value", 3);
    zipmap_end(&p);
    put_key(&w, 9, "zm");
    put_packed(&w, &p);
    packed_release(&p);
    finish(&w, "key hash hash_listpack name=2/2:hl\n"
               "packed listpack len=15/15 count=2 entry=1/1:f entry=int 5/4:70000\nkey_end 16\n"
               "key zset zset_listpack name=2/2:zl\n"
               "packed listpack len=15/15 count=2 entry=1/1:f entry=int 5/4:70000\nkey_end 16\n"
               "key set set_listpack name=2/2:sl\n"
               "packed listpack len=15/15 count=2 entry=1/1:f entry=int 5/4:70000\nkey_end 16\n"
               "key hash hash_ziplist name=2/2:hz\n"
               "packed ziplist len=17/17 count=2 entry=1/1:f entry=int 2/3:-1\nkey_end 18\n"
               "key set set_intset name=2/2:is\n"
               "packed intset len=16/16 width=4 count=2 entry=int 2/4:-5 entry=int 5/4:99999\nkey_end 17\n"
               "key hash hash_zipmap name=2/2:zm\n"
               "packed zipmap len=14/14 count=2 entry=1/1:f entry=5/5:value\nkey_end 15\n");
}
END_TEST

START_TEST(quicklists)
{
    struct rdb_writer w;
    struct packed_builder p;
    packed_init(&p);
    begin(&w, "REDIS0010");
    ziplist_begin(&p);
    ziplist_text(&p, "a");
    ziplist_end(&p);
    put_key(&w, 14, "q1");
    put_len(&w, 2);
    put_packed(&w, &p);
    put_packed(&w, &p);
    listpack_begin(&p);
    listpack_text(&p, "b");
    listpack_end(&p);
    put_key(&w, 18, "q2");
    put_len(&w, 3);
    put_len(&w, 2);
    put_packed(&w, &p);
    put_len(&w, 1);
    put_text(&w, "plain");
    put_len(&w, 1);
    put_int_string(&w, 123);
    packed_release(&p);
    finish(&w, "key list list_quicklist name=2/2:q1\npacked ziplist len=14/14 count=1 entry=1/1:a\n"
               "packed ziplist len=14/14 count=1 entry=1/1:a\nkey_end 31\n"
               "key list list_quicklist_2 name=2/2:q2\npacked listpack len=10/10 count=1 entry=1/1:b\n"
               "packed plain len=5/5 count=1 entry=5/5:plain\npacked plain len=3/1 count=1 entry=int 3/1:123\n"
               "key_end 23\n");
}
END_TEST

START_TEST(field_expiries)
{
    struct rdb_writer w;
    struct packed_builder p;
    packed_init(&p);
    begin(&w, "REDIS0012");
    put_key(&w, 24, "h");
    put_le(&w, 1000, 8);
    put_len(&w, 2);
    put_len(&w, 0);
    put_text(&w, "f");
    put_text(&w, "v");
    put_len(&w, 501);
    put_text(&w, "g");
    put_text(&w, "w");
    put_key(&w, 22, "pre");
    put_len(&w, 1);
    put_len(&w, 777);
    put_text(&w, "f");
    put_text(&w, "v");
    listpack_begin(&p);
    listpack_text(&p, "f");
    listpack_text(&p, "v");
    listpack_int(&p, 1234567);
    listpack_end(&p);
    put_key(&w, 25, "ex");
    put_le(&w, 1234567, 8);
    put_packed(&w, &p);
    put_key(&w, 23, "ex_pre");
    put_packed(&w, &p);
    packed_release(&p);
    finish(&w, "key hash hash_metadata name=1/1:h count=2\nelement text=1/1:f value=1/1:v\n"
               "element text=1/1:g value=1/1:w expire=1500\nkey_end 20\n"
               "key hash hash_metadata_pre_ga name=3/3:pre count=1\nelement text=1/1:f value=1/1:v expire=777\n"
               "key_end 7\n"
               "key hash hash_listpack_ex name=2/2:ex\n"
               "packed listpack len=18/18 count=3 entry=1/1:f entry=1/1:v entry=int 7/4:1234567\nkey_end 27\n"
               "key hash hash_listpack_ex_pre_ga name=6/6:ex_pre\n"
               "packed listpack len=18/18 count=3 entry=1/1:f entry=1/1:v entry=int 7/4:1234567\nkey_end 19\n");
}
END_TEST

START_TEST(valkey_hashes)
{
    struct rdb_writer w;
    begin(&w, "VALKEY081");
    put_key(&w, 22, "h");
    put_len(&w, 2);
    put_text(&w, "f");
    put_text(&w, "v");
    put_le(&w, UINT64_MAX, 8);
    put_text(&w, "g");
    put_text(&w, "w");
    put_le(&w, 1700000000000, 8);
    put_key(&w, 23, "paths");
    put_len(&w, 1);
    put_text(&w, "path");
    put_len(&w, 1);
    put_text(&w, "f");
    put_text(&w, "v");
    finish(&w, "key hash hash_2 name=1/1:h count=2\nelement text=1/1:f value=1/1:v\n"
               "element text=1/1:g value=1/1:w expire=1700000000000\nkey_end 25\n"
               "key hash path_hash name=5/5:paths\nelement text=1/1:f value=1/1:v\nkey_end 11\n");
}
END_TEST

/* Values that no server writes, with the length that is right: the key is damaged, and the next one is read. */
START_TEST(field_expiries_below_none)
{
    struct rdb_writer w;
    struct event_log log = {0};
    struct rdb_error error;
    begin(&w, "VALKEY081");
    put_key(&w, 22, "h");
    put_len(&w, 1);
    put_text(&w, "f");
    put_text(&w, "v");
    put_le(&w, (uint64_t)-5, 8);
    put_string_key(&w, "next", "key");
    put_eof(&w);
    ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, NULL, &error), RDB_OK);
    ck_assert_msg(strstr(log.text, "a field's expiry is -5") != NULL && log.damaged == 1 && log.keys == 2, "%s",
                  log.text);
    event_log_release(&log);
    rdb_writer_release(&w);
}
END_TEST

START_TEST(array_indexes_beyond_the_last)
{
    struct rdb_writer w;
    begin(&w, "REDIS0014");
    put_key(&w, 28, "a");
    put_len(&w, 1);
    put_len(&w, 0);
    put_len_form(&w, UINT64_MAX, LEN_64_BITS);
    put_len(&w, 0);
    expect_failure(&w, RDB_ERR_CORRUPT, w.len, "an array's index was expected");
    rdb_writer_release(&w);
}
END_TEST

/* What all layouts share, around the parts that later ones add. */
static void put_stream(struct rdb_writer *w, unsigned type)
{
    struct packed_builder p;
    const char *fields[] = {"f"}, *values[] = {"v"};
    unsigned layout = type == 15 ? 1 : type == 19 ? 2 : type == 21 ? 3 : type - 22;
    packed_init(&p);
    stream_node_begin(&p, 1, 0, fields, 1);
    stream_node_same(&p, false, 0, 0, values, 1);
    listpack_end(&p);
    put_key(w, type, "s");
    put_len(w, 1);
    put_id_string(w, 5, 0);
    put_packed(w, &p);
    packed_release(&p);
    put_len(w, 1);
    put_id_lens(w, 5, 0);
    if (layout >= 2) {
        put_id_lens(w, 5, 0);
        put_id_lens(w, 4, 9);
        put_len(w, 2);
    }
    put_len(w, 1);
    put_text(w, "group");
    put_id_lens(w, 5, 0);
    if (layout >= 2)
        put_len_form(w, UINT64_MAX, LEN_64_BITS);
    put_len(w, 2);
    for (uint64_t seq = 0; seq < 2; seq++) {
        put_id_raw(w, 5, seq);
        put_le(w, 1000, 8);
        put_len(w, 3);
    }
    put_len(w, 1);
    put_text(w, "consumer");
    put_le(w, 2000, 8);
    if (layout >= 3)
        put_le(w, 3000, 8);
    put_len(w, layout >= 5 ? 1 : 2);
    put_id_raw(w, 5, 0);
    if (layout >= 5)
        put_len(w, 1);
    put_id_raw(w, 5, 1);
    if (layout < 4)
        return;
    put_len(w, 100);
    put_len(w, 200);
    put_len(w, 1);
    put_text(w, "pid");
    put_len(w, 1);
    put_text(w, "iid");
    put_id_lens(w, 5, 0);
    put_len(w, 1);
    put_len(w, 0);
}

#define GROUP                                                                                                          \
    "group pending=2 name=5/5:group last=5-0\npending group id=5-0 time=1000 count=3\n"                                \
    "pending group id=5-1 time=1000 count=3\n"

static void expect_stream(const char *magic, unsigned type, const char *parts[4])
{
    struct rdb_writer w;
    struct event_log log = {0};
    struct rdb_error error;
    begin(&w, magic);
    put_stream(&w, type);
    put_eof(&w);
    const struct rdb_options deep = {.deep = true, .window_bytes = 1};
    ck_assert_msg(event_log_parse(&log, w.data, w.len, 0, &deep, &error) == RDB_OK, "%s", error.message);
    ck_assert_uint_eq(log.findings, 0);
    const char *at = log.text;
    for (int i = 0; i < 4; i++) {
        const char *found = strstr(at, parts[i]);
        ck_assert_msg(found != NULL, "type %u: no\n%s in\n%s", type, parts[i], at);
        at = found + strlen(parts[i]);
    }
    event_log_release(&log);
    rdb_writer_release(&w);
}

START_TEST(streams)
{
    static const char head[] = "stream_node id=5-0 listpack len=";
    static const char meta_1[] = "\nstream_meta length=1 groups=1 last=5-0\n" GROUP;
    static const char meta_2[] = "\nstream_meta length=1 groups=1 last=5-0 first=5-0 deleted=4-9 added=2\n" GROUP;
    static const char seen[] = "consumer pending=2 seen=2000 active=2000 name=8/8:consumer\npending consumer id=5-0\n"
                               "pending consumer id=5-1\n";
    static const char active[] = "consumer pending=2 seen=2000 active=3000 name=8/8:consumer\npending consumer id=5-0\n"
                                 "pending consumer id=5-1\n";
    static const char released[] = "consumer pending=1 seen=2000 active=3000 name=8/8:consumer\n"
                                   "pending consumer id=5-0\npending released id=5-1\n";
    static const char producers[] = "producer entries=1 seconds=100 id=3/3:pid\niid iid=3/3:iid id=5-0\nkey_end";
    expect_stream("REDIS0009", 15, (const char *[]){head, meta_1, seen, "key_end"});
    expect_stream("REDIS0010", 19, (const char *[]){head, meta_2, seen, "key_end"});
    expect_stream("REDIS0011", 21, (const char *[]){head, meta_2, active, "key_end"});
    expect_stream("REDIS0013", 26, (const char *[]){head, meta_2, active, producers});
    expect_stream("REDIS0014", 27, (const char *[]){head, meta_2, released, producers});
}
END_TEST

START_TEST(modules)
{
    struct rdb_writer w;
    begin(&w, "REDIS0011");
    put_key(&w, 7, "m");
    put_len_form(&w, module_id("vectorset", 3), LEN_64_BITS);
    put_module_uint(&w, 300);
    put_module_float(&w, 0.5f);
    put_module_double(&w, -2.5);
    put_module_string(&w, "bytes", 5);
    put_module_end(&w);
    finish(&w, "key module module_2 name=1/1:m module=vectorset\nmodule_item 2 300\nmodule_item 3 0.5\n"
               "module_item 4 -2.5\nmodule_item 5 string=5/5:bytes\nkey_end 34\n");
}
END_TEST

START_TEST(arrays)
{
    struct rdb_writer w;
    begin(&w, "REDIS0014");
    put_key(&w, 28, "a");
    put_len(&w, 4);
    put_len(&w, 1);
    put_len(&w, 9);
    put_len(&w, 0);
    put_len(&w, 0);
    put_text(&w, "text");
    put_len(&w, 5);
    put_len(&w, 1);
    put_le(&w, (uint64_t)-3, 8);
    put_len(&w, 6);
    put_len(&w, 2);
    put_double(&w, 1.25);
    put_len(&w, 700);
    put_len(&w, 3);
    put_text(&w, "small");
    finish(&w, "key array array name=1/1:a count=4\nitem 0 string=4/4:text\nitem 5 int=-3\nitem 6 float=1.25\n"
               "item 700 small=5/5:small\nkey_end 39\n");
}
END_TEST

/* Of a field or member: how much is there. */
static enum rdb_status note_kept(void *context, const struct rdb_event *event)
{
    if (event->kind == RDB_EVENT_ELEMENT)
        *(size_t *)context = event->element.text.bytes_len;
    return RDB_OK;
}

/* A text with both of a field and value longer than any small window, and names longer than the whole-name bound, of
 * which that much is kept, or as much as a window holds. */
START_TEST(long_parts)
{
    enum { WINDOW = 64 };
    static const size_t bounds[] = {10, 100};
    struct rdb_writer w;
    struct event_log log = {0};
    struct rdb_error error;
    char text[5000];
    memset(text, 'q', sizeof text);
    begin(&w, "REDIS0011");
    put_key(&w, 5, "z");
    put_len(&w, 1);
    put_string(&w, text, 3000);
    put_double(&w, 4);
    put_key(&w, 4, "h");
    put_len(&w, 1);
    put_string(&w, text, 4000);
    put_string(&w, text, 5000);
    put_eof(&w);
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        const struct rdb_options small = {.window_bytes = WINDOW, .max_name_bytes = bounds[i]};
        struct trickle trickle = trickle_of(w.data, w.len, 0);
        struct rdb_source source = trickle_source(&trickle);
        size_t kept = 0;
        ck_assert_int_eq(rdb_parse(&source, &small, note_kept, &kept, &error), RDB_OK);
        ck_assert_uint_eq(kept, bounds[i] < WINDOW ? WINDOW : bounds[i]);
        rdb_source_close(&source);
        ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, &small, &error), RDB_OK);
        ck_assert(strstr(log.text, "element text=4000/4000:qqqqqqqqqq") != NULL);
        ck_assert(strstr(log.text, "qqqqqqqqqq.. value=5000/5000:qqqqqqqqqqqq") != NULL);
        ck_assert(strstr(log.text, "qqqqqqqqqq.. score=4\n") != NULL);
        event_log_release(&log);
        log = (struct event_log){0};
    }
    rdb_writer_release(&w);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {strings,    attributes,     elements,      packed,
                            quicklists, field_expiries, valkey_hashes, field_expiries_below_none,
                            streams,    modules,        arrays,        array_indexes_beyond_the_last,
                            long_parts};
    return run_tests("parse_values", tests, sizeof tests / sizeof *tests);
}
