#include "slot_names.h"

#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "grow.h"
#include "rax_size.h"

enum {
    MAX_NAMES = 1 << 14, /* between two sweeps twice as many */
    MAX_BYTES = 1 << 19,
    MAX_NAME = 1 << 12, /* of a longer name the rest is left out */
    SLOT_BYTES = 2,
    LIST_OBJECT_BYTES = 16,
    LIST_NODE_BYTES = 24 /* zskiplistNode without levels */
};

void slot_names_release(struct slot_names *names)
{
    free(names->bytes);
    free(names->name);
    *names = (struct slot_names){0};
}

/* FNV-1a: in which order the names of one slot are kept must not depend on what they have in common. */
static uint32_t order_of(const uint8_t *name, size_t len)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ name[i]) * 16777619u;
    return hash;
}

static int compare_places(const struct slot_name *x, const struct slot_name *y)
{
    if (x->slot != y->slot)
        return x->slot < y->slot ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int compare(const void *a, const void *b, void *bytes)
{
    const struct slot_name *x = a, *y = b;
    int places = compare_places(x, y);
    if (places != 0 || x->len != y->len)
        return places != 0 ? places : (x->len > y->len) - (x->len < y->len);
    return memcmp((const uint8_t *)bytes + x->start, (const uint8_t *)bytes + y->start, x->len);
}

/* Sorts names; returns how many of them, from the front, there is room for. */
static size_t sort_names(const struct slot_names *names, struct slot_name *name)
{
    size_t count = 0, len = 0;
    qsort_r(name, names->count, sizeof *name, compare, names->bytes);
    while (count < names->count && count < MAX_NAMES && len + name[count].len <= MAX_BYTES &&
           (!names->has_last || compare_places(&name[count], &names->last) <= 0))
        len += name[count++].len;
    return count;
}

static void sweep(struct slot_names *names)
{
    size_t count = sort_names(names, names->name), len = 0;
    if (count == names->count)
        return;
    uint8_t *bytes = allocate(2 * MAX_BYTES, 1);
    for (size_t i = 0; i < count; i++) {
        struct slot_name *name = &names->name[i];
        memcpy(bytes + len, names->bytes + name->start, name->len);
        name->start = (uint32_t)len;
        len += name->len;
    }
    free(names->bytes);
    names->bytes = bytes;
    names->bytes_len = len;
    names->bytes_capacity = (size_t)2 * MAX_BYTES;
    names->count = count;
    names->last = names->name[count - 1];
    names->has_last = true;
}

void slot_names_add(struct slot_names *names, unsigned slot, const uint8_t *text, size_t len)
{
    names->keys++;
    if (names->has_last && slot > names->last.slot)
        return;
    len = len < MAX_NAME ? len : MAX_NAME;
    struct slot_name name = {(uint32_t)names->bytes_len, (uint32_t)(SLOT_BYTES + len), order_of(text, len),
                             (uint16_t)slot};
    if (names->has_last && compare_places(&name, &names->last) > 0)
        return;
    names->bytes = grow(names->bytes, &names->bytes_capacity, names->bytes_len + name.len, 1);
    names->name = grow(names->name, &names->capacity, names->count + 1, sizeof *names->name);
    uint8_t *to = names->bytes + names->bytes_len;
    to[0] = (uint8_t)(slot >> 8);
    to[1] = (uint8_t)slot;
    memcpy(to + SLOT_BYTES, text, len);
    names->name[names->count++] = name;
    names->bytes_len += name.len;
    if (names->count >= (size_t)2 * MAX_NAMES || names->bytes_len >= (size_t)2 * MAX_BYTES - MAX_NAME - SLOT_BYTES)
        sweep(names);
}

void slot_names_merge(struct slot_names *names, const struct slot_names *other)
{
    names->keys += other->keys - other->count;
    for (size_t i = 0; i < other->count; i++) {
        const struct slot_name *name = &other->name[i];
        slot_names_add(names, name->slot, other->bytes + name->start + SLOT_BYTES, name->len - SLOT_BYTES);
    }
    if (other->has_last && (!names->has_last || compare_places(&other->last, &names->last) < 0)) {
        names->last = other->last;
        names->has_last = true;
    }
}

/* The names are keys without values. The root of an empty tree is there before any of them. */
static uint64_t tree_held(const uint8_t *bytes, const struct slot_name *name, size_t count,
                          const struct size_classes *classes)
{
    struct rax_names tree;
    struct rax_sum sum = {0};
    rax_names_init(&tree, classes, 1);
    tree.keys_only = true;
    rax_names_begin(&tree);
    for (size_t i = 0; i < count; i++)
        rax_names_add(&tree, bytes + name[i].start, name[i].len);
    rax_names_end(&tree, &sum);
    rax_names_release(&tree);
    return sum.held[0] - size_classes_held(classes, RAX_LEAF_BYTES);
}

static uint64_t list_held(const struct slot_name *name, size_t count, const struct sds_family *family,
                          const struct size_classes *classes)
{
    uint64_t held = chance_bytes(chance_skiplist_node(classes, LIST_NODE_BYTES), count);
    for (size_t i = 0; i < count; i++)
        held += size_classes_held(classes, LIST_OBJECT_BYTES) +
                size_classes_held(classes, sds_request(family, name[i].len - SLOT_BYTES));
    return held;
}

uint64_t slot_names_held(const struct slot_names *names, enum slot_index index, const struct sds_family *family,
                         const struct size_classes *classes)
{
    if (names->count == 0 || index == SLOT_INDEX_NONE)
        return 0;
    struct slot_name *name = allocate(names->count, sizeof *name);
    memcpy(name, names->name, names->count * sizeof *name);
    size_t count = sort_names(names, name);
    uint64_t held = index == SLOT_INDEX_TREE ? tree_held(names->bytes, name, count, classes)
                                             : list_held(name, count, family, classes);
    free(name);
    return count ? (uint64_t)((double)held * (double)names->keys / (double)count + 0.5) : 0;
}
