/* Inventories that should be equal. */
#ifndef COLLECT_INVENTORY_H
#define COLLECT_INVENTORY_H

#include <check.h>

#include "collect/inventory.h"

/* Databases may be in another order. */
static inline void check_same_inventory(const struct inventory *a, const struct inventory *b)
{
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
            const struct inventory_row *x = a->row[type][encoding], *y = b->row[type][encoding];
            ck_assert_int_eq(x != NULL, y != NULL);
            if (x)
                ck_assert_mem_eq(x, y, sizeof *x);
        }
    ck_assert_uint_eq(a->database_count, b->database_count);
    for (uint32_t i = 0; i < a->database_count; i++)
        for (uint32_t j = 0; j < b->database_count; j++)
            if (a->database[i].db == b->database[j].db)
                ck_assert_mem_eq(&a->database[i], &b->database[j], sizeof a->database[i]);
    ck_assert_uint_eq(a->damaged_keys, b->damaged_keys);
    ck_assert_mem_eq(&a->timed_hashes, &b->timed_hashes, sizeof a->timed_hashes);
    ck_assert_uint_eq(a->timed_fields, b->timed_fields);
    ck_assert_uint_eq(a->longest_name, b->longest_name);
    ck_assert_mem_eq(a->name_bins, b->name_bins, sizeof a->name_bins);
    ck_assert_mem_eq(a->expiring, b->expiring, sizeof a->expiring);
    ck_assert_mem_eq(a->idle, b->idle, sizeof a->idle);
    ck_assert_mem_eq(a->frequency, b->frequency, sizeof a->frequency);
    ck_assert_uint_eq(a->module_count, b->module_count);
    ck_assert_mem_eq(a->module, b->module, sizeof a->module);
}

#endif
