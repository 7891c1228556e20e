/* How servers write the score of a packed sorted set: only its length, and whether it is packed as an integer. */
#ifndef MODEL_SCORE_TEXT_H
#define MODEL_SCORE_TEXT_H

#include <stdbool.h>

#include "shape.h"

/* Scores that every release packs as the same integer: whole, below 2^52, not -0 (redis 2.8 src/util.c d2string, 7.0
 * double2ll). */
bool score_is_small_integer(double score, struct shape_text *text);
/* redis up to 7.0: whole numbers below 2^52 as integers, else as printf's %.17g (src/util.c d2string). */
struct shape_text score_text_printed(double score);
/* redis 7.2+, valkey: the digits that fpconv_dtoa gives (deps/fpconv: Grisu2). */
struct shape_text score_text_shortest(double score);
/* redis 7.0+ packs whole numbers up to 2^62 as integers before printing is asked (src/util.c double2ll), -0 as 0. */
struct shape_text score_text_integral(double score, struct shape_text otherwise);

#endif
