/* The bytes of a list node that a server packs anew, for how they compress: entries as redis src/listpack.c and
 * src/ziplist.c encode them, or one element as it is. */
#ifndef MODEL_NODE_BYTES_H
#define MODEL_NODE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shape.h"

enum node_form { NODE_LISTPACK, NODE_ZIPLIST, NODE_PLAIN, NODE_FORMS };

/* Larger nodes are not kept. Servers cut nodes at 64 KiB at most; only a single element takes more. */
enum { NODE_BYTES_MAX = 1 << 20 };

struct node_bytes {
    uint8_t *bytes;
    size_t capacity, len;
    uint64_t count;    /* entries */
    uint64_t previous; /* bytes of the last ziplist entry */
    enum node_form form;
    bool is_whole; /* no byte is missing */
};

void node_bytes_release(struct node_bytes *node);
/* Empty, in that form. */
void node_bytes_begin(struct node_bytes *node, enum node_form form);
/* Adds an element. `bytes`: the first `known` bytes of its text; not needed of integers, but where the form is plain.
 */
void node_bytes_add(struct node_bytes *node, const struct shape_text *text, const uint8_t *bytes, size_t known);
/* Completes header and end. */
void node_bytes_end(struct node_bytes *node);

#endif
