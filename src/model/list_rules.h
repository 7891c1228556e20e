/* How a release builds the nodes of a list that it loads element by element, and what it does with nodes that it finds
 * in the file (quicklist.c). Data: shared by list parts and by the packers that build while parsing. */
#ifndef MODEL_LIST_RULES_H
#define MODEL_LIST_RULES_H

#include <stdbool.h>
#include <stdint.h>

struct list_rules {
    bool ziplist_nodes;    /* before 7.0; else listpacks */
    bool zero_means_one;   /* fill 0 is 1 and below -5 is -5 (7.2+); else one element per node */
    bool plain_over_limit; /* an element longer than a node's limit gets a plain node (redis 7.4+, valkey 8.0+) */
    uint8_t lzf_header;    /* bytes before the compressed bytes of a node */
};

struct list_settings {
    int64_t fill;  /* list-max-listpack-size */
    int64_t depth; /* list-compress-depth */
};

/* What a packed node may hold under a fill: bytes, and entries (UINT64_MAX: any). */
struct list_limit {
    uint64_t bytes, entries;
    bool one_per_node;
};
struct list_limit list_limit(const struct list_rules *rules, int64_t fill);

#endif
