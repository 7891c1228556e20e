/* One pass over a snapshot: source -> parser -> record builder -> the command. */
#ifndef RUN_H
#define RUN_H

#include "cli_options.h"
#include "environment.h"
#include "exit_status.h"
#include "file_facts.h"
#include "model/node_rewrites.h"
#include "record.h"
#include "target.h"

/* What is fixed before the first record, but for `file` and `keyspace`, which are complete when `end` is called. */
struct run_context {
    const struct cli_options *options;
    const struct environment *environment;
    const struct target *target;
    const struct plan *plan; /* view 0 is the target */
    const struct keyspace *keyspace;
    const struct file_facts *file;
    int64_t now_ms; /* --now, else the snapshot's ctime, else the clock */
};

/* What a command does with a snapshot. `self` is the command's own state. */
struct run_job {
    bool with_slots;        /* every record has its cluster slot */
    bool with_values;       /* records offer first bytes of values: record.h */
    bool with_expiry_bytes; /* records have what an expiry would cost: record.h */
    bool with_census;       /* records have the sizes of their blocks: record.h */
    bool with_keyspace;     /* the tables of the databases are costed; else `keyspace` stays empty */
    bool with_other;        /* records have other_bytes: add_views gives a view 1 */
    bool costs_late;        /* `add` calls record_cost for strings, unless --min-size needs what they cost before */
    /* Adds views behind view 0 (views[0..count) are there); returns the new count. May be NULL. */
    size_t (*add_views)(void *self, const struct target *target, const struct file_facts *file, struct plan_view *views,
                        size_t count);
    /* What settings of nodes lists and streams are to be written anew under: record.h. May be NULL: none. */
    void (*node_points)(void *self, const struct plan_view *view, struct node_points *points);
    /* Called once the server is known, before the first record. May be NULL. */
    void (*begin)(void *self, const struct run_context *context);
    bool is_again;     /* the file was read before: what is wrong with it has been said */
    bool with_threads; /* `add` may be called by other threads (one at a time) when more has been read already */
    /* What is done with a record by itself, before it is added: called by any thread, for several records at a time. It
     * adds to `scratch`, scratch_bytes that were zero, which `take` empties now and then, between calls of `add` and at
     * the end. May be NULL, both. */
    void (*cost)(const void *self, const struct record *record, void *scratch);
    void (*take)(void *self, void *scratch);
    size_t scratch_bytes;
    /* Called for each record that passes the filters, in file order. Returns false to stop reading. May be NULL. */
    bool (*add)(void *self, struct record *record);
    /* Called when the file has been read, or as much of it as can be; not when it is no snapshot at all. Writes the
     * output; returns the status of that alone. */
    enum exit_status (*end)(void *self, const struct run_context *context);
};

/* Reads options->operands.text[0] and does the job. Complains of everything that went wrong. */
enum exit_status run_snapshot(const struct run_job *job, void *self, const struct cli_options *options,
                              const struct environment *environment);

#endif
