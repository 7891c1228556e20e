/* Slots to move between the nodes of a cluster so that each holds about the same bytes. */
#ifndef SLOT_MOVES_H
#define SLOT_MOVES_H

#include "slot_nodes.h"

struct slot_sum {
    uint64_t keys, bytes;
    uint64_t files; /* that have keys of it; 0 until the file's end */
};

struct slot_move {
    uint16_t slot, from, to;
};

/* The rule: from the heaviest node to the lightest goes the heaviest slot that takes neither beyond the mean; where
 * there is none, the heaviest that leaves the one at least as heavy as it makes the other. No slot moves twice. It ends
 * when all nodes are within a hundredth of the mean, or no slot of those above is small enough. So no more bytes move
 * than lie above the mean, but for that remainder.
 *
 * `order` has the indexes of the nodes: of equals the first is taken. Fills `after` with the bytes of each node and
 * `move`, which has room for SLOTS; returns how many there are. */
size_t slot_moves_level(const struct slot_sum sum[SLOTS], const struct slot_nodes *nodes, const uint16_t *order,
                        uint64_t *after, struct slot_move *move);

#endif
