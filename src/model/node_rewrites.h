/* Lists and streams as they would be if they were written anew, element by element, under other settings of their
 * nodes: loading keeps nodes as they are, so only new keys and new elements follow such a setting. Built beside the
 * shape of a record, for a few settings at a time; the cost follows from model_cost over plans of its own. */
#ifndef MODEL_NODE_REWRITES_H
#define MODEL_NODE_REWRITES_H

#include <stdbool.h>
#include <stdint.h>

#include "shape.h"

enum { NODE_REWRITES_MAX = 12 };

/* A stream's entry, as far as the size of nodes depends on it. */
struct stream_entry {
    uint64_t ms, seq;      /* its id */
    uint64_t fields;       /* their number */
    uint64_t names;        /* hash of their names: two entries with the same one have the same names */
    uint64_t names_packed; /* listpack bytes of the names, of the values */
    uint64_t values_packed;
    uint64_t text_len; /* bytes of all names and values */
};

struct node_rewrites;

/* Tries `setting` values beside those of the view: list-max-listpack-size, stream-node-max-bytes and
 * stream-node-max-entries, each alone, `count[setting]` of them (at most NODE_REWRITES_MAX - 1) at `value[setting]`. */
struct node_points {
    unsigned count;
    struct {
        enum setting setting;
        int64_t value;
    } point[3 * NODE_REWRITES_MAX];
};
struct node_rewrites *node_rewrites_new(const struct plan_view *view, const struct node_points *points);
void node_rewrites_free(struct node_rewrites *rewrites);

void node_rewrites_begin(struct node_rewrites *rewrites, enum object_type type);
void node_rewrites_list_element(struct node_rewrites *rewrites, const struct shape_text *element);
void node_rewrites_stream_entry(struct node_rewrites *rewrites, const struct stream_entry *entry);
void node_rewrites_end(struct node_rewrites *rewrites);

/* Point 0 is the view as it is; point i is number i - 1 of those given. */
unsigned node_rewrites_count(const struct node_rewrites *rewrites);
enum setting node_rewrites_setting(const struct node_rewrites *rewrites, unsigned point);
int64_t node_rewrites_value(const struct node_rewrites *rewrites, unsigned point);
/* Bytes of the nodes alone for streams: groups and consumers are as they are. false where the point is not about the
 * type. */
bool node_rewrites_bytes(const struct node_rewrites *rewrites, unsigned point, enum object_type type,
                         const struct key_facts *key, uint64_t *bytes);

/* The nodes at such a point: what commands copy and scan, not compressed. All 0 where values have none (before 3.2). */
struct node_lengths {
    uint64_t count, bytes, longest;
};
void node_rewrites_lengths(const struct node_rewrites *rewrites, unsigned point, enum object_type type,
                           struct node_lengths *lengths);

#endif
