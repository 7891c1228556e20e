/* The cursors: every encoding at the edges of its range, every size of batch and window, blobs longer than the window,
 * damage in every form, bounds. */
#include "expect_events.h"
#include "run_suite.h"

/* Walks one blob, stored as type `type`, with a batch and window; collects entries as text. */
struct walked {
    char text[20000];
    size_t len, batch, count;
    enum rdb_status status;
    struct rdb_error error;
};

static enum rdb_status walk(void *context, const struct rdb_event *event)
{
    struct walked *walked = context;
    struct rdb_string entries[64];
    if (event->kind != RDB_EVENT_PACKED)
        return RDB_OK;
    for (size_t n; (n = rdb_packed_read(&event->packed, entries, walked->batch)) > 0;) {
        ck_assert_uint_le(n, walked->batch);
        for (size_t i = 0; i < n; i++) {
            const uint8_t *bytes;
            size_t got = rdb_string_bytes(&entries[i], 30, &bytes);
            ck_assert_uint_eq(got, entries[i].len < 30 ? entries[i].len : 30);
            walked->len += (size_t)snprintf(walked->text + walked->len, sizeof walked->text - walked->len,
                                            "%s%zu:%.*s ", entries[i].form == RDB_STRING_INT ? "i" : "",
                                            (size_t)entries[i].len, (int)got, (const char *)bytes);
        }
        walked->count += n;
    }
    walked->status = rdb_packed_status(&event->packed, &walked->error);
    return RDB_OK;
}

/* Only what is longer than nothing is unpacked piece by piece: a bound of 1 does so to all. */
static const size_t unpack_bounds[] = {0, 1};
enum { RAW, UNPACKED_WHOLE, UNPACKED_PIECEWISE, STORED_FORMS };

/* As literals, which any blob can be compressed to. */
static void put_literals(struct rdb_writer *w, const struct rdb_writer *blob)
{
    struct rdb_writer steps;
    rdb_writer_init(&steps);
    for (size_t at = 0, part; at < blob->len; at += part) {
        part = blob->len - at < 32 ? blob->len - at : 32;
        put_u8(&steps, (unsigned)part - 1);
        put_bytes(&steps, blob->data + at, part);
    }
    put_lzf_claim(w, steps.data, steps.len, blob->len);
    rdb_writer_release(&steps);
}

static void walk_stored(struct walked *walked, unsigned type, const struct rdb_writer *blob, int form,
                        const struct rdb_options *options)
{
    struct rdb_writer w;
    struct rdb_source source;
    struct rdb_error error;
    begin(&w, "REDIS0011");
    put_key(&w, type, "k");
    if (form == RAW)
        put_string(&w, blob->data, blob->len);
    else
        put_literals(&w, blob);
    put_eof(&w);
    walked->len = walked->count = 0;
    walked->text[0] = '\0';
    ck_assert_int_eq(rdb_source_memory(&source, w.data, w.len, &error), RDB_OK);
    ck_assert_msg(rdb_parse(&source, options, walk, walked, &error) == RDB_OK, "%s", error.message);
    rdb_source_close(&source);
    rdb_writer_release(&w);
}

static void walk_blob(struct walked *walked, unsigned type, const struct rdb_writer *blob,
                      const struct rdb_options *options)
{
    walk_stored(walked, type, blob, RAW, options);
}

/* The entries are `expected`, shallow and deep, for every batch and window, raw and compressed. */
static void expect_entries(unsigned type, const struct packed_builder *p, const char *expected)
{
    static const size_t windows[] = {0, 1, 70, 129, 1000}, batches[] = {64, 1, 2, 7, 31};
    static struct walked walked;
    for (size_t i = 0; i < 50 * STORED_FORMS; i++) {
        int form = (int)(i / 50);
        const struct rdb_options options = {.window_bytes = windows[i % 5],
                                            .deep = i / 25 % 2,
                                            .max_unpack_bytes = unpack_bounds[form == UNPACKED_PIECEWISE]};
        walked.batch = batches[i / 5 % 5];
        walk_stored(&walked, type, &p->blob, form, &options);
        ck_assert_msg(walked.status == RDB_OK, "window %zu: %s", windows[i % 5], walked.error.message);
        ck_assert_msg(strcmp(walked.text, expected) == 0, "window %zu, batch %zu:\n%s\nnot\n%s", windows[i % 5],
                      walked.batch, walked.text, expected);
    }
}

static const int64_t edges[] = {0,         1,          9,          10,          12,          13,
                                99,        100,        127,        128,         -1,          -128,
                                -129,      4095,       4096,       -4096,       -4097,       32767,
                                32768,     -32768,     -32769,     8388607,     8388608,     -8388608,
                                -8388609,  2147483647, 2147483648, -2147483648, -2147483649, 999999999999999999,
                                INT64_MAX, INT64_MIN};
enum { EDGES = sizeof edges / sizeof *edges };

static void edge_texts(char *text, size_t size)
{
    size_t len = 0;
    for (size_t i = 0; i < EDGES; i++) {
        char number[24];
        int n = snprintf(number, sizeof number, "%lld", (long long)edges[i]);
        len += (size_t)snprintf(text + len, size - len, "i%d:%s ", n, number);
    }
}

START_TEST(integers)
{
    struct packed_builder p;
    char expected[2000];
    edge_texts(expected, sizeof expected);
    packed_init(&p);
    listpack_begin(&p);
    for (size_t i = 0; i < EDGES; i++)
        listpack_int(&p, edges[i]);
    listpack_end(&p);
    expect_entries(20, &p, expected);
    ziplist_begin(&p);
    for (size_t i = 0; i < EDGES; i++)
        ziplist_int(&p, edges[i]);
    ziplist_end(&p);
    expect_entries(10, &p, expected);
    packed_release(&p);
}
END_TEST

START_TEST(intsets)
{
    struct packed_builder p;
    packed_init(&p);
    for (unsigned width = 2; width <= 8; width *= 2) {
        char expected[64];
        int64_t low = width == 2 ? INT16_MIN : width == 4 ? INT32_MIN : INT64_MIN;
        intset_begin(&p, width);
        intset_add(&p, low);
        intset_add(&p, 7);
        intset_end(&p);
        snprintf(expected, sizeof expected, "i%d:%lld i1:7 ", width == 2 ? 6 : width == 4 ? 11 : 20, (long long)low);
        expect_entries(11, &p, expected);
    }
    packed_release(&p);
}
END_TEST

/* Lengths around every change of the length's and the back length's form; the last entry is one on whose back length
 * releases do not agree. */
START_TEST(lengths)
{
    static const size_t sizes[] = {0,     1,     63,    64,    65,    124,   125,   126,     127,  128,
                                   252,   253,   254,   255,   256,   300,   4094,  4095,    4096, 4097,
                                   16376, 16377, 16378, 16379, 16380, 16384, 70000, 2097146, 16378};
    enum { LONGEST = 2097146 };
    struct packed_builder p;
    char *text = malloc(LONGEST), expected[2000];
    size_t len = 0;
    memset(text, 'a', LONGEST);
    size_t count = sizeof sizes / sizeof *sizes;
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(expected + len, sizeof expected - len, "i1:5 %zu:%.*s ", sizes[i],
                                (int)(sizes[i] < 30 ? sizes[i] : 30), text);
    packed_init(&p);
    static struct walked walked;
    static const size_t windows[] = {0, 1, 100, 4097, 16384};
    for (size_t i = 0; i < 20; i++) {
        p.exact_limits = i >= 10;
        listpack_begin(&p);
        for (size_t k = 0; k < count; k++) {
            listpack_int(&p, 5);
            listpack_string(&p, text, sizes[k]);
        }
        listpack_end(&p);
        /* as a set it would have duplicates: a shallow walk, and a deep one's structure */
        const struct rdb_options options = {.window_bytes = windows[i % 5], .deep = i / 5 % 2};
        walked.batch = 1 + i % 10;
        walk_blob(&walked, 20, &p.blob, &options);
        ck_assert_msg(walked.status == RDB_OK, "%s", walked.error.message);
        ck_assert_str_eq(walked.text, expected);
    }
    ziplist_begin(&p);
    for (size_t i = 0; i < count; i++) {
        ziplist_int(&p, 5);
        ziplist_string(&p, text, sizes[i]);
    }
    ziplist_end(&p);
    expect_entries(10, &p, expected);
    packed_release(&p);
    free(text);
}
END_TEST

START_TEST(zipmaps)
{
    struct packed_builder p;
    char text[301], expected[200];
    memset(text, 'z', 300);
    text[300] = '\0';
    packed_init(&p);
    zipmap_begin(&p);
    zipmap_pair(&p, "field", "value", 0);
    zipmap_pair(&p, "", text, 4);
    zipmap_pair(&p, text, "v", 1);
    zipmap_end(&p);
    snprintf(expected, sizeof expected, "5:field 5:value 0: 300:%.30s 300:%.30s 1:v ", text, text);
    expect_entries(9, &p, expected);
    packed_release(&p);
}
END_TEST

/* ---- damage ---- */

static void expect_same_piecewise(const struct walked *walked, unsigned type, const struct rdb_writer *blob,
                                  struct rdb_options options)
{
    static struct walked piecewise;
    piecewise.batch = walked->batch;
    options.max_unpack_bytes = 1;
    walk_stored(&piecewise, type, blob, UNPACKED_PIECEWISE, &options);
    ck_assert_int_eq(piecewise.status, walked->status);
    ck_assert_str_eq(piecewise.text, walked->text);
}

/* Cut short, with every byte set to every value: no walk yields more than was put in, and what is damaged says so. */
START_TEST(every_byte_damaged)
{
    static const unsigned types[] = {20, 10, 11, 9};
    static struct walked walked;
    struct packed_builder p;
    packed_init(&p);
    if (_i == 0) {
        listpack_begin(&p);
        listpack_text(&p, "abc");
        listpack_int(&p, 300);
        listpack_end(&p);
    } else if (_i == 1) {
        ziplist_begin(&p);
        ziplist_text(&p, "abc");
        ziplist_int(&p, 300);
        ziplist_end(&p);
    } else if (_i == 2) {
        intset_begin(&p, 2);
        intset_add(&p, 1);
        intset_add(&p, 300);
        intset_end(&p);
    } else {
        zipmap_begin(&p);
        zipmap_pair(&p, "abc", "de", 2);
        zipmap_end(&p);
    }
    unsigned noticed = 0;
    for (size_t at = 0; at < p.blob.len; at++) {
        uint8_t was = p.blob.data[at];
        for (unsigned value = 0; value < 256; value++) {
            const struct rdb_options options = {.deep = value % 2};
            p.blob.data[at] = (uint8_t)value;
            walked.batch = 3;
            walk_blob(&walked, types[_i], &p.blob, &options);
            expect_same_piecewise(&walked, types[_i], &p.blob, options);
            ck_assert_uint_le(walked.count, p.blob.len);
            ck_assert(walked.status == RDB_OK || walked.status == RDB_ERR_CORRUPT);
            ck_assert(value != was || walked.status == RDB_OK);
            noticed += walked.status != RDB_OK;
        }
        p.blob.data[at] = was;
    }
    ck_assert_uint_gt(noticed, 100);
    for (size_t len = 0; len < p.blob.len; len++) {
        struct rdb_writer part = p.blob;
        const struct rdb_options options = {.window_bytes = 1};
        part.len = len;
        walk_blob(&walked, types[_i], &part, &options);
        ck_assert_msg(walked.status == RDB_ERR_CORRUPT, "%zu bytes of %zu", len, p.blob.len);
    }
    packed_release(&p);
}
END_TEST

START_TEST(damage_costs_one_key)
{
    struct rdb_writer w;
    struct packed_builder p;
    struct event_log log = {0};
    struct rdb_error error;
    packed_init(&p);
    listpack_begin(&p);
    listpack_text(&p, "only one entry of a pair");
    listpack_end(&p);
    begin(&w, "REDIS0011");
    put_key(&w, 16, "odd");
    put_packed(&w, &p);
    put_key(&w, 16, "int");
    put_int_string(&w, 5);
    put_key(&w, 16, "empty");
    put_text(&w, "");
    put_key(&w, 20, "fine");
    put_packed(&w, &p);
    put_eof(&w);
    ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, NULL, &error), RDB_OK);
    ck_assert_uint_eq(log.keys, 4);
    ck_assert_uint_eq(log.damaged, 3);
    ck_assert(strstr(log.text, "its 1 entries do not come in groups of 2") != NULL);
    ck_assert(strstr(log.text, "it is stored as an integer") != NULL);
    ck_assert(strstr(log.text, "it is too short") != NULL);
    event_log_release(&log);
    /* a fault in the header is found though nobody walks; one among the entries is not, unless deep */
    struct event_log left = {.leave_packed = true}, left_deep = {.leave_packed = true};
    const struct rdb_options deep = {.deep = true};
    event_log_parse(&left, w.data, w.len, 0, NULL, &error);
    event_log_parse(&left_deep, w.data, w.len, 0, &deep, &error);
    ck_assert_uint_eq(left.damaged, 2);
    ck_assert_uint_eq(left_deep.damaged, 3);
    event_log_release(&left);
    event_log_release(&left_deep);
    rdb_writer_release(&w);
    packed_release(&p);
}
END_TEST

/* ---- compressed ---- */

START_TEST(compressed)
{
    struct rdb_writer w;
    struct packed_builder p;
    packed_init(&p);
    intset_begin(&p, 8);
    for (int64_t i = 0; i < 40; i++)
        intset_add(&p, i);
    intset_end(&p);
    begin(&w, "REDIS0011");
    put_key(&w, 11, "k");
    put_packed_lzf(&w, &p);
    put_eof(&w);
    static const size_t windows[] = {0, 1};
    for (int i = 0; i < 2; i++) {
        struct event_log log = {0};
        struct rdb_error error;
        const struct rdb_options options = {.window_bytes = windows[i]};
        ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, &options, &error), RDB_OK);
        ck_assert(strstr(log.text, " lzf ") && strstr(log.text, "entry=int 2/8:39\n"));
        ck_assert(i == 1 ||
                  strstr(log.text, "width=8 count=40")); /* known before it is unpacked, if it is in the window */
        event_log_release(&log);
    }
    rdb_writer_release(&w);
    packed_release(&p);
}
END_TEST

/* What is too long to be unpacked whole is walked all the same; what cannot be unpacked costs its key, either way. */
START_TEST(bounds_of_unpacking)
{
    struct rdb_writer w;
    struct packed_builder p;
    char text[3000];
    memset(text, 'l', sizeof text);
    packed_init(&p);
    listpack_begin(&p);
    listpack_string(&p, text, sizeof text);
    listpack_end(&p);
    begin(&w, "REDIS0011");
    put_key(&w, 20, "large");
    put_packed_lzf(&w, &p);
    put_key(&w, 20, "bomb"); /* three bytes cannot hold a gigabyte */
    put_lzf_claim(&w, "\x01xy", 3, UINT64_C(1) << 30);
    put_key(&w, 20, "broken");
    put_lzf_claim(&w, "\x1fxy", 3, 100);
    put_eof(&w);
    for (size_t i = 0; i < 8; i++) {
        struct event_log log = {0};
        struct rdb_error error;
        const struct rdb_options options = {
            .max_unpack_bytes = i % 2 ? 1000 : 50, .window_bytes = i / 2 % 2 ? 1 : 0, .deep = i / 4};
        ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, &options, &error), RDB_OK);
        ck_assert(strstr(log.text, " entry=3000/3000:llll") != NULL);
        ck_assert(strstr(log.text, "its 3 compressed bytes cannot hold that") != NULL);
        ck_assert(strstr(log.text, "it does not unpack from its 3 compressed bytes") != NULL);
        ck_assert_uint_eq(log.damaged, 2);
        event_log_release(&log);
    }
    rdb_writer_release(&w);
    packed_release(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parse_packed");
    TCase *tests = tcase_create("packed");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, integers);
    tcase_add_test(tests, intsets);
    tcase_add_test(tests, lengths);
    tcase_add_test(tests, zipmaps);
    tcase_add_loop_test(tests, every_byte_damaged, 0, 4);
    tcase_add_test(tests, damage_costs_one_key);
    tcase_add_test(tests, compressed);
    tcase_add_test(tests, bounds_of_unpacking);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
