/* What a deep parse finds in values longer than what is remembered, or unpacked whole; and that it finds nothing there
 * in what servers write. */
#include "expect_events.h"

static const struct rdb_options deep = {.deep = true};

/* A set larger than what is remembered is not called damaged. */
START_TEST(bounded_memory)
{
    enum { MEMBERS = 1200000 };
    struct rdb_writer w;
    struct rdb_source source;
    struct rdb_error error;
    struct event_log log = {.skip_values = true};
    begin(&w, "REDIS0011");
    put_key(&w, 2, "big");
    put_len(&w, MEMBERS);
    for (int i = 0; i < MEMBERS; i++)
        put_int_string_width(&w, i, 4);
    put_eof(&w);
    ck_assert_int_eq(rdb_source_memory(&source, w.data, w.len, &error), RDB_OK);
    ck_assert_int_eq(rdb_parse(&source, &deep, event_log_sink, &log, &error), RDB_OK);
    ck_assert_uint_eq(log.damaged, 0);
    rdb_source_close(&source);
    event_log_release(&log);
    rdb_writer_release(&w);
}
END_TEST

enum { LONG_PAIRS = 150000, LONG_LEAST = (16 << 20) + 500000 };

/* A listpack of pairs; `again`: the name of the last but one is also that of the last. */
static void long_pairs(struct packed_builder *p, bool again)
{
    char name[24], value[100];
    memset(value, 'v', sizeof value);
    packed_init(p);
    listpack_begin(p);
    for (int i = 0; i < LONG_PAIRS; i++) {
        snprintf(name, sizeof name, "field:%06d", again && i == LONG_PAIRS - 1 ? i - 1 : i);
        listpack_text(p, name);
        listpack_string(p, value, sizeof value);
    }
    listpack_end(p);
    ck_assert_uint_gt(p->blob.len, LONG_LEAST);
}

/* Returns where the compressed bytes start. */
static size_t put_long(struct rdb_writer *w, struct packed_builder *p, unsigned type)
{
    enum { PREFIX = 1 + 5 + 5 }; /* the mark, two lengths */
    begin(w, "REDIS0011");
    put_key(w, type, "long");
    if (type == 18) {
        put_len(w, 1);
        put_len(w, 1); /* a plain node: one element */
    }
    size_t at = w->len + PREFIX;
    put_packed_lzf(w, p);
    ck_assert_uint_lt(w->len, p->blob.len / 5);
    packed_release(p);
    return at;
}

/* Nothing is wrong, walked by the sink or not, in one go or byte by byte of the source. */
static void expect_sound(struct rdb_writer *w)
{
    put_string_key(w, "next", "key");
    put_eof(w);
    for (size_t i = 0; i < 4; i++) {
        struct event_log log = {.leave_packed = i % 2, .skip_values = i == 3};
        struct rdb_error error;
        const struct rdb_options options = {.deep = true, .window_bytes = i / 2};
        ck_assert_int_eq(event_log_parse(&log, w->data, w->len, 0, &options, &error), RDB_OK);
        ck_assert_msg(log.findings == 0 && log.damaged == 0 && log.keys == 2, "%.2000s", log.text);
        event_log_release(&log);
    }
    rdb_writer_release(w);
}

START_TEST(long_values_intact)
{
    struct rdb_writer w;
    struct packed_builder p;
    for (unsigned type = 16; type <= 18; type += 2) {
        long_pairs(&p, false);
        put_long(&w, &p, type);
        expect_sound(&w);
    }
}
END_TEST

/* The finding is there deep, for a sink that walks the value and for one that passes it over. */
static void expect_long_finding(struct rdb_writer *w, const char *part)
{
    put_string_key(w, "next", "key");
    put_eof(w);
    for (int skip = 0; skip < 2; skip++) {
        struct event_log log = {.leave_packed = true, .skip_values = skip};
        struct rdb_error error;
        ck_assert_int_eq(event_log_parse(&log, w->data, w->len, 0, &deep, &error), RDB_OK);
        ck_assert_msg(strstr(log.text, part) != NULL && log.findings == 1 && log.keys == 2, "no \"%s\" in\n%s", part,
                      log.text);
        event_log_release(&log);
    }
    rdb_writer_release(w);
}

START_TEST(long_values_with_a_broken_end)
{
    struct rdb_writer w;
    struct packed_builder p;
    long_pairs(&p, true);
    put_long(&w, &p, 16);
    expect_long_finding(&w, "is there twice (at entry 299998)");

    long_pairs(&p, false);
    size_t back_len = p.blob.len - 2; /* of the last value: 102 bytes, before the terminator */
    ck_assert_uint_eq(p.blob.data[back_len], 102);
    p.blob.data[back_len] = 101;
    put_long(&w, &p, 16);
    expect_long_finding(&w, "an entry's back length is wrong");

    long_pairs(&p, false);
    p.blob.data[p.blob.len - 1] = 0;
    put_long(&w, &p, 16);
    expect_long_finding(&w, "it does not end with 0xff");
}
END_TEST

/* The last step of the compressed bytes asks for more of them than there are. */
START_TEST(long_values_that_do_not_unpack)
{
    for (unsigned type = 16; type <= 18; type += 2) {
        struct rdb_writer w;
        struct packed_builder p;
        long_pairs(&p, false);
        size_t at = put_long(&w, &p, type), step;
        do {
            step = at;
            at += w.data[at] < 32 ? w.data[at] + 2U : w.data[at] >> 5 == 7 ? 3 : 2;
        } while (at < w.len);
        ck_assert(at == w.len && w.data[step] < 31);
        w.data[step] = 31;
        expect_long_finding(&w, "it does not unpack from its");
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {bounded_memory, long_values_intact, long_values_with_a_broken_end,
                            long_values_that_do_not_unpack};
    return run_tests("parse_deep_long", tests, sizeof tests / sizeof *tests);
}
