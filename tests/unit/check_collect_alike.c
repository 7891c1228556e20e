/* Strings alike are counted and summed up together; everything comes out as if each had been added by itself. */
#include <string.h>

#include "collect/alike.h"
#include "collect/group_table.h"
#include "collect_inventory.h"
#include "collect_objects.h"
#include "collect_parts.h"
#include "model/packed_hash.h"
#include "run_suite.h"
#include "string_kind.h"

enum { RECORDS = 3000, VALUE_MAX = 64 };

static const int64_t now_ms = INT64_C(1700000000000);

/* Three ways to add the same records. */
struct ways {
    struct plan *plan;
    struct shape *shape;
    struct part together, each; /* each: nothing waits when the next one comes */
    unsigned count, plain;      /* records so far; those that `together` took without one */
    struct inventory *inventory;
    struct group_table groups;
};

static void ways_init(struct ways *ways, const struct server_model *server, bool with_libc,
                      struct collect_limits limits, bool with_all)
{
    static const struct file_facts file = {.path = "made up"};
    struct plan_view views[2] = {{server, allocator_get(ALLOCATOR_JEMALLOC_8), *server->defaults},
                                 {server, allocator_get(ALLOCATOR_LIBC), *server->defaults}};
    if (with_libc)
        views[0].allocator = views[1].allocator;
    ways->plan = plan_new(views, 2);
    ways->shape = shape_new(ways->plan);
    ways->together =
        with_all ? part_new(ways->plan, &file, now_ms, limits) : part_of(ways->plan, &file, now_ms, limits, NULL);
    ways->each =
        with_all ? part_new(ways->plan, &file, now_ms, limits) : part_of(ways->plan, &file, now_ms, limits, NULL);
    ways->count = ways->plain = 0;
    ways->inventory = inventory_new(now_ms);
    group_table_init(&ways->groups, limits.groups ? limits.groups : GROUP_MAX);
}

static void ways_release(struct ways *ways)
{
    group_table_release(&ways->groups);
    inventory_free(ways->inventory);
    part_free(&ways->each);
    part_free(&ways->together);
    shape_free(ways->shape);
    plan_free(ways->plan);
}

/* As record_builder_plain says. */
static bool is_plain(const struct record *record, struct plain_string *plain)
{
    bool has_more = record->has_expiry || record->has_idle || record->has_frequency || record->damaged;
    if (record->type != OBJECT_STRING || has_more || record->facts.metadata_classes || record->value_bytes ||
        (record->elements | record->db | record->key_len) >> PLAIN_STRING_BITS)
        return false;
    *plain = (struct plain_string){.name = record->key,
                                   .name_len = (uint32_t)record->key_len,
                                   .len = (uint32_t)record->elements,
                                   .db = record->db,
                                   .saved = record->stored_saved,
                                   .flags = string_kind_flags(shape_string_text(record->shape))};
    return true;
}

/* Half of the plain strings are offered without a record first. */
static void add_together(struct ways *ways, struct record *record)
{
    struct plain_string plain;
    if (ways->count++ % 2 && is_plain(record, &plain) && collection_add_plain(ways->together.collection, &plain)) {
        keyspace_add_string(ways->together.keyspace, record->db);
        ways->plain++;
    } else {
        part_add(&ways->together, record);
    }
}

static void ways_add(struct ways *ways, const struct record *record)
{
    struct record together = *record, each = *record, by_itself = *record;
    add_together(ways, &together);
    part_add(&ways->each, &each);
    collection_context(ways->each.collection);
    record_cost(&by_itself, ways->plan);
    inventory_add(ways->inventory, &by_itself);
    if (!record->damaged)
        group_table_add(&ways->groups, &by_itself);
}

/* ---- records -------------------------------------------------------------------------------------------------------
 */

struct made {
    char name[40], value[VALUE_MAX];
    struct record record;
};

/* One of the first `count` numbers, each about half as often as the one before it. */
static size_t skewed(uint64_t *seed, size_t count)
{
    size_t number = (size_t)__builtin_ctzll(next_random(seed) | UINT64_C(1) << 63);
    return number % count;
}

static uint64_t pick(uint64_t *seed, const uint64_t *from, size_t count)
{
    return from[skewed(seed, count)];
}
#define PICK(seed, array) pick((seed), (array), sizeof(array) / sizeof *(array))

/* The text of a value: few lengths and numbers, so that many are alike but for one thing. */
static struct shape_text random_text(struct made *made, uint64_t *seed)
{
    static const char *const number[] = {"7", "4321", "-321", "12345", "0", "9999", "10000", "1099511627776"};
    static const uint64_t length[] = {5, 12, 300, 200000, 1, 43, 44, 45, 16384, 400000};
    static const char *const text[] = {"007", "1.50", " 5", "{\"a\":1,\"b\":\"text\"}", "{\"a\":", "HYLL"};
    size_t kind = skewed(seed, 3);
    if (kind == 0) {
        struct shape_text plain = {.len = PICK(seed, length)};
        return plain;
    }
    const char *chosen = kind == 1 ? number[skewed(seed, sizeof number / sizeof *number)]
                                   : text[skewed(seed, sizeof text / sizeof *text)];
    size_t len = strlen(chosen);
    memcpy(made->value, chosen, len);
    struct shape_text written = shape_text_of((const uint8_t *)made->value, len);
    written.stored_as_integer = written.is_integer && next_random(seed) % 2;
    made->record.value = (const uint8_t *)made->value;
    made->record.value_bytes = (uint32_t)len;
    made->record.value_weight = next_random(seed) % 2 ? 1 : RECORD_DOCUMENTS_THEN;
    return written;
}

static void add_attributes(struct record *record, uint64_t *seed)
{
    static const uint64_t idle[] = {0, 1, 5, 6, 100000, 3000000};
    record->db = skewed(seed, 2);
    record->slot = (int)(next_random(seed) % 16384);
    record->has_expiry = next_random(seed) % 3 == 0;
    record->expire_at_ms = now_ms - 100000000 + (int64_t)(next_random(seed) % 1000000000);
    record->is_expired = record->has_expiry && record->expire_at_ms < now_ms;
    record->has_idle = next_random(seed) % 4 == 0;
    record->idle_seconds = PICK(seed, idle);
    record->has_frequency = next_random(seed) % 16 == 0;
    record->lfu_frequency = (uint8_t)next_random(seed);
    record->damaged = next_random(seed) % 100 == 0;
    record->facts.has_expiry = record->has_expiry;
    record->facts.metadata_classes = next_random(seed) % 16 == 0;
}

static void build_string(struct made *made, struct shape *shape, uint64_t *seed)
{
    struct record *record = &made->record;
    *record = (struct record){.type = OBJECT_STRING, .shape = shape};
    struct shape_text text = random_text(made, seed);
    bool is_compressed = text.len > 20 && next_random(seed) % 2;
    shape_begin(shape, OBJECT_STRING, ORIGIN_ELEMENTS, 0);
    shape_string(shape, &text, is_compressed);
    record->stored_saved = is_compressed ? text.len / (2 + next_random(seed) % 2) : 0;
    record->stored_bytes = text.len - record->stored_saved;
    shape_end(shape, record->stored_bytes);
    record->elements = shape_elements(shape);
    record->longest = shape_longest(shape);
}

/* Of `patterns` different patterns, a few digits behind each. */
static void build(struct made *made, const struct server_model *server, struct ways *ways, unsigned patterns,
                  uint64_t *seed)
{
    struct record *record = &made->record;
    unsigned kind = (unsigned)(next_random(seed) % 2 ? next_random(seed) % patterns : skewed(seed, 4));
    int len = snprintf(made->name, sizeof made->name, "%c%c:%u%s", (char)('a' + kind % 26), (char)('g' + kind / 26),
                       (unsigned)(next_random(seed) % (next_random(seed) % 4 ? 10000 : 100)),
                       kind % 3 ? "" : ":with-a-name-that-is-long");
    if (next_random(seed) % 20) {
        build_string(made, ways->shape, seed);
    } else {
        struct object object = object_random(server, seed);
        object.count = 1 + object.count % 20;
        *record = object_build(ways->shape, &object, ways->plan);
    }
    record->key = (const uint8_t *)made->name;
    record->key_len = record->key_bytes = (uint32_t)len;
    record->facts.name_len = (uint64_t)len;
    record->module_name = "";
    add_attributes(record, seed);
    record->cost_is_due = record->with_other = record->with_expiry_bytes = true;
}

/* ---- what came out -------------------------------------------------------------------------------------------------
 */

static void check_groups(const struct ways *ways)
{
    const struct group_table *sums = collection_state(collection_context(ways->together.collection), "groups");
    const struct group_table *each = &ways->groups;
    ck_assert_uint_eq(sums->count, each->count);
    ck_assert_uint_eq(sums->dropped, each->dropped);
    ck_assert_uint_eq(sums->bound, each->bound);
    ck_assert_mem_eq(&sums->rest, &each->rest, sizeof sums->rest);
    uint32_t *a = group_table_sorted(sums), *b = group_table_sorted(each);
    for (uint32_t i = 0; i < each->count; i++) {
        ck_assert_mem_eq(&sums->group[a[i]], &each->group[b[i]], sizeof *sums->group);
        ck_assert_mem_eq(&sums->idle[a[i]], &each->idle[b[i]], sizeof *sums->idle);
        ck_assert_uint_eq(group_table_p99(sums, a[i]), group_table_p99(each, b[i]));
    }
    free(a);
    free(b);
}

/* Under all sections, some of which want every name, or those that are so by default. */
static void compare(int number, unsigned patterns, struct collect_limits limits, bool with_all)
{
    size_t servers;
    const struct server_model *model = server_models(&servers), *server = &model[(size_t)number / 2 % servers];
    struct ways ways;
    uint64_t seed = (uint64_t)number + 1;
    ways_init(&ways, server, number % 2, limits, with_all);
    for (int i = 0; i < RECORDS; i++) {
        struct made made;
        build(&made, server, &ways, patterns, &seed);
        made.record.offset = (uint64_t)i * 100;
        ways_add(&ways, &made.record);
    }
    check_same_inventory(collection_context(ways.together.collection)->inventory, ways.inventory);
    check_groups(&ways);
    check_same_report(&ways.together, &ways.each);
    /* Where fields may expire in tables, which hash a string would go into asks for its record. */
    if (!with_all && limits.cells == 0 && model_table_expiries(ways.plan, 0) == 0)
        ck_assert_uint_gt(ways.plain, 0);
    ways_release(&ways);
}

START_TEST(sums_are_those_of_single_keys)
{
    compare(_i, 4, (struct collect_limits){0}, true);
    compare(_i, 4, (struct collect_limits){0}, false);
}
END_TEST

START_TEST(tables_that_drop_drop_the_same)
{
    compare(_i, 4, (struct collect_limits){.groups = 4, .alternatives = 4, .cells = 4}, true);
    compare(_i, 60, (struct collect_limits){.groups = 16, .alternatives = 16, .cells = 16}, true);
    compare(_i, 60, (struct collect_limits){.groups = 16, .alternatives = 16, .cells = 16}, false);
}
END_TEST

START_TEST(another_tag_is_not_alike)
{
    static const struct alike_tag tag = {.pattern_hash = 5, .saved = 7, .others = 9};
    struct alike_tag other[] = {tag, tag, tag};
    struct alike_table table;
    struct record record = record_named("key", 3, 0);
    alike_init(&table);
    struct alike *entry = alike_entry(&table, &tag);
    ck_assert(!alike_is(entry, &tag));
    alike_take(&table, entry, &tag, &record, 0);
    ck_assert(alike_is(entry, &tag));
    other[0].pattern_hash++;
    other[1].saved++;
    other[2].others += 2;
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        ck_assert_msg(!alike_is(entry, &other[i]), "member %zu", i);
    alike_clear(&table);
    ck_assert(!alike_is(entry, &tag));
    alike_release(&table);
}
END_TEST

/* Else the above would compare each with itself. */
START_TEST(most_strings_wait)
{
    struct alike_table table;
    struct alike_tag tag;
    struct plan *plan = plan_of(server_by_id("redis-7.2"));
    struct shape *shape = shape_new(plan);
    struct ways ways = {.plan = plan, .shape = shape};
    uint64_t seed = 1;
    unsigned found = 0;
    alike_init(&table);
    for (int i = 0; i < RECORDS; i++) {
        struct made made;
        build(&made, server_by_id("redis-7.2"), &ways, 4, &seed);
        if (!alike_tag_of(&made.record, (uint64_t)made.name[0], &tag))
            continue;
        struct alike *entry = alike_entry(&table, &tag);
        if (alike_is(entry, &tag))
            found++;
        else if (alike_is_due(entry, &tag))
            alike_take(&table, entry, &tag, &made.record, 0);
    }
    ck_assert_uint_gt(found, RECORDS / 4);
    alike_release(&table);
    shape_free(shape);
    plan_free(plan);
}
END_TEST

int main(void)
{
    size_t servers;
    server_models(&servers);
    Suite *suite = suite_create("alike");
    TCase *cases = tcase_create("alike");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, sums_are_those_of_single_keys, 0, 2 * (int)servers);
    tcase_add_loop_test(cases, tables_that_drop_drop_the_same, 0, 2 * (int)servers);
    tcase_add_test(cases, another_tag_is_not_alike);
    tcase_add_test(cases, most_strings_wait);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
