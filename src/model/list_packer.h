/* Builds the nodes of a list as one server under one setting would, while the elements pass. */
#ifndef MODEL_LIST_PACKER_H
#define MODEL_LIST_PACKER_H

#include "list_rules.h"
#include "size_classes.h"

/* The distinct ways in which the views of a plan build lists. */
struct list_lane {
    const struct list_rules *rules;
    struct list_settings settings;
    const struct size_classes *classes;
    struct list_limit limit;
};

/* What compression takes off one node. */
struct list_saving {
    uint64_t held, len;
};

struct list_packer {
    uint64_t nodes, held, len;       /* nodes so far; bytes that their blobs hold; and their length */
    uint64_t compressed;             /* nodes that are compressed */
    uint64_t longest;                /* length of the longest one, not compressed */
    uint64_t open_len, open_count;   /* the node that takes the next element; open_count 0: none */
    uint64_t open_previous;          /* its last ziplist entry */
    uint64_t first_len, first_count; /* of the first node */
    bool first_plain;
    bool is_guess; /* how a node compresses is not known */
    unsigned lane_index;
    uint64_t mapped_freed;    /* size_classes_held_after; the caller's to set */
    struct list_saving *ring; /* what the last nodes would save: only nodes `depth` from the end do */
    uint64_t ring_size, ring_used, ring_next;
    struct list_saving saved; /* in all, already taken off held and len */
    bool is_coarse;
};

/* A longer list-compress-depth leaves more nodes alone than anyone compresses lists for; lists of so many nodes are
 * coarse under it. */
enum { LIST_RING_MAX = 1024 };

void list_packer_init(struct list_packer *packer, const struct list_lane *lane, unsigned lane_index);
void list_packer_release(struct list_packer *packer);
void list_packer_begin(struct list_packer *packer, uint64_t mapped_freed);
/* An element pushed to the tail. `entry`: its bytes in a listpack, or its body in a ziplist; `len`: of its text.
 * `press`: where the bytes of its open node are; NULL where no lane compresses. */
struct list_press;
void list_packer_push(struct list_packer *packer, const struct list_lane *lane, struct list_press *press, uint64_t len,
                      uint64_t entry);
/* Whether the next node is none of the first ones, which list-compress-depth leaves as they are. */
static inline bool list_packer_is_behind_head(const struct list_packer *packer, const struct list_lane *lane)
{
    return packer->ring_size && packer->nodes >= (uint64_t)lane->settings.depth;
}
/* Whether the next node, of `len` bytes, may be compressed one day. */
bool list_packer_presses(const struct list_packer *packer, const struct list_lane *lane, uint64_t len);
/* A whole node. `compressed`: its LZF length, 0 when it does not compress. */
void list_packer_node(struct list_packer *packer, const struct list_lane *lane, uint64_t len, uint64_t count,
                      bool plain, uint64_t compressed);
/* What the open nodes of several lanes take for certain, so that elements need not be shown to each lane. Listpack
 * nodes only. */
struct list_room {
    uint64_t bytes, entries;   /* what is left */
    uint64_t taken_len, taken; /* what went there since: bytes of entries, and how many */
};
/* Narrows the room to that of the lane's open node. */
void list_packer_room(const struct list_packer *packer, const struct list_lane *lane, struct list_room *room);
/* Whether an element of `len` bytes goes into the open node of every lane that the room was narrowed to. */
static inline bool list_room_has(const struct list_room *room, uint64_t len)
{
    enum { ENTRY_ESTIMATE = 8 }; /* quicklist.c SIZE_ESTIMATE_OVERHEAD, 7.0+ */
    return len < room->bytes && room->taken_len + len + ENTRY_ESTIMATE <= room->bytes && room->taken < room->entries;
}
/* The elements that went into the room. */
void list_packer_take(struct list_packer *packer, const struct list_room *room);
/* Closes the last node. */
void list_packer_end(struct list_packer *packer, const struct list_lane *lane, struct list_press *press);

#endif
