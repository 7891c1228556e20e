#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "collect/name_order.h"
#include "collect/top_list.h"
#include "collect_random.h"
#include "run_suite.h"

enum { COUNT = 500 };

struct key {
    char name[8];
    uint64_t db, measure;
};

static void make_keys(struct key key[COUNT], uint64_t seed)
{
    for (int i = 0; i < COUNT; i++) {
        snprintf(key[i].name, sizeof key[i].name, "k%04d", i);
        key[i].db = next_random(&seed) % 3;
        key[i].measure = 1 + next_random(&seed) % 40; /* many ties */
    }
}

static int in_report_order(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    if (x->measure != y->measure)
        return x->measure < y->measure ? 1 : -1;
    if (x->db != y->db)
        return x->db < y->db ? -1 : 1;
    return strcmp(x->name, y->name);
}

static void add(struct top_list *list, const struct key *key)
{
    struct record record = record_named(key->name, strlen(key->name), key->measure);
    record.db = key->db;
    if (top_list_wants(list, key->measure))
        top_list_add(list, key->measure, &record, NULL);
}

static void check_against(const struct top_list *list, const struct key *sorted, size_t maximum)
{
    ck_assert_uint_eq(list->count, maximum < COUNT ? maximum : COUNT);
    const struct top_item **item = top_list_sorted(list);
    for (size_t i = 0; i < list->count; i++) {
        ck_assert_uint_eq(item[i]->measure, sorted[i].measure);
        ck_assert_uint_eq(item[i]->db, sorted[i].db);
        ck_assert_uint_eq(item[i]->name_len, strlen(sorted[i].name));
        ck_assert_mem_eq(item[i]->name, sorted[i].name, item[i]->name_len);
    }
    free(item);
}

static const size_t maximum[] = {1, 2, 7, 20, 100, 600};

START_TEST(keeps_the_largest_whatever_the_order)
{
    struct key key[COUNT], sorted[COUNT];
    make_keys(key, 11);
    memcpy(sorted, key, sizeof key);
    qsort(sorted, COUNT, sizeof *sorted, in_report_order);
    const struct key *const order[] = {key, sorted};
    for (int which = 0; which < 2; which++)
        for (int backwards = 0; backwards < 2; backwards++) {
            struct top_list list;
            top_list_init(&list, maximum[_i]);
            for (int i = 0; i < COUNT; i++)
                add(&list, &order[which][backwards ? COUNT - 1 - i : i]);
            check_against(&list, sorted, maximum[_i]);
            top_list_release(&list);
        }
}
END_TEST

START_TEST(merged_parts_are_the_whole)
{
    struct key key[COUNT];
    struct top_list part[3];
    make_keys(key, 12);
    for (int i = 0; i < 3; i++)
        top_list_init(&part[i], maximum[_i]);
    for (int i = 0; i < COUNT; i++)
        add(&part[i * 7 % 3], &key[i]);
    top_list_merge(&part[0], &part[1]);
    top_list_merge(&part[0], &part[2]);
    qsort(key, COUNT, sizeof *key, in_report_order);
    check_against(&part[0], key, maximum[_i]);
    for (int i = 0; i < 3; i++)
        top_list_release(&part[i]);
}
END_TEST

/* What names_upto says of a key before it comes is true of it, and true of those that were declined. */
START_TEST(names_that_are_declined_are_not_in_the_list)
{
    enum { FROM = 2 };
    struct key key[COUNT];
    struct top_list list;
    unsigned declined = 0;
    make_keys(key, 13);
    top_list_init(&list, maximum[_i]);
    for (int i = 0; i < COUNT; i++) {
        size_t len = strlen(key[i].name);
        struct record record = record_named(key[i].name, len, key[i].measure);
        record.db = key[i].db;
        uint64_t upto = top_list_names_upto(&list, key[i].measure, &record, FROM);
        if (name_word(record.key, len, FROM) <= upto)
            add(&list, &key[i]);
        else
            declined++;
    }
    qsort(key, COUNT, sizeof *key, in_report_order);
    check_against(&list, key, maximum[_i]);
    ck_assert(maximum[_i] >= COUNT ? declined == 0 : declined > COUNT / 8);
    top_list_release(&list);
}
END_TEST

START_TEST(nothing_is_kept_of_an_empty_list_or_of_nothing)
{
    struct top_list list;
    top_list_init(&list, 0);
    ck_assert(!top_list_wants(&list, 1000));
    top_list_release(&list);
    top_list_init(&list, 3);
    ck_assert(!top_list_wants(&list, 0));
    top_list_release(&list);
}
END_TEST

START_TEST(long_names_are_cut)
{
    static char name[5000];
    memset(name, 'n', sizeof name);
    struct top_list list;
    top_list_init(&list, 2);
    struct record record = record_named(name, sizeof name, 10);
    top_list_add(&list, 10, &record, NULL);
    ck_assert_uint_eq(list.item[0].name_len, TOP_NAME_MAX);
    ck_assert_uint_eq(list.item[0].name_full_len, sizeof name);
    top_list_release(&list);
}
END_TEST

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

START_TEST(names_are_in_the_order_of_their_bytes)
{
    enum { ROUNDS = 20000, LONGEST = 40 };
    uint64_t seed = 17;
    for (int i = 0; i < ROUNDS; i++) {
        size_t len = next_random(&seed) % LONGEST, from = len ? next_random(&seed) % len : 0;
        uint8_t *a = malloc(len + 1), *b = malloc(len + 1), x[8] = {0}, y[8] = {0};
        for (size_t k = 0; k < len; k++) {
            a[k] = (uint8_t)next_random(&seed);
            b[k] = next_random(&seed) % 8 ? a[k] : (uint8_t)next_random(&seed);
        }
        /* Nothing is read behind the end. */
        a = realloc(a, len ? len : 1);
        b = realloc(b, len ? len : 1);
        ck_assert_int_eq(sign(name_order(a, b, len)), len ? sign(memcmp(a, b, len)) : 0);
        memcpy(x, a + from, len - from < 8 ? len - from : 8);
        memcpy(y, b + from, len - from < 8 ? len - from : 8);
        uint64_t p = name_word(a, len, from), q = name_word(b, len, from);
        ck_assert_int_eq((p > q) - (p < q), sign(memcmp(x, y, sizeof x)));
        free(a);
        free(b);
    }
}
END_TEST

int main(void)
{
    enum { SIZES = sizeof maximum / sizeof *maximum };
    Suite *suite = suite_create("top_list");
    TCase *cases = tcase_create("top_list");
    tcase_add_loop_test(cases, keeps_the_largest_whatever_the_order, 0, SIZES);
    tcase_add_loop_test(cases, merged_parts_are_the_whole, 0, SIZES);
    tcase_add_loop_test(cases, names_that_are_declined_are_not_in_the_list, 0, SIZES);
    tcase_add_test(cases, names_are_in_the_order_of_their_bytes);
    tcase_add_test(cases, nothing_is_kept_of_an_empty_list_or_of_nothing);
    tcase_add_test(cases, long_names_are_cut);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
