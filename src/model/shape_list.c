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
        list_packer_init(&shape->list.packer[i], &plan->list_lane[i]);
}

void shape_list_release(struct shape *shape)
{
    for (unsigned i = 0; i < shape->plan->list_lane_count; i++)
        list_packer_release(&shape->list.packer[i]);
    free(shape->list.packer);
}

void shape_list_begin(struct shape *shape)
{
    struct list_shape *list = &shape->list;
    for (unsigned i = 0; i < shape->plan->list_lane_count; i++)
        list_packer_begin(&list->packer[i]);
    list->packed = list->node = (struct packed_sums){.listpack = 0};
    list->steps.count = 0;
    list->has_node = false;
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

/* Hands the node that has been read to every lane: as it is stored, or packed anew. How well a node compresses that is
 * packed anew is taken from the stored one. */
static void end_node(struct shape *shape)
{
    struct list_shape *list = &shape->list;
    if (!list->has_node)
        return;
    list->has_node = false;
    for (unsigned i = 0; i < shape->plan->list_lane_count; i++) {
        const struct list_lane *lane = &shape->plan->list_lane[i];
        uint64_t len = list->node_len, compressed = list->node_compressed;
        bool plain = list->node_plain && !lane->rules->ziplist_nodes;
        if (!keeps_node(shape, lane)) {
            bool was_walked = list->node_count != 0;
            shape->is_coarse |= !was_walked || (lane->settings.depth && compressed);
            if (was_walked)
                len = lane->rules->ziplist_nodes ? ZIPLIST_FRAME + list->node.ziplist
                                                 : LISTPACK_FRAME + list->node.listpack;
            compressed = scaled(compressed, len, list->node_len);
        }
        list_packer_node(&list->packer[i], lane, len, list->node_count, plain, compressed);
    }
}

/* Hands out what went into the room of all lanes. */
static void leave_room(struct shape *shape)
{
    struct list_shape *list = &shape->list;
    for (unsigned i = 0; list->room.taken && i < shape->plan->list_lane_count; i++)
        list_packer_take(&list->packer[i], &list->room);
    list->room = (struct list_room){.bytes = 0};
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
        list_packer_push(&list->packer[i], lane, element->len, entry[lane->rules->ziplist_nodes]);
        list_packer_room(&list->packer[i], lane, &room);
    }
    list->room = room;
}

static inline void push(struct shape *shape, const struct shape_text *element)
{
    struct list_room *room = &shape->list.room;
    if (!list_room_has(room, element->len)) {
        push_each(shape, element);
        return;
    }
    room->taken_len += listpack_entry(element);
    room->taken++;
}

void shape_list_element(struct shape *shape, const struct shape_text *element)
{
    struct list_shape *list = &shape->list;
    shape_count_text(shape, element);
    shape_sum_text(shape, &shape->plan->lanes.list, element);
    if (list->has_node) {
        shape_pack_text(shape, &list->node, element);
        list->node_count++;
    } else {
        push(shape, element);
    }
    if (shape->plan->lanes.list.object_count) {
        shape_pack_text(shape, &list->packed, element);
        if (shape->plan->counts_numbers && steps_longest(&list->steps) <= shape->plan->list_packed_until)
            number_texts_add(&shape->numbers, element);
        steps_add(&list->steps, shape->elements, element->len);
    }
    shape->elements++;
}

/* Nodes that were built here and would be compressed: their compressed length is not known. */
static bool is_uncompressed_guess(const struct list_packer *packer, const struct list_lane *lane)
{
    uint64_t depth = (uint64_t)lane->settings.depth;
    return packer->is_built && depth && packer->nodes > 2 * depth;
}

void shape_list_end(struct shape *shape)
{
    struct list_shape *list = &shape->list;
    end_node(shape);
    leave_room(shape);
    for (unsigned i = 0; i < shape->plan->list_lane_count; i++) {
        const struct list_lane *lane = &shape->plan->list_lane[i];
        list_packer_end(&list->packer[i], lane);
        shape->is_coarse |= list->packer[i].is_coarse || is_uncompressed_guess(&list->packer[i], lane);
    }
}
