#include "node_rewrites.h"

#include <stdlib.h>

#include "grow.h"
#include "packed_size.h"
#include "shape_internal.h"

/* A stream's open node under one setting (t_stream.c streamAppendItem). */
struct stream_packer {
    struct shape *shape;
    uint64_t max_bytes, max_entries; /* 0: no limit */
    uint64_t entries;                /* of the open node; 0: there is none */
    uint64_t len;                    /* of its listpack, but for the entry that counts its items */
    uint64_t ms, seq, names;         /* of its first entry */
};

struct node_rewrites {
    struct plan *plan;
    struct shape *list;    /* all list settings are views of the plan */
    enum object_type type; /* of the record */
    unsigned count;        /* points, with that in force */
    enum setting setting[3 * NODE_REWRITES_MAX + 1];
    int64_t value[3 * NODE_REWRITES_MAX + 1];
    struct stream_packer stream[3 * NODE_REWRITES_MAX + 1];
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
        rewrites->stream[i].shape = shape_new(rewrites->plan);
        rewrites->stream[i].max_bytes = (uint64_t)value[SETTING_STREAM_NODE_MAX_BYTES];
        rewrites->stream[i].max_entries = (uint64_t)value[SETTING_STREAM_NODE_MAX_ENTRIES];
    }
    return rewrites;
}

void node_rewrites_free(struct node_rewrites *rewrites)
{
    if (!rewrites)
        return;
    for (unsigned i = 0; i < rewrites->count; i++)
        if (rewrites->stream[i].shape)
            shape_free(rewrites->stream[i].shape);
    shape_free(rewrites->list);
    plan_free(rewrites->plan);
    free(rewrites);
}

void node_rewrites_begin(struct node_rewrites *rewrites, enum object_type type)
{
    rewrites->type = type;
    if (type == OBJECT_LIST)
        shape_begin(rewrites->list, OBJECT_LIST, ORIGIN_ELEMENTS, 0);
    for (unsigned i = 0; type == OBJECT_STREAM && i < rewrites->count; i++) {
        if (!rewrites->stream[i].shape)
            continue;
        shape_begin(rewrites->stream[i].shape, OBJECT_STREAM, ORIGIN_ELEMENTS, 0);
        rewrites->stream[i].entries = 0;
    }
}

void node_rewrites_list_element(struct node_rewrites *rewrites, const struct shape_text *element)
{
    shape_list_element(rewrites->list, element);
}

static void close_node(struct stream_packer *packer)
{
    if (packer->entries)
        shape_stream_node(packer->shape, packer->ms, packer->seq,
                          packer->len + listpack_integer_entry((int64_t)packer->entries));
    packer->entries = 0;
}

/* The node's own entries: items, deleted ones, number of fields, their names, a terminator. */
static void open_node(struct stream_packer *packer, const struct stream_entry *entry)
{
    packer->ms = entry->ms;
    packer->seq = entry->seq;
    packer->names = entry->names;
    packer->len = LISTPACK_FRAME + listpack_integer_entry(0) + listpack_integer_entry((int64_t)entry->fields) +
                  entry->names_packed + listpack_integer_entry(0);
}

static void push(struct stream_packer *packer, const struct stream_entry *entry)
{
    enum { SAME_FIELDS = 2 };
    if (packer->entries) {
        uint64_t len = packer->len + listpack_integer_entry((int64_t)packer->entries);
        bool is_full = (packer->max_bytes && len + entry->text_len >= packer->max_bytes) ||
                       (packer->max_entries && packer->entries >= packer->max_entries);
        if (is_full)
            close_node(packer);
    }
    if (packer->entries == 0)
        open_node(packer, entry);
    bool same = packer->names == entry->names;
    uint64_t items = same ? entry->fields + 3 : 2 * entry->fields + 4;
    packer->len += listpack_integer_entry(same ? SAME_FIELDS : 0) +
                   listpack_integer_entry((int64_t)(entry->ms - packer->ms)) +
                   listpack_integer_entry((int64_t)(entry->seq - packer->seq)) + entry->values_packed +
                   listpack_integer_entry((int64_t)items);
    if (!same)
        packer->len += listpack_integer_entry((int64_t)entry->fields) + entry->names_packed;
    packer->entries++;
}

void node_rewrites_stream_entry(struct node_rewrites *rewrites, const struct stream_entry *entry)
{
    for (unsigned i = 0; i < rewrites->count; i++)
        if (rewrites->stream[i].shape)
            push(&rewrites->stream[i], entry);
}

void node_rewrites_end(struct node_rewrites *rewrites)
{
    if (rewrites->type == OBJECT_LIST)
        shape_end(rewrites->list, 0);
    for (unsigned i = 0; rewrites->type == OBJECT_STREAM && i < rewrites->count; i++) {
        struct stream_packer *packer = &rewrites->stream[i];
        if (!packer->shape)
            continue;
        close_node(packer);
        shape_stream_meta(packer->shape, 0, 0);
        shape_end(packer->shape, 0);
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
    const struct shape *shape = type == OBJECT_LIST ? rewrites->list : rewrites->stream[point].shape;
    model_cost(rewrites->plan, point, NULL, shape, key, &cost);
    *bytes = cost.size_in_bytes;
    return true;
}

void node_rewrites_lengths(const struct node_rewrites *rewrites, unsigned point, enum object_type type,
                           struct node_lengths *lengths)
{
    *lengths = (struct node_lengths){0, 0, 0};
    if (type != OBJECT_LIST) {
        const struct stream_shape *stream = &rewrites->stream[point].shape->stream;
        *lengths = (struct node_lengths){stream->listpacks, stream->listpack_bytes, stream->listpack_longest};
    } else if (rewrites->plan->list_lane_count) {
        const struct list_packer *packer = &rewrites->list->list.packer[rewrites->plan->view[point].lanes.quicklist];
        *lengths = (struct node_lengths){packer->nodes, packer->len + packer->saved.len, packer->longest};
    }
}
