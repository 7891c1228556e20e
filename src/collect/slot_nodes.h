/* Which node of a cluster serves which hash slot: by --nodes, or by which file a slot's keys lie in. */
#ifndef SLOT_NODES_H
#define SLOT_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SLOTS = 16384,
    SLOT_NODES_MAX = 1024, /* "about 1000" is what servers are made for (the cluster specification of redis.io) */
    SLOT_NODE_NAME = 128,
    SLOT_NO_NODE = UINT16_MAX
};

struct slot_nodes {
    size_t count;
    bool are_files;               /* named by them: their order is that of the names */
    bool has_more;                /* than SLOT_NODES_MAX: then it says nothing */
    char (*name)[SLOT_NODE_NAME]; /* of files their path's end */
    uint16_t *owner;              /* of each of SLOTS; SLOT_NO_NODE: none */
};

/* No node owns anything. Aborts when out of memory, as every function here. */
void slot_nodes_init(struct slot_nodes *nodes);
void slot_nodes_release(struct slot_nodes *nodes);
/* The node of that name, which is added where there is none; SLOT_NO_NODE when there are too many. */
uint16_t slot_nodes_named(struct slot_nodes *nodes, const char *name);

enum { SLOT_NODES_MESSAGE = 160 };
/* From text: a number, of nodes that own equal ranges as redis-cli --cluster create deals them out; or the ranges of
 * each, "0-5460,5461-10922,10923-16383", with several of one node joined by a plus: "0-99+200-299". Every slot belongs
 * to one node. Returns false with a message when that is not so; *nodes is initialised either way. */
bool slot_nodes_read(struct slot_nodes *nodes, const char *text, char message[SLOT_NODES_MESSAGE]);

struct archive;
/* Owners of slots for which `in_use` is true. */
void slot_nodes_archive(struct slot_nodes *nodes, const bool in_use[SLOTS], struct archive *archive);

#endif
