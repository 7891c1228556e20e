/* One pass over a snapshot: source -> parser -> record builder -> the command. */
#ifndef RUN_H
#define RUN_H

#include "cli_options.h"
#include "environment.h"
#include "exit_status.h"
#include "file_facts.h"
#include "model/node_rewrites.h"
#include "plain_string.h"
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

/* How a command divides its work between threads, each of which adds parts of the file. */
struct run_forks {
    /* A state of its own for a further thread, which `add` gets in place of `self`. NULL: this time all has to be done
     * in one thread. `context` lives as long as the thread. */
    void *(*fork)(void *self, const struct run_context *context);
    /* Adds what was gathered to `self` (NULL: forgets it), and frees it. */
    void (*join)(void *self, void *forked);
    /* Whether anything depends on the order of records by now (tables that were full, say): then the file is read once
     * more, in one thread. Of `self` or of a fork. May be NULL: nothing ever does. */
    bool (*depends_on_order)(const void *self);
    /* Whether it is time to join a fork, of so many, and to go on with a new one, so that all of them together take
     * bounded memory. May be NULL. */
    bool (*is_large)(const void *forked, unsigned forks);
    /* Takes what a fork has gathered from one part of the file; called in file order. Returns false to stop. May be
     * NULL. */
    bool (*pass_on)(void *self, void *forked);
    /* The file is read once more: `self` forgets what it has since `begin`, but for what was passed on. May be NULL. */
    void (*forget)(void *self);
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
    /* Called once the server is known, before the first record; again, when the file is read once more. May be NULL. */
    void (*begin)(void *self, const struct run_context *context);
    bool is_again; /* the file was read before: what is wrong with it has been said */
    /* Called for each record that passes the filters, in file order. Returns false to stop reading. May be NULL. */
    bool (*add)(void *self, struct record *record);
    /* Called in its place for plain strings, where neither slots nor costs are asked for: false, it must be `add` all
     * the same. May be NULL. */
    bool (*add_plain)(void *self, const struct plain_string *string);
    const struct run_forks *forks; /* NULL: all in one thread */
    /* Called when the file has been read, or as much of it as can be; not when it is no snapshot at all. Writes the
     * output; returns the status of that alone. */
    enum exit_status (*end)(void *self, const struct run_context *context);
};

/* Reads options->operands.text[0] and does the job. Complains of everything that went wrong. */
enum exit_status run_snapshot(const struct run_job *job, void *self, const struct cli_options *options,
                              const struct environment *environment);

#endif
