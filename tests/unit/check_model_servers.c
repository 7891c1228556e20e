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

/* A plan takes every server on every allocator, and costs the same as a plan of that view alone. */
START_TEST(test_plan_of_all)
{
    size_t count;
    const struct server_model *rows = server_models(&count);
    struct plan_view views[PLAN_MAX_VIEWS];
    for (int allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
        for (size_t i = 0; i < count; i++)
            views[i] = (struct plan_view){&rows[i], allocator_get((enum allocator_id)allocator), *rows[i].defaults};
        struct plan *all = plan_new(views, count);
        struct shape *shape = shape_new(all);
        shape_begin(shape, OBJECT_HASH, ORIGIN_ELEMENTS, 3);
        for (uint64_t k = 0; k < 3; k++) {
            struct shape_text field = text_of_integer(100 + (int64_t)k, false), value = text_of_len(40 * k + 3);
            shape_hash_field(shape, &field, &value, 0);
        }
        shape_end(shape, 100);
        for (size_t i = 0; i < count; i++) {
            struct plan *one = plan_new(&views[i], 1);
            struct shape *alone = shape_new(one);
            shape_begin(alone, OBJECT_HASH, ORIGIN_ELEMENTS, 3);
            for (uint64_t k = 0; k < 3; k++) {
                struct shape_text field = text_of_integer(100 + (int64_t)k, false), value = text_of_len(40 * k + 3);
                shape_hash_field(alone, &field, &value, 0);
            }
            shape_end(alone, 100);
            struct key_facts key = {.name_len = 9};
            struct cost in_all, by_itself;
            model_cost(all, i, NULL, shape, &key, &in_all);
            model_cost(one, 0, NULL, alone, &key, &by_itself);
            ck_assert_uint_eq(in_all.size_in_bytes, by_itself.size_in_bytes);
            ck_assert_uint_eq(in_all.memory_usage, by_itself.memory_usage);
            shape_free(alone);
            plan_free(one);
        }
        shape_free(shape);
        plan_free(all);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_servers");
    TCase *tc = tcase_create("model_servers");
    tcase_add_test(tc, test_by_id);
    tcase_add_test(tc, test_for_snapshot);
    tcase_add_test(tc, test_rows);
    tcase_add_test(tc, test_plan_of_all);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
