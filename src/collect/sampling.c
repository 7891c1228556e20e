#include "sampling.h"

#include <math.h>

#include "saturated.h"

uint64_t sampling_off_by(double known, double all, double mean, double variance)
{
    static const double quantile = 1.96, rule_of_three = 3;
    if (!(known > 0) || !(all > known))
        return 0;
    double by_chance = quantile * all * sqrt((variance > 0 ? variance : 0) / known * (1 - known / all));
    double unseen = rule_of_three * (all - known) / known * fabs(mean);
    return saturated_u64(ceil(by_chance + unseen));
}
