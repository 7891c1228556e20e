/* Lanes: running sums over the elements of an object, one per distinct (element layout, allocator) that the views of a
 * plan need. Rounding to size classes makes an element's cost depend on its own length, so it cannot be had from sums
 * of lengths; layouts are few and shared between servers. */
#ifndef MODEL_LANES_H
#define MODEL_LANES_H

#include <stdint.h>

enum { LANES_MAX = 96 };

/* Where one view finds its sums: indices into shape.lane. */
struct view_lanes {
    uint8_t set_held, set_counted;
    uint8_t zset_held, zset_counted;
    uint8_t hash_held, hash_counted;
    uint8_t list_held;
};

struct lane_table {
    unsigned count;
};

#endif
