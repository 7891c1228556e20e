/* How far an estimate from a sample may be off. */
#ifndef SAMPLING_H
#define SAMPLING_H

#include <stdint.h>

/* Of `all` things `known` were looked at: with a probability of about 95 % their total is estimated this near. `mean`
 * and `variance` are those of one thing. The normal distribution's share, and for kinds of things so rare that no
 * sample has one the rule of three: up to 3 / known of all may be of that kind. */
uint64_t sampling_off_by(double known, double all, double mean, double variance);

#endif
