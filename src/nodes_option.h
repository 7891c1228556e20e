/* --nodes: which node of a cluster serves which hash slots. */
#ifndef NODES_OPTION_H
#define NODES_OPTION_H

#include <stdbool.h>

#include "collect/slot_nodes.h"

/* Of a NULL text, there are none: nothing is to be released then. Complains and returns false when it makes no sense.
 */
bool nodes_option_read(struct slot_nodes *nodes, const char *text);

#endif
