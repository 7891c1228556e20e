#include "list_part.h"

#include "packed_cost.h"
#include "shape_internal.h"

enum list_counted {
    LIST_COUNTS_LENGTHS, /* blob lengths; of a compressed node the compressed bytes without their header */
    LIST_COUNTS_HELD,
    LIST_COUNTS_ASKED /* node blobs as asked, without averaging; structures as held */
};

struct list_part {
    const char *source;
    enum text_layout linked_element; /* up to 3.0, ziplist or linked list: its elements; else TEXT_NONE */
    bool can_be_listpack;            /* a single packed node within the limit becomes a bare listpack */
    uint8_t quicklist_bytes, node_bytes;
    enum list_counted counted;
    bool averages_elements; /* MEMORY USAGE averages nodes over elements; else over nodes */
    struct list_rules rules;
};

enum { LIST_BYTES = 48, LIST_NODE_BYTES = 24 }; /* redis 2.8 src/adlist.h */

const struct list_part list_redis_2_8 = {
    .source = "redis 2.8.24 src/adlist.h, src/t_list.c",
    .linked_element = TEXT_OBJECT_2_8,
};

const struct list_part list_redis_3_0 = {
    .source = "redis 3.0.7 src/adlist.h, src/t_list.c, src/object.c",
    .linked_element = TEXT_OBJECT_3_0,
};

const struct list_part list_redis_3_2 = {
    .source = "redis 3.2.13 src/quicklist.h, src/quicklist.c",
    .quicklist_bytes = 32,
    .node_bytes = 32,
    .rules = {.ziplist_nodes = true, .lzf_header = 4},
};

/* 4.0 gave the quicklist 8 bytes more. */
const struct list_part list_redis_4_0 = {
    .source = "redis 4.0.14 .. 6.2.16 src/quicklist.h, src/object.c objectComputeSize",
    .quicklist_bytes = 40,
    .node_bytes = 32,
    .rules = {.ziplist_nodes = true, .lzf_header = 4},
};

/* Listpack nodes, plain nodes. */
const struct list_part list_redis_7_0 = {
    .source = "redis 7.0.15 src/quicklist.h, src/quicklist.c",
    .quicklist_bytes = 40,
    .node_bytes = 40,
    .counted = LIST_COUNTS_HELD,
    .rules = {.lzf_header = 8},
};

/* Short lists are a listpack. */
const struct list_part list_redis_7_2 = {
    .source = "redis 7.2.12, valkey 7.2.13 src/t_list.c listTypeTryConversion",
    .can_be_listpack = true,
    .quicklist_bytes = 40,
    .node_bytes = 40,
    .counted = LIST_COUNTS_HELD,
    .rules = {.zero_means_one = true, .lzf_header = 8},
};

/* Elements above the node limit are plain. */
const struct list_part list_redis_7_4 = {
    .source = "redis 7.4.7, valkey 8.0.9 .. 9.1.0 src/quicklist.c isLargeElement",
    .can_be_listpack = true,
    .quicklist_bytes = 40,
    .node_bytes = 40,
    .counted = LIST_COUNTS_HELD,
    .rules = {.zero_means_one = true, .plain_over_limit = true, .lzf_header = 8},
};

/* MEMORY USAGE divides by elements: in doubles, the last byte may be another. */
const struct list_part list_redis_8_0 = {
    .source = "redis 8.0.5, 8.2.3 src/object.c objectComputeSize, kvobjComputeSize",
    .can_be_listpack = true,
    .quicklist_bytes = 40,
    .node_bytes = 40,
    .counted = LIST_COUNTS_HELD,
    .averages_elements = true,
    .rules = {.zero_means_one = true, .plain_over_limit = true, .lzf_header = 8},
};

/* The quicklist counts its own bytes. */
const struct list_part list_redis_8_4 = {
    .source =
        "redis 8.4.0; redis/redis 3339b753b (8.6), 2e46d2e73 (8.8) src/quicklist.h, src/t_list.c listTypeAllocSize",
    .can_be_listpack = true,
    .quicklist_bytes = 48,
    .node_bytes = 40,
    .counted = LIST_COUNTS_ASKED,
    .rules = {.zero_means_one = true, .plain_over_limit = true, .lzf_header = 8},
};

/* ---- planning ------------------------------------------------------------------------------------------------------
 */

static bool rules_equal(const struct list_rules *a, const struct list_rules *b)
{
    return a->ziplist_nodes == b->ziplist_nodes && a->zero_means_one == b->zero_means_one &&
           a->plain_over_limit == b->plain_over_limit && a->lzf_header == b->lzf_header;
}

static unsigned list_lane_need(struct plan *plan, const struct list_lane *wanted)
{
    for (unsigned i = 0; i < plan->list_lane_count; i++) {
        const struct list_lane *lane = &plan->list_lane[i];
        if (rules_equal(lane->rules, wanted->rules) && lane->settings.fill == wanted->settings.fill &&
            lane->settings.depth == wanted->settings.depth && lane->classes == wanted->classes)
            return i;
    }
    plan->list_lane[plan->list_lane_count] = *wanted;
    return plan->list_lane_count++;
}

void list_plan(struct plan *plan, struct planned_view *view)
{
    const struct list_part *part = view->view.server->list;
    enum text_layout element = part->linked_element;
    if (element != TEXT_NONE) {
        plan->needs_ziplist = true;
        plan->counts_numbers |= text_integer_block(element) != 0;
        plan->list_packed_until = (uint64_t)view->view.settings.value[SETTING_LIST_MAX_VALUE];
        view->lanes.list_held = (uint8_t)lane_list_need(&plan->lanes, &plan->lanes.list, element, view->classes);
        view->lanes.list_asked = (uint8_t)lane_list_need(&plan->lanes, &plan->lanes.list, element, NULL);
        return;
    }
    const int64_t *setting = view->view.settings.value;
    struct list_lane lane = {.rules = &part->rules,
                             .settings = {setting[SETTING_LIST_MAX_SIZE], setting[SETTING_LIST_COMPRESS_DEPTH]},
                             .classes = view->classes,
                             .limit = list_limit(&part->rules, setting[SETTING_LIST_MAX_SIZE])};
    plan->needs_ziplist |= part->rules.ziplist_nodes;
    plan->presses_lists |= lane.settings.depth != 0;
    view->lanes.quicklist = (uint8_t)list_lane_need(plan, &lane);
}

/* ---- costing -------------------------------------------------------------------------------------------------------
 */

/* redis 2.8 src/rdb.c: too many elements, or while loading a text above the limit, make it a linked list; of a ziplist
 * in the file only the count is tested. */
static bool is_linked_list(const struct cost_context *c)
{
    const struct shape *shape = c->shape;
    if (shape->elements > setting_of(c, SETTING_LIST_MAX_ENTRIES))
        return true;
    return shape->origin != ORIGIN_ZIPLIST &&
           steps_first_over(&shape->list.steps, setting_of(c, SETTING_LIST_MAX_VALUE)) != UINT64_MAX;
}

/* Elements that were packed until one was too long. */
static struct number_texts_less unpacked_numbers(const struct cost_context *c)
{
    bool was_packed = c->shape->elements <= setting_of(c, SETTING_LIST_MAX_ENTRIES);
    if (!was_packed || setting_of(c, SETTING_LIST_MAX_VALUE) != c->plan->list_packed_until)
        return (struct number_texts_less){0};
    return number_texts_less(c, &c->shape->numbers, c->server->list->linked_element);
}

static void list_cost_linked(const struct cost_context *c, struct tally *t)
{
    const struct shape *shape = c->shape;
    if (!is_linked_list(c)) {
        bool as_stored = shape->origin == ORIGIN_ZIPLIST && shape->blob_len;
        uint64_t len = as_stored ? shape->blob_len : ZIPLIST_FRAME + shape->list.packed.ziplist;
        packed_cost(c, t, len, len, COUNTED_ASKED);
        t->encoding = ENCODING_ZIPLIST;
        return;
    }
    struct number_texts_less less = unpacked_numbers(c);
    uint64_t n = shape->elements, asked = shape->sum[c->view->lanes.list_asked] - less.asked;
    tally_add(t, COST_TABLE, "list structure", 0, 1, LIST_BYTES, held(c, LIST_BYTES));
    tally_add(t, COST_ELEMENT, "list nodes", 0, n, n * LIST_NODE_BYTES, n * held(c, LIST_NODE_BYTES));
    tally_add(t, COST_ELEMENT, "element objects", 0, n, asked, shape->sum[c->view->lanes.list_held] - less.held);
    tally_payload(t, asked, shape_object_payload(shape));
    t->encoding = ENCODING_LINKEDLIST;
}

static bool is_listpack(const struct cost_context *c, const struct list_part *part, const struct list_packer *packer)
{
    /* A ziplist that is loaded element by element is not offered for conversion: rdb.c rdbLoadObject. */
    if (!part->can_be_listpack || c->shape->origin == ORIGIN_ZIPLIST || packer->nodes != 1 || packer->first_plain)
        return false;
    struct list_limit limit = c->plan->list_lane[c->view->lanes.quicklist].limit;
    if (limit.entries != UINT64_MAX)
        return packer->first_count <= limit.entries;
    return packer->first_len <= limit.bytes;
}

/* What MEMORY USAGE counts of structure and nodes. */
static void count_nodes(const struct cost_context *c, struct tally *t, const struct list_part *part,
                        const struct list_packer *packer)
{
    uint64_t blobs = packer->len, nodes = packer->nodes;
    if (part->counted == LIST_COUNTS_ASKED) {
        tally_usage(t, held(c, part->quicklist_bytes) + nodes * held(c, part->node_bytes) + blobs);
        return;
    }
    if (part->counted == LIST_COUNTS_HELD)
        blobs = packer->held;
    else
        blobs -= packer->compressed * part->rules.lzf_header;
    tally_usage(t, part->quicklist_bytes);
    tally_usage_average(t, nodes * part->node_bytes + blobs, part->averages_elements ? c->shape->elements : nodes);
}

void list_cost(const struct cost_context *c, struct tally *t)
{
    const struct list_part *part = c->server->list;
    const struct shape *shape = c->shape;
    if (part->linked_element != TEXT_NONE) {
        list_cost_linked(c, t);
        return;
    }
    const struct list_packer *packer = &shape->list.packer[c->view->lanes.quicklist];
    if (is_listpack(c, part, packer)) {
        packed_cost(c, t, packer->first_len, packer->first_len,
                    part->counted == LIST_COUNTS_HELD ? COUNTED_HELD : COUNTED_ASKED);
        t->encoding = ENCODING_LISTPACK;
        return;
    }
    uint64_t nodes = packer->nodes;
    tally_add(t, COST_TABLE, "quicklist structure", 0, 1, part->quicklist_bytes, held(c, part->quicklist_bytes));
    tally_add(t, COST_TABLE, "quicklist nodes", 0, nodes, nodes * part->node_bytes, nodes * held(c, part->node_bytes));
    tally_add(t, COST_ELEMENT, "blobs of nodes", 0, nodes, packer->len, packer->held);
    tally_payload(t, packer->len, shape_packed_payload(shape));
    count_nodes(c, t, part, packer);
    t->encoding = ENCODING_QUICKLIST;
}

bool list_packing(const struct cost_context *c, struct packing *packing, bool *limit_is_bytes)
{
    const struct list_part *part = c->server->list;
    if (part->linked_element != TEXT_NONE || part->rules.ziplist_nodes)
        return false;
    const struct list_packer *packer = &c->shape->list.packer[c->view->lanes.quicklist];
    struct list_limit limit = c->plan->list_lane[c->view->lanes.quicklist].limit;
    if (packer->nodes < 2 || limit.one_per_node || c->shape->longest > limit.bytes)
        return false;
    uint64_t nodes = packer->nodes, node = held(c, part->node_bytes), whole = held(c, part->quicklist_bytes);
    *limit_is_bytes = limit.entries == UINT64_MAX;
    packing->packed_len = packer->len + packer->saved.len - (nodes - 1) * LISTPACK_FRAME;
    packing->packed_bytes = held(c, packing->packed_len) + (part->can_be_listpack ? 0 : whole + node);
    packing->table_bytes = whole + nodes * node + packer->held;
    packing->limit_setting = SETTING_LIST_MAX_SIZE;
    packing->limit = (int64_t)(*limit_is_bytes ? limit.bytes : limit.entries);
    packing->actual = *limit_is_bytes ? packing->packed_len : c->shape->elements;
    packing->reason = UNPACKED_TOO_MANY_ENTRIES;
    return true;
}
