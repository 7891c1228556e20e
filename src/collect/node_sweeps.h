/* Section node_sweeps: what other settings of the nodes of lists and streams would give. Loading keeps nodes as they
 * are, so sizes are about keys that are written anew; a compress depth applies when a list is loaded. */
#ifndef NODE_SWEEPS_H
#define NODE_SWEEPS_H

#include "collector.h"
#include "model/node_rewrites.h"
#include "sweep.h"

enum { NODE_SWEEP_POINTS = 3 * NODE_REWRITES_MAX + 1, NODE_SWEEP_DEPTHS = 8 };

struct node_sweeps {
    uint64_t lists, list_bytes; /* as they are after a load */
    uint64_t streams, stream_entries;
    unsigned count;
    enum setting setting[NODE_SWEEP_POINTS];
    int64_t value[NODE_SWEEP_POINTS];
    uint64_t list_rewritten[NODE_SWEEP_POINTS], stream_rewritten[NODE_SWEEP_POINTS];
    struct node_lengths list_nodes[NODE_SWEEP_POINTS], stream_nodes[NODE_SWEEP_POINTS];
    uint64_t changed[NODE_SWEEP_POINTS];  /* lists, or streams, that would take more or less than under point 0 */
    unsigned depths;                      /* the first is the one in force */
    size_t depth_view[NODE_SWEEP_DEPTHS]; /* not of what a summary held: its plan has no such views */
    int64_t depth[NODE_SWEEP_DEPTHS];
    uint64_t depth_bytes[NODE_SWEEP_DEPTHS];
    uint64_t depth_changed[NODE_SWEEP_DEPTHS];
    bool is_coarse; /* some lists' nodes are not known to compress as the server would */
};

/* The values that are tried: those asked for, else some around the settings in force. */
void node_sweeps_points(const struct plan_view *view, const struct sweep_points *chosen, struct node_points *points);
/* Adds views of views[0] under other compress depths behind views[0..count); returns the new count. */
size_t node_sweeps_views(const struct sweep_points *chosen, struct plan_view *views, size_t count);

void node_sweeps_init(void *self, const struct collect_context *context);
void node_sweeps_add(void *self, const struct collect_context *context, const struct record *record);
void node_sweeps_merge(void *self, const void *other, const struct collect_context *context);
/* collector.h, archive(). */
void node_sweeps_archive(void *self, const struct collect_context *context, struct archive *archive);
/* What the compress depth that saves most would save, and which it is (may be NULL); 0 where that is not worth an
 * action.
 */
uint64_t node_sweeps_depth_saved(const struct node_sweeps *sweeps, const struct collect_context *context,
                                 int64_t *depth);
void node_sweeps_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                        struct document *document);

#endif
