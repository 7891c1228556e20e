/* Of section slots: how evenly bytes lie over the nodes of a cluster, and the slots to move to level them. */
#ifndef SLOT_LEVEL_H
#define SLOT_LEVEL_H

#include "document.h"
#include "slot_moves.h"

void slot_level_write(struct doc_section *section, const struct slot_sum sum[SLOTS], const struct slot_nodes *nodes,
                      size_t top);

#endif
