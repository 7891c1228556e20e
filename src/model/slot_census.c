#include "slot_census.h"

#include <stdlib.h>

#include "grow.h"
#include "keyspace_internal.h"

/* A slot's entries, and whether the file has a record of it. */
static uint64_t number_of(uint64_t entries, bool has_info)
{
    return entries << 1 | has_info;
}

static uint64_t entries_of(uint64_t number)
{
    return number >> 1;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static size_t count_different(const uint64_t *number)
{
    size_t different = 1;
    for (size_t i = 1; i < KEYSPACE_SLOTS; i++)
        different += entries_of(number[i]) != entries_of(number[i - 1]);
    return different;
}

/* The slots from `begin` on that have one of the next `sizes` numbers of entries; 0 is alone, as such a slot has no
 * table. Returns where they end. */
static size_t next_class(const uint64_t *number, size_t begin, size_t sizes, struct slot_class *class)
{
    uint64_t sum = 0;
    size_t at = begin, left = sizes;
    *class = (struct slot_class){0};
    do {
        uint64_t same = entries_of(number[at]);
        do {
            sum += same;
            class->with_info += number[at] & 1;
        } while (++at < KEYSPACE_SLOTS && entries_of(number[at]) == same);
    } while (--left != 0 && at < KEYSPACE_SLOTS && sum != 0);
    class->slots = (uint32_t)(at - begin);
    class->entries = (sum + class->slots / 2) / class->slots;
    return at;
}

static struct slot_class *classes_of(uint64_t *number, size_t *count)
{
    qsort(number, KEYSPACE_SLOTS, sizeof *number, by_number);
    size_t different = count_different(number), sizes = (different + SLOT_CENSUS_SIZES - 1) / SLOT_CENSUS_SIZES;
    struct slot_class *class = allocate(different, sizeof *class);
    *count = 0;
    for (size_t i = 0; i < KEYSPACE_SLOTS;)
        i = next_class(number, i, sizes, &class[(*count)++]);
    return class;
}

struct slot_census *slot_census_new(const struct keyspace_slot *slot)
{
    struct slot_census *census = allocate(1, sizeof *census);
    uint64_t *number = allocate(KEYSPACE_SLOTS, sizeof *number);
    for (size_t i = 0; i < KEYSPACE_SLOTS; i++) {
        number[i] = number_of(slot[i].keys, slot[i].has_info);
        census->has_info |= slot[i].has_info;
    }
    census->keys = classes_of(number, &census->key_classes);
    for (size_t i = 0; i < KEYSPACE_SLOTS; i++)
        number[i] = number_of(slot[i].expires, slot[i].has_info);
    census->expires = classes_of(number, &census->expiry_classes);
    free(number);
    return census;
}

void slot_census_free(struct slot_census *census)
{
    if (!census)
        return;
    free(census->keys);
    free(census->expires);
    free(census);
}
