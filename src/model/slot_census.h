/* How many slots of a cluster's database have as many keys, and as many expiries, as others. All that their tables cost
 * follows from it, so it is counted once and not for each of the changes that are tried on a database.
 *
 * Bounded: where there are more than SLOT_CENSUS_SIZES different numbers, which takes a million keys for each thousand
 * of them, neighbours share their mean. */
#ifndef MODEL_SLOT_CENSUS_H
#define MODEL_SLOT_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SLOT_CENSUS_SIZES = 2048 };

struct slot_class {
    uint64_t entries;
    uint32_t slots;
    uint32_t with_info; /* of these, those that the file has a record of */
};

struct slot_census {
    struct slot_class *keys, *expires;
    size_t key_classes, expiry_classes;
    bool has_info; /* the file has a record of some slot */
};

struct keyspace_slot;

struct slot_census *slot_census_new(const struct keyspace_slot *slot);
void slot_census_free(struct slot_census *census);

#endif
