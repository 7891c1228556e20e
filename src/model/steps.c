#include "steps.h"

void steps_push(struct steps *steps, uint64_t index, uint64_t len)
{
    if (steps->count >= STEPS_MAX) {
        uint64_t last = steps->step[steps->count - 1].len;
        steps->is_coarse = true;
        if (steps->count == STEPS_CAPACITY || len - last < last / 16)
            return;
    }
    steps->step[steps->count++] = (struct step){index, len};
}

uint64_t steps_first_over(const struct steps *steps, uint64_t limit)
{
    unsigned low = 0, high = steps->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (steps->step[middle].len > limit)
            high = middle;
        else
            low = middle + 1;
    }
    return low < steps->count ? steps->step[low].index : UINT64_MAX;
}
