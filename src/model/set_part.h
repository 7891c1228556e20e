/* Sets: intset, listpack (7.2+), table. */
#ifndef MODEL_SET_PART_H
#define MODEL_SET_PART_H

#include "loaded.h"
#include "plan_internal.h"
#include "tally.h"

struct set_part;

extern const struct set_part set_redis_2_8, set_redis_3_0, set_redis_3_2, set_redis_4_0, set_redis_6_0, set_redis_7_0,
    set_redis_7_2, set_redis_8_2, set_redis_8_4, set_valkey_8_0, set_valkey_8_1, set_valkey_9_1;

void set_plan(struct plan *plan, struct planned_view *view);
/* How the server holds it after loading. */
void set_load(const struct cost_context *c, struct loaded *loaded);
/* Its cost in that form. */
void set_cost(const struct cost_context *c, struct tally *t, const struct loaded *loaded);

#endif
