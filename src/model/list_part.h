/* Lists: linked lists and ziplists of 2.8, quicklists of packed nodes since, a bare listpack from 7.2. */
#ifndef MODEL_LIST_PART_H
#define MODEL_LIST_PART_H

#include "plan_internal.h"
#include "tally.h"

struct list_part;

extern const struct list_part list_redis_2_8, list_redis_3_0, list_redis_3_2, list_redis_4_0, list_redis_7_0,
    list_redis_7_2, list_redis_7_4, list_redis_8_0, list_redis_8_4;

/* Adds to the plan what the view needs of every list while it is parsed. */
void list_plan(struct plan *plan, struct planned_view *view);
void list_cost(const struct cost_context *c, struct tally *t);
/* model_list_packing, but for the shell, which both forms have. */
bool list_packing(const struct cost_context *c, struct packing *packing, bool *limit_is_bytes);

#endif
