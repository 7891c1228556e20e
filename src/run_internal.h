/* Inside a run: what one thread has (run.c), and how several of them share a file (run_parts.c). */
#ifndef RUN_INTERNAL_H
#define RUN_INTERNAL_H

#include <rdbparse.h>

#include "filter.h"
#include "model/function_library.h"
#include "record_builder.h"
#include "run.h"

enum { RUN_MAX_LIBRARIES = 1024 };

/* What comes before the first key and can only be used once the server is known. */
struct prologue {
    uint64_t db, keys, expires; /* of the first SELECTDB and RESIZEDB */
    bool has_db, has_resize;
    struct function_library library[RUN_MAX_LIBRARIES];
    uint64_t libraries; /* further ones than there is room for are left out of the tables' cost */
};

struct run {
    const struct run_job *job;
    void *self;
    struct run_context context;
    struct target target;
    struct filter *filter;
    uint64_t min_size;
    struct file_facts file;
    struct plan *plan; /* NULL until the server is known */
    struct keyspace *keyspace;
    struct record_builder *builder;
    struct prologue prologue;
    uint64_t db;
    int64_t expired_before_ms;
    uint64_t from_offset; /* records before it have been added already */
    bool key_open;        /* inside a record that passed the filter */
    bool has_header;
    bool with_slots;
    bool takes_plain; /* the job has use of plain strings */
};

/* Starts with nothing known of the file; complains and returns false where the options make no sense. */
bool run_init(struct run *run, const struct run_job *job, void *self, const struct cli_options *options,
              const struct environment *environment);
void run_release(struct run *run);
/* Chooses the server and makes everything that depends on it, once. */
void run_make_ready(struct run *run);
/* A further thread's, of a run that is ready: with the same server, and with tables and counts of its own. */
void run_fork(struct run *fork, const struct run *run);
/* Adds what a fork has counted (`run` is NULL: nothing), and releases it; `self` is left to the caller. */
void run_join(struct run *run, struct run *fork);
/* What lies between the keys. */
enum rdb_status run_file_event(struct run *run, const struct rdb_event *event);
/* A key, and what it holds; of a fork all that is in its parts. */
rdb_sink run_record_sink;

/* Reads the file in parts, each in one of so many threads. False: it has to be read in one thread, from *from_offset
 * on, and nothing of `run` is to be used; what is wrong with such a file is left to that. */
bool run_parts(struct run *run, unsigned threads, uint64_t *from_offset);

#endif
