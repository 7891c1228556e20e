#include "nodes_option.h"

#include <stddef.h>

#include "complain.h"

bool nodes_option_read(struct slot_nodes *nodes, const char *text)
{
    char message[SLOT_NODES_MESSAGE];
    *nodes = (struct slot_nodes){.count = 0};
    if (text == NULL || slot_nodes_read(nodes, text, message))
        return true;
    complain("--nodes: %s", message);
    slot_nodes_release(nodes);
    return false;
}
