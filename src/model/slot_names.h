/* How a clustered server up to 6.2 finds the keys of a slot: an index over all names, apart from the table of keys.
 *
 * 3.0 and 3.2 have a skip list, whose nodes hold the object that the name was read into; 4.0 to 6.2 a radix tree over
 * slot and name. What they take depends on the names: those of the first slots are kept, all while they are few, and
 * what these take is counted exactly. Which names those are does not depend on the order in which they come. */
#ifndef MODEL_SLOT_NAMES_H
#define MODEL_SLOT_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sds.h"
#include "size_classes.h"

enum slot_index {
    SLOT_INDEX_NONE,
    SLOT_INDEX_LIST, /* t_zset.c zskiplist: 3.0, 3.2 */
    SLOT_INDEX_TREE  /* rax.c: 4.0 - 6.2 */
};

struct slot_name {
    uint32_t start, len; /* in bytes, with its slot in front: two bytes */
    uint32_t order;      /* within the slot */
    uint16_t slot;
};

struct slot_names {
    uint64_t keys; /* all names, kept or not */
    uint8_t *bytes;
    size_t bytes_len, bytes_capacity;
    struct slot_name *name;
    size_t count, capacity;
    bool has_last;
    struct slot_name last; /* those behind it are not kept */
};

void slot_names_release(struct slot_names *names);
void slot_names_add(struct slot_names *names, unsigned slot, const uint8_t *name, size_t len);
void slot_names_merge(struct slot_names *names, const struct slot_names *other);
/* What the index over all `keys` names takes. */
uint64_t slot_names_held(const struct slot_names *names, enum slot_index index, const struct sds_family *family,
                         const struct size_classes *classes);

#endif
