/* Records on their way through several threads. The thread that parses builds them, in builders that take turns, and
 * hands them on in batches. A batch is costed by whichever thread is free, and then added to what the command gathers,
 * batch after batch in file order and never two at a time: so the result is that of one thread, to the byte, and
 * nothing that collects need know of threads. A thread that has nothing to parse into helps with the other two. */
#ifndef PIPELINE_H
#define PIPELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "record_builder.h"

struct pipeline;

/* What is done with records. `self` is the caller's. */
struct pipeline_work {
    /* A builder for the pipeline's own use. `heavy`: for any record; else for strings, plain lists, sets, sorted sets
     * and hashes. */
    struct record_builder *(*make)(void *self, bool heavy);
    /* By any thread, at any time, but once for each record and before it is added. `scratch` is the batch's. */
    void (*cost)(void *self, struct record_builder *builder, void *scratch);
    /* In file order, one at a time. Returns false to stop: no further one is added. */
    bool (*add)(void *self, struct record *record);
    /* When all records of a batch have been added: takes what the scratch holds of them. */
    void (*take)(void *self, void *scratch);
};

/* How much memory a record's builder may come to hold. */
enum pipeline_weight { PIPELINE_STRING, PIPELINE_COLLECTION, PIPELINE_HEAVY, PIPELINE_WEIGHTS };

/* `threads` with the caller's; fewer where the system has no more. `work` and `self` are borrowed. Every batch has
 * `scratch_bytes`, zero. */
struct pipeline *pipeline_new(const struct pipeline_work *work, void *self, size_t scratch_bytes, unsigned threads);
/* Drops what has not been added. Takes NULL. */
void pipeline_free(struct pipeline *pipeline);

/* A builder for the next record, which follows the one before. NULL when adding was stopped. */
struct record_builder *pipeline_next(struct pipeline *pipeline, enum pipeline_weight weight);
/* The record has been closed: it goes on. Without this call its builder is used again for the next one. */
void pipeline_push(struct pipeline *pipeline);
/* Waits until everything that was pushed has been added. */
void pipeline_drain(struct pipeline *pipeline);

#endif
