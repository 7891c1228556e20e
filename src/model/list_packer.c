#include "list_packer.h"
#include "grow.h"

#include <stdlib.h>

#include "list_press.h"
#include "packed_size.h"

enum {
    SAFETY_LIMIT = 8192,     /* bytes of a node whose fill counts entries: quicklist.c SIZE_SAFETY_LIMIT */
    ENTRY_OVERHEAD = 8,      /* quicklist.c SIZE_ESTIMATE_OVERHEAD, 7.0+ */
    COMPRESS_MIN_BYTES = 48, /* quicklist.c MIN_COMPRESS_BYTES */
    COMPRESS_MIN_SAVED = 8   /* quicklist.c MIN_COMPRESS_IMPROVE */
};

static const uint64_t plain_always = (uint64_t)1 << 30; /* quicklist.c, 7.0 and 7.2: only what no listpack can hold */

struct list_limit list_limit(const struct list_rules *rules, int64_t fill)
{
    static const uint64_t bytes[] = {4096, 8192, 16384, 32768, 65536};
    if (fill > 0)
        return (struct list_limit){SAFETY_LIMIT, (uint64_t)fill, false};
    if (fill < 0 && fill >= -5)
        return (struct list_limit){bytes[-fill - 1], UINT64_MAX, false};
    if (!rules->zero_means_one)
        return (struct list_limit){0, 1, true};
    return fill == 0 ? (struct list_limit){SAFETY_LIMIT, 1, false} : (struct list_limit){bytes[4], UINT64_MAX, false};
}

void list_packer_init(struct list_packer *packer, const struct list_lane *lane, unsigned lane_index)
{
    *packer = (struct list_packer){.lane_index = lane_index};
    int64_t depth = lane->settings.depth;
    packer->ring_size = depth < LIST_RING_MAX ? (uint64_t)depth : LIST_RING_MAX;
    if (packer->ring_size)
        packer->ring = allocate(packer->ring_size, sizeof *packer->ring);
}

void list_packer_release(struct list_packer *packer)
{
    free(packer->ring);
}

void list_packer_begin(struct list_packer *packer, uint64_t mapped_freed)
{
    struct list_saving *ring = packer->ring;
    uint64_t ring_size = packer->ring_size;
    unsigned lane_index = packer->lane_index;
    *packer = (struct list_packer){
        .ring = ring, .ring_size = ring_size, .lane_index = lane_index, .mapped_freed = mapped_freed};
}

/* The node that now is `depth` nodes away from the tail is compressed. */
static void compress_oldest(struct list_packer *packer)
{
    const struct list_saving *saving = &packer->ring[packer->ring_next];
    packer->held -= saving->held;
    packer->len -= saving->len;
    packer->saved.held += saving->held;
    packer->saved.len += saving->len;
    packer->compressed += saving->len != 0;
}

bool list_packer_presses(const struct list_packer *packer, const struct list_lane *lane, uint64_t len)
{
    return list_packer_is_behind_head(packer, lane) && len >= COMPRESS_MIN_BYTES;
}

static uint64_t held_now(const struct list_packer *packer, const struct list_lane *lane, uint64_t len)
{
    return len <= SIZE_CLASSES_SMALL ? lane->classes->small[len]
                                     : size_classes_held_after(lane->classes, len, packer->mapped_freed);
}

static void remember_saving(struct list_packer *packer, const struct list_lane *lane, uint64_t len, uint64_t compressed)
{
    if (!list_packer_is_behind_head(packer, lane))
        return;
    packer->is_coarse |= packer->ring_size < (uint64_t)lane->settings.depth;
    struct list_saving saving = {0, 0};
    if (len >= COMPRESS_MIN_BYTES && compressed && compressed + COMPRESS_MIN_SAVED < len) {
        uint64_t packed = lane->rules->lzf_header + compressed;
        uint64_t plain_held = held_now(packer, lane, len);
        uint64_t packed_held = held_now(packer, lane, packed);
        saving = (struct list_saving){plain_held - packed_held, len - packed};
    }
    if (packer->ring_used == packer->ring_size)
        compress_oldest(packer);
    else
        packer->ring_used++;
    packer->ring[packer->ring_next] = saving;
    packer->ring_next = (packer->ring_next + 1) % packer->ring_size;
}

void list_packer_node(struct list_packer *packer, const struct list_lane *lane, uint64_t len, uint64_t count,
                      bool plain, uint64_t compressed)
{
    if (packer->nodes == 0) {
        packer->first_len = len;
        packer->first_count = count;
        packer->first_plain = plain;
    }
    packer->held += held_now(packer, lane, len);
    packer->len += len;
    packer->longest = len > packer->longest ? len : packer->longest;
    remember_saving(packer, lane, len, compressed);
    packer->nodes++;
}

void list_packer_end(struct list_packer *packer, const struct list_lane *lane, struct list_press *press)
{
    uint64_t pressed = 0;
    if (packer->open_count == 0)
        return;
    if (list_packer_presses(packer, lane, packer->open_len)) {
        pressed = list_press_open(press, packer->lane_index, packer->open_len);
        packer->is_guess |= pressed == 0;
    }
    list_packer_node(packer, lane, packer->open_len, packer->open_count, false, pressed);
    packer->open_count = 0;
}

/* An element that gets a node of its own. */
static void push_plain(struct list_packer *packer, const struct list_lane *lane, struct list_press *press, uint64_t len)
{
    uint64_t pressed = 0;
    list_packer_end(packer, lane, press);
    if (list_packer_presses(packer, lane, len)) {
        pressed = list_press_text(press, len);
        packer->is_guess |= pressed == 0;
    }
    list_packer_node(packer, lane, len, 1, true, pressed);
}

/* What the test of a node's room takes an element for. */
static uint64_t estimated_entry(const struct list_rules *rules, uint64_t len)
{
    if (!rules->ziplist_nodes)
        return len + ENTRY_OVERHEAD;
    return len + (len < 254 ? 1 : 5) + (len < 64 ? 1 : len < 16384 ? 2 : 5);
}

static bool has_room(const struct list_packer *packer, const struct list_lane *lane, uint64_t len)
{
    const struct list_limit *limit = &lane->limit;
    return packer->open_count && !limit->one_per_node && packer->open_count < limit->entries &&
           packer->open_len + estimated_entry(lane->rules, len) <= limit->bytes;
}

void list_packer_room(const struct list_packer *packer, const struct list_lane *lane, struct list_room *room)
{
    const struct list_limit *limit = &lane->limit;
    bool is_open = packer->open_count && !lane->rules->ziplist_nodes && !limit->one_per_node;
    uint64_t bytes = is_open && packer->open_len < limit->bytes ? limit->bytes - packer->open_len : 0;
    uint64_t entries = is_open && packer->open_count < limit->entries ? limit->entries - packer->open_count : 0;
    room->bytes = bytes < room->bytes ? bytes : room->bytes;
    room->entries = entries < room->entries ? entries : room->entries;
}

void list_packer_take(struct list_packer *packer, const struct list_room *room)
{
    packer->open_len += room->taken_len;
    packer->open_count += room->taken;
}

void list_packer_push(struct list_packer *packer, const struct list_lane *lane, struct list_press *press, uint64_t len,
                      uint64_t entry)
{
    bool ziplist = lane->rules->ziplist_nodes;
    if (!ziplist && len > (lane->rules->plain_over_limit ? lane->limit.bytes : plain_always - 1)) {
        push_plain(packer, lane, press, len);
        return;
    }
    if (!has_room(packer, lane, len)) {
        list_packer_end(packer, lane, press);
        packer->open_len = ziplist ? ZIPLIST_FRAME : LISTPACK_FRAME;
        packer->open_previous = 0;
    }
    if (ziplist)
        entry += ziplist_previous_bytes(packer->open_previous);
    packer->open_previous = entry;
    packer->open_len += entry;
    packer->open_count++;
}
