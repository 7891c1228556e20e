/* The inside of a plan, for the files of src/model only. */
#ifndef MODEL_PLAN_INTERNAL_H
#define MODEL_PLAN_INTERNAL_H

#include "lanes.h"
#include "shape.h"
#include "size_classes.h"

/* One view, with what is looked up once instead of per key. */
struct planned_view {
    struct plan_view view;
    const struct size_classes *classes; /* of its allocator */
    unsigned allocator;                 /* dense index into plan.classes and every per-allocator sum of a shape */
    struct view_lanes lanes;            /* where its running sums lie in a shape */
};

struct plan {
    size_t view_count;
    struct planned_view view[PLAN_MAX_VIEWS];
    unsigned allocator_count; /* distinct allocators of the views */
    struct size_classes classes[ALLOCATOR_COUNT];
    struct lane_table lanes; /* the distinct running sums of all views */
};

/* What a costing function may read. */
struct cost_context {
    const struct plan *plan;
    const struct planned_view *view;
    const struct server_model *server; /* == view->view.server */
    const struct size_classes *classes;
    const struct settings *settings;
    const struct shape *shape;
    const struct key_facts *key;
};

/* Bytes that the view's allocator holds for a request. */
static inline uint64_t held(const struct cost_context *c, uint64_t request)
{
    return size_classes_held(c->classes, request);
}

#endif
