/* The running maximum of the elements' lengths: where each new maximum was met. From it follows which element is the
 * first to exceed any limit. Lengths grow from step to step, so an object of n bytes has at most about sqrt(2n) of
 * them; the first STEPS_MAX are kept as they are. Behind them only a maximum longer by a sixteenth is kept: then the
 * index is exact for the maxima kept, and the object is coarse. */
#ifndef MODEL_STEPS_H
#define MODEL_STEPS_H

#include <stdbool.h>
#include <stdint.h>

enum { STEPS_MAX = 256, STEPS_CAPACITY = STEPS_MAX + 768 };

struct step {
    uint64_t index, len;
};

struct steps {
    unsigned count;
    bool is_coarse;
    struct step step[STEPS_CAPACITY];
};

/* Call when `len` exceeds the last step's. */
void steps_push(struct steps *steps, uint64_t index, uint64_t len);

static inline void steps_add(struct steps *steps, uint64_t index, uint64_t len)
{
    if (steps->count == 0 || len > steps->step[steps->count - 1].len)
        steps_push(steps, index, len);
}

static inline uint64_t steps_longest(const struct steps *steps)
{
    return steps->count ? steps->step[steps->count - 1].len : 0;
}

/* Index of the first element longer than `limit`; UINT64_MAX when there is none. */
uint64_t steps_first_over(const struct steps *steps, uint64_t limit);

#endif
