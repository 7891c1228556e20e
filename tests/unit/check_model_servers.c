#include "model_fixture.h"

/* By id: a line, a release of a line, the newest line of a major version. */
START_TEST(test_by_id)
{
    static const struct {
        const char *asked, *id;
    } rows[] = {{"redis-7.2", "redis-7.2"},
                {"redis-7.2.4", "redis-7.2"},
                {"redis-7", "redis-7.4"},
                {"Redis-8", "redis-8.8"},
                {"valkey-8", "valkey-8.1"},
                {"valkey-9.1.0", "valkey-9.1"},
                {"redis-2.8.24", "redis-2.8"},
                {"redis-7.1", NULL},
                {"redis-9", NULL},
                {"redis-", NULL},
                {"keydb-6", NULL},
                {"redis-7.x", NULL},
                {"", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct server_model *model = server_by_id(rows[i].asked);
        if (rows[i].id)
            ck_assert_str_eq(model ? model->id : "none", rows[i].id);
        else
            ck_assert_msg(model == NULL, "%s found %s", rows[i].asked, model ? model->id : "");
    }
}
END_TEST

START_TEST(test_for_snapshot)
{
    static const struct {
        enum server_family family;
        const char *version;
        bool is_keydb;
        unsigned rdb_version;
        const char *id;
        enum server_match match;
    } rows[] = {
        {SERVER_REDIS, "7.0.15", false, 10, "redis-7.0", SERVER_EXACT},
        {SERVER_REDIS, "7.2", false, 11, "redis-7.2", SERVER_EXACT},
        {SERVER_REDIS, "8.1.240", false, 12, "redis-8.0", SERVER_NEAREST},
        {SERVER_REDIS, "2.4.18", false, 2, "redis-2.8", SERVER_NEAREST},
        {SERVER_REDIS, "3.0.7", false, 6, "redis-3.0", SERVER_EXACT},
        {SERVER_REDIS, "3.1.9", false, 6, "redis-3.0", SERVER_NEAREST},
        {SERVER_REDIS, "9.4.1", false, 15, "redis-8.8", SERVER_NEWER},
        {SERVER_REDIS, "255.255.255", false, 15, "redis-8.8", SERVER_NEWER},
        {SERVER_REDIS, "255.255.255", false, 14, "redis-8.8", SERVER_BY_VERSION},
        {SERVER_REDIS, "255.255.255", false, 10, "redis-7.0", SERVER_BY_VERSION},
        {SERVER_VALKEY, "255.255.255", false, 80, "valkey-9.1", SERVER_BY_VERSION},
        {SERVER_VALKEY, "255.255.255", false, 81, "valkey-9.1", SERVER_NEWER},
        {SERVER_VALKEY, "9.2.0", false, 81, "valkey-9.1", SERVER_NEWER},
        {SERVER_VALKEY, "8.1.3", false, 11, "valkey-8.1", SERVER_EXACT},
        {SERVER_REDIS, "6.3.4", true, 9, "redis-6.2", SERVER_NEAREST},
        {SERVER_REDIS, NULL, false, 9, "redis-6.2", SERVER_BY_VERSION},
        {SERVER_REDIS, "", false, 6, "redis-3.0", SERVER_BY_VERSION},
        {SERVER_REDIS, "unknown", false, 7, "redis-3.2", SERVER_BY_VERSION},
        {SERVER_REDIS, NULL, false, 1, "redis-2.8", SERVER_BY_VERSION},
        {SERVER_REDIS, NULL, false, 99, "redis-8.8", SERVER_BY_VERSION},
        {SERVER_VALKEY, NULL, false, 80, "valkey-9.1", SERVER_BY_VERSION},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum server_match match;
        const struct server_model *model =
            server_for_snapshot(rows[i].family, rows[i].version, rows[i].is_keydb, rows[i].rdb_version, &match);
        ck_assert_str_eq(model->id, rows[i].id);
        ck_assert_int_eq(match, rows[i].match);
    }
}
END_TEST

/* Rows are complete, in order, and each finds itself. */
START_TEST(test_rows)
{
    size_t count;
    const struct server_model *rows = server_models(&count);
    ck_assert_uint_ge(count, 20);
    for (size_t i = 0; i < count; i++) {
        const struct server_model *m = &rows[i];
        ck_assert_ptr_eq(server_by_id(m->id), m);
        ck_assert(m->keyspace && m->string && m->list && m->set && m->zset && m->hash && m->defaults);
        ck_assert(m->title && m->releases && m->source);
        if (i > 0 && rows[i - 1].family == m->family)
            ck_assert(rows[i - 1].major < m->major || (rows[i - 1].major == m->major && rows[i - 1].minor < m->minor));
        if (i > 0)
            ck_assert_int_ge(m->family, rows[i - 1].family);
    }
}
END_TEST

/* An object of `count` elements: texts of lengths around every limit of a header or an entry, numbers of every width,
 * whole and broken scores, and with `expires` fields some of which expire. */
static void build(struct shape *shape, enum object_type type, unsigned count, bool expires)
{
    static const uint64_t lens[] = {0, 1, 31, 32, 40, 63, 64, 126, 127, 128, 252, 253, 255, 256, 300, 4096};
    enum { LENS = sizeof lens / sizeof *lens };
    shape_begin(shape, type, expires ? ORIGIN_FIELD_EXPIRES : ORIGIN_ELEMENTS, count);
    for (unsigned k = 0; k < count; k++) {
        int64_t number = (int64_t)((UINT64_C(1) << 7 * (k % 9)) + k) * (k % 4 == 3 ? -1 : 1);
        struct shape_text one = k % 3 ? text_of_len(lens[k % LENS]) : text_of_integer(number, k % 2);
        struct shape_text other = k % 5 ? text_of_len(lens[k / 2 % LENS]) : text_of_integer(-number, false);
        if (type == OBJECT_SET)
            shape_set_member(shape, &one);
        else if (type == OBJECT_ZSET)
            shape_zset_member(shape, &one, k % 2 ? (double)number : (double)number / 7);
        else
            shape_hash_field(shape, &one, &other, expires && k % 3 == 1 ? 2000000000000 + k : 0);
    }
    shape_end(shape, 100);
}

static void check_alone(const struct plan *all, size_t view, const struct shape *shape, enum object_type type,
                        unsigned count, bool expires)
{
    struct plan *one = plan_new(plan_view(all, view), 1);
    struct shape *alone = shape_new(one);
    const struct key_facts key = {.name_len = 9};
    struct cost in_all, by_itself;
    build(alone, type, count, expires);
    model_cost(all, view, NULL, shape, &key, &in_all);
    model_cost(one, 0, NULL, alone, &key, &by_itself);
    ck_assert_msg(in_all.size_in_bytes == by_itself.size_in_bytes && in_all.memory_usage == by_itself.memory_usage &&
                      shape_payload(shape) == shape_payload(alone) && shape_longest(shape) == shape_longest(alone),
                  "%s: type %d of %u", plan_view(all, view)->server->id, type, count);
    shape_free(alone);
    plan_free(one);
}

/* A plan takes every server on every allocator, and costs the same as a plan of that view alone: what is added by rows
 * in one is added lane by lane in the other. */
START_TEST(test_plan_of_all)
{
    static const enum object_type types[] = {OBJECT_SET, OBJECT_ZSET, OBJECT_HASH};
    static const unsigned counts[] = {1, 3, 16, 100, 600};
    size_t count;
    const struct server_model *rows = server_models(&count);
    struct plan_view views[PLAN_MAX_VIEWS];
    for (size_t i = 0; i < count; i++)
        views[i] = (struct plan_view){&rows[i], allocator_get((enum allocator_id)_i), *rows[i].defaults};
    struct plan *all = plan_new(views, count);
    struct shape *shape = shape_new(all);
    for (size_t k = 0; k < 2 * 3 * (sizeof counts / sizeof *counts); k++) {
        enum object_type type = types[k / 2 % 3];
        bool expires = k % 2 && type == OBJECT_HASH;
        build(shape, type, counts[k / 6], expires);
        for (size_t i = 0; i < count; i++)
            check_alone(all, i, shape, type, counts[k / 6], expires);
    }
    shape_free(shape);
    plan_free(all);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_servers");
    TCase *tc = tcase_create("model_servers");
    tcase_add_test(tc, test_by_id);
    tcase_add_test(tc, test_for_snapshot);
    tcase_add_test(tc, test_rows);
    tcase_add_loop_test(tc, test_plan_of_all, 0, ALLOCATOR_COUNT);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
