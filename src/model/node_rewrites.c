#include "node_rewrites.h"

#include <stdlib.h>

#include "grow.h"
#include "shape_internal.h"
#include "stream_packer.h"

struct node_rewrites {
    struct plan *plan;
    struct shape *list;    /* all list settings are views of the plan */
    enum object_type type; /* of the record */
    unsigned count;        /* points, with that in force */
    enum setting setting[3 * NODE_REWRITES_MAX + 1];
    int64_t value[3 * NODE_REWRITES_MAX + 1];
    struct shape *stream[3 * NODE_REWRITES_MAX + 1]; /* NULL where the point is not about streams */
    struct stream_packers packers;
};

static bool concerns(enum setting setting, enum object_type type)
{
    if (setting == SETTING_COUNT)
        return true;
    return (setting == SETTING_LIST_MAX_SIZE) == (type == OBJECT_LIST);
}

struct node_rewrites *node_rewrites_new(const struct plan_view *view, const struct node_points *points)
{
    struct node_rewrites *rewrites = allocate(1, sizeof *rewrites);
    struct plan_view views[3 * NODE_REWRITES_MAX + 1];
    rewrites->count = points->count + 1;
    rewrites->setting[0] = SETTING_COUNT;
    views[0] = *view;
    for (unsigned i = 0; i < points->count; i++) {
        rewrites->setting[i + 1] = points->point[i].setting;
        rewrites->value[i + 1] = points->point[i].value;
        views[i + 1] = *view;
        views[i + 1].settings.value[points->point[i].setting] = points->point[i].value;
    }
    rewrites->plan = plan_new(views, rewrites->count);
    rewrites->list = shape_new(rewrites->plan);
    for (unsigned i = 0; i < rewrites->count; i++) {
        const int64_t *value = views[i].settings.value;
        if (!concerns(rewrites->setting[i], OBJECT_STREAM))
            continue;
        rewrites->stream[i] = shape_new(rewrites->plan);
        stream_packers_add(&rewrites->packers, rewrites->stream[i], value[SETTING_STREAM_NODE_MAX_BYTES],
                           value[SETTING_STREAM_NODE_MAX_ENTRIES]);
    }
    return rewrites;
}

void node_rewrites_free(struct node_rewrites *rewrites)
{
    if (!rewrites)
        return;
    for (unsigned i = 0; i < rewrites->count; i++)
        if (rewrites->stream[i])
            shape_free(rewrites->stream[i]);
    shape_free(rewrites->list);
    plan_free(rewrites->plan);
    free(rewrites);
}

void node_rewrites_begin(struct node_rewrites *rewrites, enum object_type type)
{
    rewrites->type = type;
    if (type == OBJECT_LIST)
        shape_begin(rewrites->list, OBJECT_LIST, ORIGIN_ELEMENTS, 0);
    if (type != OBJECT_STREAM)
        return;
    for (unsigned i = 0; i < rewrites->count; i++)
        if (rewrites->stream[i])
            shape_begin(rewrites->stream[i], OBJECT_STREAM, ORIGIN_ELEMENTS, 0);
    stream_packers_begin(&rewrites->packers);
}

void node_rewrites_list_element(struct node_rewrites *rewrites, const struct shape_text *element)
{
    shape_list_element(rewrites->list, element);
}

void node_rewrites_stream_entry(struct node_rewrites *rewrites, const struct stream_entry *entry)
{
    stream_packers_push(&rewrites->packers, entry);
}

void node_rewrites_end(struct node_rewrites *rewrites)
{
    if (rewrites->type == OBJECT_LIST)
        shape_end(rewrites->list, 0);
    if (rewrites->type != OBJECT_STREAM)
        return;
    stream_packers_end(&rewrites->packers);
    for (unsigned i = 0; i < rewrites->count; i++) {
        if (!rewrites->stream[i])
            continue;
        shape_stream_meta(rewrites->stream[i], 0, 0);
        shape_end(rewrites->stream[i], 0);
    }
}

unsigned node_rewrites_count(const struct node_rewrites *rewrites)
{
    return rewrites->count;
}

enum setting node_rewrites_setting(const struct node_rewrites *rewrites, unsigned point)
{
    return rewrites->setting[point];
}

int64_t node_rewrites_value(const struct node_rewrites *rewrites, unsigned point)
{
    return rewrites->value[point];
}

bool node_rewrites_bytes(const struct node_rewrites *rewrites, unsigned point, enum object_type type,
                         const struct key_facts *key, uint64_t *bytes)
{
    struct cost cost;
    if (!concerns(rewrites->setting[point], type))
        return false;
    const struct shape *shape = type == OBJECT_LIST ? rewrites->list : rewrites->stream[point];
    model_cost(rewrites->plan, point, NULL, shape, key, &cost);
    *bytes = cost.size_in_bytes;
    return true;
}

void node_rewrites_lengths(const struct node_rewrites *rewrites, unsigned point, enum object_type type,
                           struct node_lengths *lengths)
{
    *lengths = (struct node_lengths){0, 0, 0};
    if (type != OBJECT_LIST) {
        const struct stream_shape *stream = &rewrites->stream[point]->stream;
        *lengths = (struct node_lengths){stream->listpacks, stream->listpack_bytes, stream->listpack_longest};
    } else if (rewrites->plan->list_lane_count) {
        const struct list_packer *packer = &rewrites->list->list.packer[rewrites->plan->view[point].lanes.quicklist];
        *lengths = (struct node_lengths){packer->nodes, packer->len + packer->saved.len, packer->longest};
    }
}
