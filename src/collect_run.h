/* A run over a snapshot that gathers a collection: what a report, or whatever is written from one, needs of it. */
#ifndef COLLECT_RUN_H
#define COLLECT_RUN_H

#include "collect/collector.h"
#include "collect/sweep.h"
#include "run.h"

/* What is to be gathered. */
struct gather {
    const bool *wanted; /* as collection_new */
    size_t top;
    struct prefix_cuts cuts;
    const struct slot_nodes *nodes; /* NULL: each file is one */
    struct sweep_points points;     /* what sweeps try: sweep_option_read; none: each section's own choice */
};

struct collect_run {
    struct gather gather;
    struct collection *collection;
    bool has_joined; /* a fork's collection is in it */
    void *owner;     /* whoever runs it */
    /* Called when all has been gathered: writes the output; returns the status of that alone. */
    enum exit_status (*end)(const struct collect_run *run, const struct run_context *context);
};

/* Reads options->operands.text[0]. Complains of everything that went wrong. */
enum exit_status collect_run(struct collect_run *run, const struct cli_options *options,
                             const struct environment *environment);

/* --top, --separators and --depth. */
struct gather gather_of_options(const struct cli_options *options);

#endif
