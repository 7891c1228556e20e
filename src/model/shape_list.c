#include <stdlib.h>

#include "grow.h"
#include "shape_internal.h"

void shape_list_init(struct shape *shape)
{
    const struct plan *plan = shape->plan;
    if (plan->list_lane_count == 0)
        return;
    shape->list.packer = allocate(plan->list_lane_count, sizeof *shape->list.packer);
    for (unsigned i = 0; i < plan->list_lane_count; i++)
        list_packer_init(&shape->list.packer[i], &plan->list_lane[i], i);
}

void shape_list_release(struct shape *shape)
{
    for (unsigned i = 0; i < shape->plan->list_lane_count; i++)
        list_packer_release(&shape->list.packer[i]);
    free(shape->list.packer);
    list_press_free(shape->list.press);
}

static enum node_form form_of(const struct list_lane *lane)
{
    return lane->rules->ziplist_nodes ? NODE_ZIPLIST : NODE_LISTPACK;
}

static struct list_press *new_press(const struct plan *plan)
{
    struct list_press *press = list_press_new();
    for (unsigned i = 0; i < plan->list_lane_count; i++)
        if (plan->list_lane[i].settings.depth)
            press->makes[form_of(&plan->list_lane[i])] = press->makes[NODE_PLAIN] = true;
    return press;
}

void shape_list_begin(struct shape *shape)
{
    struct list_shape *list = &shape->list;
    for (unsigned i = 0; i < shape->plan->list_lane_count; i++)
        list_packer_begin(&list->packer[i], shape->mapped_freed);
    if (shape->plan->presses_lists && !list->press)
        list->press = new_press(shape->plan);
    list->packed = list->node = (struct packed_sums){.listpack = 0};
    list->steps.count = 0;
    list->has_node = list->only_counts = false;
    list->room = (struct list_room){.bytes = 0};
}

/* Whether a lane's servers keep a node of the file as it is. */
static bool keeps_node(const struct shape *shape, const struct list_lane *lane)
{
    if (shape->list.node_plain)
        return !lane->rules->ziplist_nodes;
    return lane->rules->ziplist_nodes == (shape->origin == ORIGIN_QUICKLIST);
}

/* `compressed` of `of` bytes, for `len` bytes; 0 where a hostile node holds nothing. */
static uint64_t scaled(uint64_t compressed, uint64_t len, uint64_t of)
{
    return of ? (uint64_t)((unsigned __int128)compressed * len / of) : 0;
}

/* Compressed length of the node that has been read, of `len` bytes as the lane has it. Where the bytes are not known,
 * it is taken from the stored node. */
static uint64_t stored_node_pressed(struct shape *shape, unsigned lane_index, uint64_t len, bool plain)
{
    struct list_shape *list = &shape->list;
    struct list_packer *packer = &list->packer[lane_index];
    const struct list_lane *lane = &shape->plan->list_lane[lane_index];
    if (!list_packer_presses(packer, lane, len))
        return 0;
    bool is_kept = keeps_node(shape, lane);
    if (is_kept && list->node_compressed)
        return list->node_compressed;
    uint64_t pressed = list_press_stored(list->press, plain ? NODE_PLAIN : form_of(lane), len);
    packer->is_guess |= pressed == 0;
    return pressed ? pressed : scaled(list->node_compressed, len, list->node_len);
}

/* Hands the node that has been read to every lane: as it is stored, or packed anew. */
static void end_node(struct shape *shape)
{
    struct list_shape *list = &shape->list;
    if (!list->has_node)
        return;
    list->has_node = list->only_counts = false;
    uint64_t freed = shape->mapped_freed > shape->mapped_freeing ? shape->mapped_freed : shape->mapped_freeing;
    for (unsigned i = 0; i < shape->plan->list_lane_count; i++) {
        const struct list_lane *lane = &shape->plan->list_lane[i];
        list->packer[i].mapped_freed = freed;
        uint64_t len = list->node_len;
        bool plain = list->node_plain && !lane->rules->ziplist_nodes;
        if (!keeps_node(shape, lane)) {
            bool was_walked = list->node_count != 0;
            shape->is_coarse |= !was_walked;
            if (was_walked)
                len = lane->rules->ziplist_nodes ? ZIPLIST_FRAME + list->node.ziplist
                                                 : LISTPACK_FRAME + list->node.listpack;
        }
        uint64_t pressed = stored_node_pressed(shape, i, len, plain);
        list_packer_node(&list->packer[i], lane, len, list->node_count, plain, pressed);
    }
    shape_remember_freed(shape, list->node_compressed);
}

/* Hands out what went into the room of all lanes. */
static void leave_room(struct shape *shape)
{
    struct list_shape *list = &shape->list;
    for (unsigned i = 0; list->room.taken && i < shape->plan->list_lane_count; i++)
        list_packer_take(&list->packer[i], &list->room);
    list->room = (struct list_room){.bytes = 0};
}

/* Whether some view has no nodes, but sums up elements. */
static bool has_texts(const struct plan *plan)
{
    return plan->lanes.list.count != 0 || plan->lanes.list.object_count != 0;
}

/* Says what is to be known of the elements of the node that has begun: their bytes, where some lane may compress it
 * (the first ones never are) and does not keep it as it is compressed in the file; how they are packed, where it is
 * packed anew; else only how many there are. */
static void plan_node(struct shape *shape)
{
    const struct plan *plan = shape->plan;
    struct list_shape *list = &shape->list;
    bool may_press = false, repacks = false;
    for (unsigned i = 0; i < plan->list_lane_count; i++) {
        bool is_kept = keeps_node(shape, &plan->list_lane[i]);
        if (!is_kept || list->node_compressed == 0)
            may_press |= list_packer_is_behind_head(&list->packer[i], &plan->list_lane[i]);
        repacks |= !is_kept;
    }
    list->presses_node = list->press && may_press;
    list->only_counts = !list->presses_node && !repacks && !has_texts(plan);
}

void shape_list_node(struct shape *shape, uint64_t len, bool plain, uint64_t compressed_len)
{
    struct list_shape *list = &shape->list;
    end_node(shape);
    leave_room(shape);
    list->has_node = true;
    list->node_plain = plain;
    list->node_len = len;
    list->node_compressed = compressed_len;
    list->node_count = 0;
    list->node = (struct packed_sums){.listpack = 0};
    plan_node(shape);
    if (list->presses_node)
        list_press_begin_stored(list->press, plain);
}

/* An element for a lane's open node, where it may be compressed one day. */
static void press_each(struct list_shape *list, const struct list_lane *lane, unsigned i,
                       const struct shape_text *element)
{
    uint64_t count = list->packer[i].open_count;
    if (count && list_packer_is_behind_head(&list->packer[i], lane))
        list_press_add(list->press, i, form_of(lane), count == 1, element);
}

/* Shown to every lane. */
static void push_each(struct shape *shape, const struct shape_text *element)
{
    const struct plan *plan = shape->plan;
    struct list_shape *list = &shape->list;
    uint64_t entry[2] = {listpack_entry(element), ziplist_body(element)};
    leave_room(shape);
    struct list_room room = {.bytes = UINT64_MAX, .entries = UINT64_MAX};
    for (unsigned i = 0; i < plan->list_lane_count; i++) {
        const struct list_lane *lane = &plan->list_lane[i];
        list_packer_push(&list->packer[i], lane, list->press, element->len, entry[lane->rules->ziplist_nodes]);
        list_packer_room(&list->packer[i], lane, &room);
        if (list->press)
            press_each(list, lane, i, element);
    }
    if (list->press)
        list->press->text = NULL;
    else if (!has_texts(plan))
        list->room = room;
}

/* An element that lanes want to see, or that views without nodes sum up. */
static __attribute__((noinline)) void show_element(struct shape *shape, const struct shape_text *element)
{
    const struct plan *plan = shape->plan;
    struct list_shape *list = &shape->list;
    shape_sum_text(shape, &plan->lanes.list, element);
    if (list->has_node) {
        shape_pack_text(shape, &list->node, element);
        if (list->presses_node)
            list_press_add_stored(list->press, element);
    } else {
        push_each(shape, element);
    }
    if (plan->lanes.list.object_count) {
        shape_pack_text(shape, &list->packed, element);
        if (plan->counts_numbers && steps_longest(&list->steps) <= plan->list_packed_until)
            number_texts_add(&shape->numbers, element);
        steps_add(&list->steps, shape->elements, element->len);
    }
}

void shape_list_element(struct shape *shape, const struct shape_text *element)
{
    struct list_shape *list = &shape->list;
    uint64_t entry = listpack_entry(element);
    shape->payload += element->len;
    if (element->len > shape->longest)
        shape->longest = element->len;
    if (element->is_integer) {
        shape->integer_text += element->len;
        shape->integer_body += entry - 1;
    }
    list->node_count += list->has_node;
    if (list_room_has(&list->room, element->len)) {
        list->room.taken_len += entry;
        list->room.taken++;
    } else if (!list->only_counts) {
        show_element(shape, element);
    }
    shape->elements++;
}

/* Whether a node was compressed whose length is not known. */
static bool is_guess(const struct list_packer *packer, const struct list_lane *lane)
{
    return packer->is_guess && packer->nodes > 2 * (uint64_t)lane->settings.depth;
}

void shape_list_end(struct shape *shape)
{
    struct list_shape *list = &shape->list;
    end_node(shape);
    leave_room(shape);
    for (unsigned i = 0; i < shape->plan->list_lane_count; i++) {
        const struct list_lane *lane = &shape->plan->list_lane[i];
        list_packer_end(&list->packer[i], lane, list->press);
        shape->is_coarse |= list->packer[i].is_coarse || is_guess(&list->packer[i], lane);
    }
}

bool shape_wants_list_bytes(const struct shape *shape)
{
    const struct list_shape *list = &shape->list;
    return list->press && (list->presses_node || !list->has_node);
}

void shape_list_bytes(struct shape *shape, const uint8_t *bytes, size_t known)
{
    struct list_press *press = shape->list.press;
    if (press) {
        press->text = bytes;
        press->known = bytes ? known : 0;
    }
}
