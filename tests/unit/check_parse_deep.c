/* What only a deep parse finds, and that it finds nothing in what servers write. */
#include "expect_events.h"

static const struct rdb_options deep = {.deep = true};

/* The finding's text is there deep, and nothing is found without. */
static void expect_finding(struct rdb_writer *w, const char *part)
{
    struct event_log log = {0}, shallow = {0};
    struct rdb_error error;
    put_string_key(w, "next", "key");
    put_eof(w);
    ck_assert_int_eq(event_log_parse(&log, w->data, w->len, 0, &deep, &error), RDB_OK);
    ck_assert_msg(strstr(log.text, part) != NULL && log.damaged == 1 && log.keys == 2, "no \"%s\" in\n%s", part,
                  log.text);
    ck_assert_int_eq(event_log_parse(&shallow, w->data, w->len, 0, NULL, &error), RDB_OK);
    ck_assert_msg(shallow.damaged == 0, "found without deep:\n%s", shallow.text);
    event_log_release(&log);
    event_log_release(&shallow);
    rdb_writer_release(w);
}

static void put_listpack_key(struct rdb_writer *w, unsigned type, const char *const *texts, size_t count)
{
    struct packed_builder p;
    packed_init(&p);
    listpack_begin(&p);
    for (size_t i = 0; i < count; i++)
        listpack_text(&p, texts[i]);
    listpack_end(&p);
    put_key(w, type, "k");
    if (type == 25)
        put_le(w, 1, 8);
    put_packed(w, &p);
    packed_release(&p);
}

START_TEST(duplicates)
{
    static const char *const twice[] = {"a", "b", "a", "c"};
    static const unsigned elements[] = {2, 4};
    struct rdb_writer w;
    for (unsigned i = 0; i < 2; i++) {
        begin(&w, "REDIS0011");
        put_key(&w, elements[i], "k");
        put_len(&w, 4 / elements[i] * (i + 1) == 2 ? 2 : 4 / (i + 1));
        for (int j = 0; j < 4; j++)
            put_text(&w, twice[j]);
        if (i == 0)
            damage_splice(&w, 12, 1, "\x04", 1);
        expect_finding(&w, "is there twice");
    }
    begin(&w, "REDIS0009"); /* a set of Dragonfly: each member with its expiry */
    put_key(&w, 32, "k");
    put_len(&w, 2);
    for (int j = 0; j < 2; j++) {
        put_text(&w, "a");
        put_int_string(&w, -1);
    }
    expect_finding(&w, "is there twice");
    begin(&w, "REDIS0011");
    put_listpack_key(&w, 20, twice, 4);
    expect_finding(&w, "is there twice (at entry 2)");
    begin(&w, "REDIS0011");
    put_listpack_key(&w, 16, twice, 4);
    expect_finding(&w, "is there twice (at entry 2)");
}
END_TEST

/* Fields that a hash brings for its template (redis 8.10), in a listpack and one by one. */
START_TEST(duplicates_in_templates)
{
    for (unsigned form = 0; form < 2; form++) {
        struct rdb_writer w;
        begin(&w, "REDIS0015");
        put_key(&w, 31, "k");
        put_len(&w, form);
        if (form == 0) {
            struct packed_builder p;
            packed_init(&p);
            listpack_begin(&p);
            listpack_text(&p, "a");
            listpack_text(&p, "a");
            listpack_end(&p);
            put_packed(&w, &p);
            packed_release(&p);
        } else {
            put_len(&w, 2);
            put_text(&w, "a");
            put_text(&w, "a");
        }
        put_text(&w, "1");
        put_text(&w, "2");
        expect_finding(&w, "is there twice");
    }
}
END_TEST

/* 12 as an integer and as text is one member. */
START_TEST(duplicates_of_another_form)
{
    struct rdb_writer w;
    begin(&w, "REDIS0011");
    put_key(&w, 2, "k");
    put_len(&w, 2);
    put_int_string(&w, 12);
    put_text(&w, "12");
    expect_finding(&w, "is there twice");
}
END_TEST

START_TEST(sorted_sets_and_expiries)
{
    const char *scores[] = {"a", "1", "b", "nan"};
    static const char *const expiries[] = {"a", "v", "500", "b", "v", "400"};
    static const char *const no_expiry[] = {"a", "v", "soon"};
    struct rdb_writer w;
    begin(&w, "REDIS0011");
    put_listpack_key(&w, 17, scores, 4);
    expect_finding(&w, "a score is not a number (at entry 3)");
    begin(&w, "REDIS0011"); /* longer than any number that a server writes */
    scores[1] =
        "1111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111"
        "1111111111111111111111111111111111111111";
    scores[3] = "2";
    put_listpack_key(&w, 17, scores, 4);
    expect_finding(&w, "a score is not a number (at entry 1)");
    begin(&w, "REDIS0012");
    struct packed_builder p;
    packed_init(&p);
    listpack_begin(&p);
    for (int i = 0; i < 6; i++)
        i % 3 == 2 ? listpack_int(&p, atoi(expiries[i])) : listpack_text(&p, expiries[i]);
    listpack_end(&p);
    put_key(&w, 25, "k");
    put_le(&w, 400, 8);
    put_packed(&w, &p);
    packed_release(&p);
    expect_finding(&w, "not in the order of their expiry (at entry 5)");
    begin(&w, "REDIS0012");
    put_listpack_key(&w, 25, no_expiry, 3);
    expect_finding(&w, "expiry is no integer");
}
END_TEST

START_TEST(packed_forms)
{
    struct rdb_writer w;
    struct packed_builder p;
    packed_init(&p);
    intset_begin(&p, 2);
    intset_add(&p, 5);
    intset_add(&p, 5);
    intset_end(&p);
    begin(&w, "REDIS0011");
    put_key(&w, 11, "k");
    put_packed(&w, &p);
    expect_finding(&w, "integers do not ascend (at entry 1)");
    listpack_begin(&p);
    listpack_text(&p, "abc");
    listpack_end(&p);
    begin(&w, "REDIS0011");
    put_key(&w, 20, "k");
    put_packed(&w, &p);
    damage_flip(&w, w.len - 2, 1); /* the back length */
    expect_finding(&w, "an entry's back length is wrong");
    ziplist_begin(&p);
    ziplist_text(&p, "abc");
    ziplist_text(&p, "def");
    ziplist_end(&p);
    begin(&w, "REDIS0009");
    put_key(&w, 10, "k");
    put_packed(&w, &p);
    damage_flip(&w, w.len - 6, 1); /* the length of the entry before */
    expect_finding(&w, "of the one before it");
    begin(&w, "REDIS0009");
    put_key(&w, 10, "k");
    put_packed(&w, &p);
    damage_flip(&w, w.len - 17, 4); /* the tail offset */
    expect_finding(&w, "tail offset is not where the last entry starts");
    zipmap_begin(&p);
    zipmap_pair(&p, "abc", "de", 0);
    zipmap_end(&p);
    begin(&w, "REDIS0003");
    put_key(&w, 9, "k");
    size_t at = w.len + 1;
    put_packed(&w, &p);
    damage_flip(&w, at, 1 ^ 255); /* the count becomes the end mark */
    expect_finding(&w, "its count is the end mark");
    packed_release(&p);
}
END_TEST

START_TEST(compressed_strings)
{
    struct rdb_writer w;
    begin(&w, "REDIS0011");
    put_key(&w, 0, "k");
    put_lzf_claim(&w,
                  "\x01"
                  "ab",
                  3, 5);
    expect_finding(&w, "does not unpack to its 5 bytes");
}
END_TEST

/* Strings whose compressed form is longer than the window are checked as they pass; so are names that are held. */
START_TEST(long_compressed_strings)
{
    enum { LEN = 1 << 20, STORED_MIN = 300000 };
    static const size_t windows[] = {0, 64, 5000};
    static uint8_t text[LEN];
    uint32_t random = 1;
    for (size_t i = 0; i < LEN; i++)
        text[i] = (uint8_t)('a' + ((random = random * 1664525 + 1013904223) >> 24) % 8);
    for (unsigned damaged = 0; damaged < 2; damaged++) {
        struct rdb_writer w;
        begin(&w, "REDIS0011");
        put_key(&w, 4, "h");
        put_len(&w, 2);
        size_t ends[4];
        for (int i = 0; i < 4; i++) {
            size_t before = w.len;
            ck_assert(put_lzf_string(&w, text, LEN - (size_t)i));
            ends[i] = w.len;
            ck_assert_uint_gt(ends[i] - before, STORED_MIN);
        }
        put_eof(&w);
        for (int i = 0; i < 4 && damaged; i++)
            w.data[ends[i] - 1 - (size_t)i] = 0x1F; /* literals that are not there, or too long a way back */
        for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
            const struct rdb_options options = {.deep = true, .window_bytes = windows[i], .skip_checksum = true};
            struct event_log log = {.skip_values = true};
            struct rdb_error error;
            struct rdb_source source;
            ck_assert_int_eq(rdb_source_memory(&source, w.data, w.len, &error), RDB_OK);
            ck_assert_int_eq(rdb_parse(&source, &options, event_log_sink, &log, &error), RDB_OK);
            ck_assert_msg(log.damaged == damaged, "window %zu: %s", windows[i], log.text);
            rdb_source_close(&source);
            event_log_release(&log);
        }
        rdb_writer_release(&w);
    }
}
END_TEST

/* Servers leave empty nodes out, and lists of nothing else: said, without calling it damage. */
START_TEST(lists_of_empty_nodes)
{
    static const unsigned types[] = {10, 14, 18};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct rdb_writer w;
        struct packed_builder p;
        struct event_log log = {0};
        struct rdb_error error;
        packed_init(&p);
        types[i] == 18 ? listpack_begin(&p) : ziplist_begin(&p);
        types[i] == 18 ? listpack_end(&p) : ziplist_end(&p);
        begin(&w, "REDIS0011");
        put_key(&w, types[i], "k");
        for (int nodes = types[i] == 10 ? 1 : 2, left = nodes; left; left--) {
            if (nodes == 2 && left == 2)
                put_len(&w, 2);
            if (types[i] == 18)
                put_len(&w, 2);
            put_packed(&w, &p);
        }
        put_eof(&w);
        ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, &deep, &error), RDB_OK);
        ck_assert_msg(log.damaged == 0 && strstr(log.text, "an empty list, which a server passes over") != NULL,
                      "type %u:\n%s", types[i], log.text);
        event_log_release(&log);
        packed_release(&p);
        rdb_writer_release(&w);
    }
}
END_TEST

/* ---- streams ---- */

struct node_plan {
    uint64_t live, deleted, seq_delta[2];
    bool same_deleted;
    int64_t master_end;
    int64_t fields;       /* of the master entry, if not 0; else one */
    int64_t entry_fields; /* of entries, which then do not have the master entry's */
};

static void put_node(struct rdb_writer *w, uint64_t ms, const struct node_plan *plan)
{
    struct packed_builder p;
    packed_init(&p);
    listpack_begin(&p);
    listpack_int(&p, (int64_t)plan->live);
    listpack_int(&p, (int64_t)plan->deleted);
    listpack_int(&p, plan->fields ? plan->fields : 1);
    listpack_text(&p, "f");
    listpack_int(&p, plan->master_end);
    for (int i = 0; i < 2; i++) {
        listpack_int(&p, (plan->entry_fields ? 0 : 2) | (i == 1 && plan->same_deleted));
        listpack_int(&p, 0);
        listpack_int(&p, (int64_t)plan->seq_delta[i]);
        if (plan->entry_fields)
            listpack_int(&p, plan->entry_fields);
        listpack_text(&p, "v");
        listpack_int(&p, 4);
    }
    listpack_end(&p);
    put_id_string(w, ms, 0);
    put_packed(w, &p);
    packed_release(&p);
}

static void put_stream_end(struct rdb_writer *w, uint64_t length)
{
    put_len(w, length);
    put_id_lens(w, 5, 1);
    put_len(w, 0);
}

START_TEST(stream_nodes)
{
    static const struct {
        struct node_plan plan;
        const char *part;
    } rows[] = {
        {{2, 0, {0, 1}, false, 0}, NULL},
        {{1, 1, {0, 1}, true, 0}, NULL},
        {{2, 0, {0, 1}, true, 0}, "count of deleted entries is wrong"},
        {{3, 0, {0, 1}, false, 0}, "count of deleted entries is wrong"},
        {{0, 2, {0, 1}, true, 0}, "has no entry that is not deleted"},
        {{2, 0, {1, 1}, false, 0}, "ids do not ascend"},
        {{2, 0, {0, 1}, false, 7}, "master entry does not end with 0"},
        {{2, 0, {0, 1}, false, 0, .fields = -1}, "a count is negative"},
        {{2, 0, {0, 1}, false, 0, .entry_fields = -1}, "a count is negative"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rdb_writer w;
        begin(&w, "REDIS0009");
        put_key(&w, 15, "s");
        put_len(&w, 1);
        put_node(&w, 5, &rows[i].plan);
        put_stream_end(&w, rows[i].plan.same_deleted ? 1 : 2);
        if (rows[i].part) {
            expect_finding(&w, rows[i].part);
            continue;
        }
        struct event_log log = {0};
        struct rdb_error error;
        put_eof(&w);
        ck_assert_int_eq(event_log_parse(&log, w.data, w.len, 0, &deep, &error), RDB_OK);
        ck_assert_msg(log.findings == 0, "row %zu: %s", i, log.text);
        event_log_release(&log);
        rdb_writer_release(&w);
    }
}
END_TEST

START_TEST(stream_lengths_and_order)
{
    static const struct node_plan fine = {2, 0, {0, 1}, false, 0};
    struct rdb_writer w;
    begin(&w, "REDIS0009");
    put_key(&w, 15, "s");
    put_len(&w, 1);
    put_node(&w, 5, &fine);
    put_stream_end(&w, 3);
    expect_finding(&w, "length is not the number of its entries");
    begin(&w, "REDIS0009");
    put_key(&w, 15, "s");
    put_len(&w, 2);
    put_node(&w, 5, &fine);
    put_node(&w, 5, &fine);
    put_stream_end(&w, 4);
    expect_finding(&w, "ids do not ascend");
    begin(&w, "REDIS0009");
    put_key(&w, 15, "s");
    put_len(&w, 1);
    put_node(&w, 6, &fine);
    put_stream_end(&w, 2);
    expect_finding(&w, "last id is lower than an entry's");
}
END_TEST

/* One group of `pending` ids 1-0, 2-0, ...; then consumers with the ids given, each list ended by 0. */
static void put_group(struct rdb_writer *w, uint64_t pending, const uint64_t *owned, unsigned consumers)
{
    put_key(w, 15, "s");
    put_len(w, 0);
    put_len(w, 0);
    put_id_lens(w, 9, 0);
    put_len(w, 1);
    put_text(w, "g");
    put_id_lens(w, 9, 0);
    put_len(w, pending);
    for (uint64_t i = 1; i <= pending; i++) {
        put_id_raw(w, i, 0);
        put_le(w, 1, 8);
        put_len(w, 1);
    }
    put_len(w, consumers);
    for (unsigned i = 0; i < consumers; i++) {
        uint64_t count = 0;
        while (owned[count])
            count++;
        put_text(w, i ? "second" : "first");
        put_le(w, 1, 8);
        put_len(w, count);
        for (; *owned; owned++)
            put_id_raw(w, *owned, 0);
        owned++;
    }
}

START_TEST(pending_lists)
{
    struct rdb_writer w;
    begin(&w, "REDIS0009");
    put_group(&w, 2, (const uint64_t[]){1, 3, 2, 0}, 1);
    expect_finding(&w, "is not the group's");
    begin(&w, "REDIS0009");
    put_group(&w, 2, (const uint64_t[]){1, 2, 0, 2, 0}, 2);
    expect_finding(&w, "has two owners");
    begin(&w, "REDIS0009");
    put_group(&w, 2, (const uint64_t[]){1, 0}, 1);
    expect_finding(&w, "has no owner");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {duplicates,
                            duplicates_in_templates,
                            duplicates_of_another_form,
                            sorted_sets_and_expiries,
                            packed_forms,
                            compressed_strings,
                            long_compressed_strings,
                            lists_of_empty_nodes,
                            stream_nodes,
                            stream_lengths_and_order,
                            pending_lists};
    return run_tests("parse_deep", tests, sizeof tests / sizeof *tests);
}
