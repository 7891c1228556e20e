#include "slot_moves.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { NEAR_ENOUGH_DIVISOR = 100 };

struct item {
    uint64_t bytes;
    uint16_t slot, owner;
};

struct range {
    size_t begin, end;
};

struct levelling {
    const struct slot_nodes *nodes;
    const uint16_t *order;
    uint64_t *bytes; /* of each node, as it is by now */
    uint64_t mean;
    bool *is_stuck;      /* nothing of the node can move */
    struct range *range; /* of each node in `item` */
    struct item *item;   /* all slots with bytes, by owner, the heaviest first */
    size_t *next;        /* from an item on the first one that has not moved, not beyond the range's end */
};

static int by_owner_and_weight(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->owner != y->owner)
        return x->owner < y->owner ? -1 : 1;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return x->slot - y->slot;
}

static void begin(struct levelling *level, const struct slot_sum sum[SLOTS])
{
    size_t count = 0;
    uint64_t all_bytes = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
        uint16_t owner = level->nodes->owner[slot];
        if (sum[slot].bytes == 0 || owner == SLOT_NO_NODE)
            continue;
        level->item[count++] = (struct item){sum[slot].bytes, (uint16_t)slot, owner};
        level->bytes[owner] += sum[slot].bytes;
        all_bytes += sum[slot].bytes;
    }
    level->mean = all_bytes / level->nodes->count;
    qsort(level->item, count, sizeof(*level->item), by_owner_and_weight);
    for (size_t i = 0; i < count; i++) {
        struct range *range = &level->range[level->item[i].owner];
        if (range->end == 0)
            range->begin = i;
        range->end = i + 1;
    }
    for (size_t i = 0; i <= count; i++)
        level->next[i] = i;
}

static size_t unmoved(struct levelling *level, size_t at)
{
    while (level->next[at] != at) {
        level->next[at] = level->next[level->next[at]];
        at = level->next[at];
    }
    return at;
}

/* The node's heaviest slot of at most `most` bytes; the range's end when there is none. */
static size_t heaviest_within(struct levelling *level, const struct range *range, uint64_t most)
{
    size_t low = range->begin, high = range->end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (level->item[middle].bytes > most)
            low = middle + 1;
        else
            high = middle;
    }
    low = unmoved(level, low);
    return low < range->end ? low : range->end;
}

/* The first of those with most or least bytes; stuck ones are not the heaviest. */
static void find_ends(const struct levelling *level, size_t *heaviest, size_t *lightest)
{
    *heaviest = *lightest = level->nodes->count;
    for (size_t k = 0; k < level->nodes->count; k++) {
        size_t i = level->order[k];
        if (!level->is_stuck[i] && (*heaviest == level->nodes->count || level->bytes[i] > level->bytes[*heaviest]))
            *heaviest = i;
        if (*lightest == level->nodes->count || level->bytes[i] < level->bytes[*lightest])
            *lightest = i;
    }
}

/* The slot that is to go, as an index of an item; the range's end: none is small enough. */
static size_t choose(struct levelling *level, size_t from, size_t to)
{
    const struct range *range = &level->range[from];
    uint64_t above = level->bytes[from] > level->mean ? level->bytes[from] - level->mean : 0;
    uint64_t below = level->mean > level->bytes[to] ? level->mean - level->bytes[to] : 0;
    size_t found = heaviest_within(level, range, above < below ? above : below);
    return found < range->end ? found : heaviest_within(level, range, (level->bytes[from] - level->bytes[to]) / 2);
}

static size_t run(struct levelling *level, struct slot_move *move)
{
    size_t count = 0, from, to;
    uint64_t near = level->mean / NEAR_ENOUGH_DIVISOR;
    for (;;) {
        find_ends(level, &from, &to);
        if (from == level->nodes->count || level->bytes[from] <= level->bytes[to] ||
            (level->bytes[from] <= level->mean + near && level->bytes[to] + near >= level->mean))
            return count;
        size_t at = choose(level, from, to);
        if (at == level->range[from].end) {
            level->is_stuck[from] = true;
            continue;
        }
        level->next[at] = at + 1;
        level->bytes[from] -= level->item[at].bytes;
        level->bytes[to] += level->item[at].bytes;
        move[count++] = (struct slot_move){level->item[at].slot, (uint16_t)from, (uint16_t)to};
    }
}

size_t slot_moves_level(const struct slot_sum sum[SLOTS], const struct slot_nodes *nodes, const uint16_t *order,
                        uint64_t *after, struct slot_move *move)
{
    struct levelling level = {.nodes = nodes, .order = order, .bytes = after};
    if (nodes->count == 0)
        return 0;
    memset(after, 0, nodes->count * sizeof(*after));
    level.is_stuck = memory_new(nodes->count, sizeof(*level.is_stuck));
    level.range = memory_new(nodes->count, sizeof(*level.range));
    level.item = memory_new(SLOTS, sizeof(*level.item));
    level.next = memory_new(SLOTS + 1, sizeof(*level.next));
    begin(&level, sum);
    size_t count = run(&level, move);
    free(level.is_stuck);
    free(level.range);
    free(level.item);
    free(level.next);
    return count;
}
