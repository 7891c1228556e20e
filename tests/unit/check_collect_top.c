#include <check.h>
#include <stdlib.h>
#include <string.h>

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

int main(void)
{
    enum { SIZES = sizeof maximum / sizeof *maximum };
    Suite *suite = suite_create("top_list");
    TCase *cases = tcase_create("top_list");
    tcase_add_loop_test(cases, keeps_the_largest_whatever_the_order, 0, SIZES);
    tcase_add_loop_test(cases, merged_parts_are_the_whole, 0, SIZES);
    tcase_add_test(cases, nothing_is_kept_of_an_empty_list_or_of_nothing);
    tcase_add_test(cases, long_names_are_cut);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
