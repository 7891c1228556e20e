/* String values: integers, embedded strings, raw ones. A part is named after the release that introduced it. */
#ifndef MODEL_STRING_PART_H
#define MODEL_STRING_PART_H

#include "plan_internal.h"
#include "tally.h"

struct string_part;

extern const struct string_part string_redis_2_8, string_redis_3_0, string_redis_3_2, string_redis_5_0,
    string_redis_6_0, string_redis_7_0, string_redis_8_2, string_redis_8_4, string_redis_8_6, string_valkey_8_0,
    string_valkey_8_1, string_valkey_9_0, string_valkey_9_1;

/* The whole key: shell and value, whose blocks are often one. */
void string_cost(const struct cost_context *c, struct tally *t);

#endif
