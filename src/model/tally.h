/* A tally adds up one object's cost under one view: what the allocator holds, split by cause, and what MEMORY USAGE
 * would print. The two are kept apart because servers count other things than they hold. Everything is inline: costing
 * is the hot path. */
#ifndef MODEL_TALLY_H
#define MODEL_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "cost.h"

struct tally {
    uint64_t *part; /* of the cost: asked bytes by cause; COST_ROUNDING: held beyond asked */
    uint64_t held;  /* sum of the parts */
    uint64_t usage; /* memory_usage so far, in the order in which the server adds */
    enum object_encoding encoding;
    struct cost_lines *lines; /* NULL in the hot path */
};

/* Appends a line, or merges it into the last one when the lines are full (tally.c). */
void tally_line(struct cost_lines *lines, const struct cost_line *line);

/* A tally that fills the parts of *cost; keyspace_shell or tally_start must follow. */
static inline void tally_init(struct tally *t, struct cost *cost, struct cost_lines *lines)
{
    t->part = cost->part;
    t->lines = lines;
}

/* Nothing yet; the lines stay as they are. */
static inline void tally_start(struct tally *t)
{
    for (int i = 0; i < COST_PART_COUNT; i++)
        t->part[i] = 0;
    t->held = t->usage = 0;
}

/* `count` allocations of one kind: `asked` bytes requested and `held` bytes held, all together. The asked bytes belong
 * to `part`, the rest to COST_ROUNDING. `what` is static text, `note` a number that goes with it (0: none). Does not
 * touch memory_usage. */
static inline void tally_add(struct tally *t, enum cost_part part, const char *what, uint64_t note, uint64_t count,
                             uint64_t asked, uint64_t held)
{
    t->part[part] += asked;
    t->part[COST_ROUNDING] += held - asked;
    t->held += held;
    if (t->lines && count)
        tally_line(t->lines, &(struct cost_line){what, note, count, asked, held});
}

/* Says that `bytes` of what was added to `from` are the user's own (or, with another `to`, have another cause). */
static inline void tally_move(struct tally *t, enum cost_part from, enum cost_part to, uint64_t bytes)
{
    t->part[from] -= bytes;
    t->part[to] += bytes;
}

/* MEMORY USAGE counts `bytes` here. */
static inline void tally_usage(struct tally *t, uint64_t bytes)
{
    t->usage += bytes;
}

/* As servers add, in doubles; lengths are claims, and their sums may be beyond 64 bits. */
static inline uint64_t tally_usage_sum(uint64_t usage, double more)
{
    double sum = (double)usage + more;
    return sum < 0x1p64 ? (uint64_t)sum : UINT64_MAX;
}

/* MEMORY USAGE adds the average of `n` sampled elements of `sum` bytes together, times n, to what it has so far, in
 * IEEE double arithmetic, and truncates: the result can be 1 below the true sum (object.c objectComputeSize, all
 * releases that sample). n may be 0. */
static inline void tally_usage_average(struct tally *t, uint64_t sum, uint64_t n)
{
    if (n == 0)
        return;
    double average = (double)sum / (double)n;
    double all = average * (double)n;
    t->usage = tally_usage_sum(t->usage, all);
}

#endif
