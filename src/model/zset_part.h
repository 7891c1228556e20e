/* Sorted sets: ziplist or listpack, skip list with a table. */
#ifndef MODEL_ZSET_PART_H
#define MODEL_ZSET_PART_H

#include "loaded.h"
#include "plan_internal.h"
#include "tally.h"

struct zset_part;

extern const struct zset_part zset_redis_2_8, zset_redis_3_0, zset_redis_3_2, zset_redis_4_0, zset_redis_5_0,
    zset_redis_6_0, zset_redis_7_0, zset_redis_7_2, zset_redis_8_2, zset_redis_8_4, zset_redis_8_6, zset_valkey_8_0,
    zset_valkey_8_1, zset_valkey_9_1;

void zset_plan(struct plan *plan, struct planned_view *view);
void zset_load(const struct cost_context *c, struct loaded *loaded);
void zset_cost(const struct cost_context *c, struct tally *t, const struct loaded *loaded);

#endif
