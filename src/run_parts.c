/* One file in several threads. One of them reads it, unwraps it, checks its checksum and passes over the records only
 * to see where they end; what lies between two such places goes to another one, which parses it and adds the records to
 * a fork of the command's state. In the end the forks are joined.
 *
 * What a fork gathers does not depend on which parts it had, or the command says that it does (depends_on_order); and
 * files that are damaged anywhere are left to one thread. So the result is that of one thread, to the byte. */
#include "run_internal.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "complain.h"
#include "memory_budget.h"
#include "run_threads.h"
#include "snapshot.h"
#include "tape.h"

/* A part is long enough to pay for being handed over, and short enough that all threads have one. What comes of its
 * keys until a fork is joined, groups or rows of a table, takes the place of a few windows. */
enum {
    WINDOW_BYTES = 256 << 10,
    HELD_BYTES = 16 << 20,
    WORTH_BYTES = 4 << 20,
    PART_BYTES = 512 << 10,
    PART_LEAST = 4 << 10,
    PARTS_A_THREAD = 16,
    ALL_PARTS_KEYS = 8 << 10
};

enum { LINES = 128 }; /* what caches move at a time: neighbours are fetched together */

/* In lines of its own: it is written for each record. */
struct worker {
    _Alignas(LINES) struct parts *parts;
    struct run run;
    struct rdb_part_parser *parser;
    uint64_t end; /* of the last record that was parsed */
    uint64_t parts_since_join;
    pthread_t thread;
};

struct parts {
    struct run *run;
    struct tape *tape;
    struct worker *worker[RUN_MAX_THREADS]; /* each in memory of its own: see equip() */
    unsigned threads, started;
    /* The reading thread's own: */
    uint64_t begins_at; /* the first part: where what comes before keys begins */
    struct rdb_header header;
    /* Under the lock: */
    pthread_mutex_t lock;
    pthread_cond_t passed_on;
    uint64_t turn, turn_offset; /* of the part that is passed on next, and where its records begin */
    unsigned early_joins;       /* of forks that were large after few parts */
    bool alone;                 /* it has to be read in one thread */
    bool stopped;               /* the command wants no more */
};

static void give_up(struct parts *parts, bool alone)
{
    pthread_mutex_lock(&parts->lock);
    parts->alone |= alone;
    parts->stopped |= !alone;
    pthread_cond_broadcast(&parts->passed_on);
    pthread_mutex_unlock(&parts->lock);
    tape_stop(parts->tape);
}

/* ---- a thread that parses ------------------------------------------------------------------------------------------
 */

static enum rdb_status part_sink(void *context, const struct rdb_event *event)
{
    struct worker *worker = context;
    if (event->kind == RDB_EVENT_FINDING)
        return RDB_STOPPED;
    if (event->kind == RDB_EVENT_KEY_END)
        worker->end = event->offset;
    else if (event->kind == RDB_EVENT_STRING_KEY)
        worker->end = event->string_key.end;
    return run_record_sink(&worker->run, event);
}

/* In the order of the parts. False: no more of them is wanted. */
static bool pass_on(struct worker *worker, const struct tape_part *part)
{
    struct parts *parts = worker->parts;
    const struct run_forks *forks = parts->run->job->forks;
    if (forks->pass_on == NULL)
        return true;
    pthread_mutex_lock(&parts->lock);
    while (parts->turn != part->number && !parts->alone && !parts->stopped)
        pthread_cond_wait(&parts->passed_on, &parts->lock);
    bool is_ours = parts->turn == part->number && !parts->stopped;
    pthread_mutex_unlock(&parts->lock);
    if (!is_ours)
        return false;
    bool goes_on = forks->pass_on(parts->run->self, worker->run.self);
    pthread_mutex_lock(&parts->lock);
    parts->turn++;
    parts->turn_offset = worker->end;
    pthread_cond_broadcast(&parts->passed_on);
    pthread_mutex_unlock(&parts->lock);
    if (!goes_on)
        give_up(parts, false);
    return goes_on;
}

static bool depends_on_order(const struct run *run)
{
    const struct run_forks *forks = run->job->forks;
    return (run->keyspace != NULL && keyspace_depends_on_order(run->keyspace)) ||
           (forks->depends_on_order != NULL && forks->depends_on_order(run->self));
}

/* Joins a fork that has become large, and goes on with a new one. Where that comes after a few parts again and again,
 * keys are so different that joining takes longer than adding them. */
static void spill(struct worker *worker)
{
    enum { EARLY = 4, EARLY_JOINS_MOST = 4 };
    struct parts *parts = worker->parts;
    const struct run_forks *forks = parts->run->job->forks;
    if (depends_on_order(&worker->run)) {
        give_up(parts, true);
        return;
    }
    worker->parts_since_join++;
    if (forks->is_large == NULL || !forks->is_large(worker->run.self, parts->threads))
        return;
    pthread_mutex_lock(&parts->lock);
    parts->early_joins += worker->parts_since_join <= EARLY;
    bool does_not_pay = parts->early_joins > EARLY_JOINS_MOST;
    worker->parts_since_join = 0;
    forks->join(parts->run->self, worker->run.self);
    worker->run.self = forks->fork(parts->run->self, &worker->run.context);
    pthread_mutex_unlock(&parts->lock);
    if (does_not_pay || worker->run.self == NULL)
        give_up(parts, true);
}

static struct rdb_options part_options(const struct run *run)
{
    struct rdb_options options = memory_budget_parser(&run->context.options->input.memory);
    options.skip_checksum = options.joins_strings = true;
    if (options.window_bytes == 0)
        options.window_bytes = WINDOW_BYTES;
    /* What does not fit is left to one thread. */
    unsigned threads = run_threads(run->context.options);
    options.max_unpack_bytes = (options.max_unpack_bytes != 0 ? options.max_unpack_bytes : HELD_BYTES) / threads;
    options.max_template_bytes = (options.max_template_bytes != 0 ? options.max_template_bytes : HELD_BYTES) / threads;
    return options;
}

/* By the thread itself, so that what it writes shares no line of a cache with another thread's. */
static bool equip(struct worker *worker)
{
    struct parts *parts = worker->parts;
    struct run *run = parts->run;
    const struct rdb_options options = part_options(run);
    worker->parser = rdb_part_parser_new(&parts->header, &options);
    if (worker->parser == NULL)
        return false;
    run_fork(&worker->run, run);
    pthread_mutex_lock(&parts->lock);
    worker->run.self = run->job->forks->fork(run->self, &worker->run.context);
    pthread_mutex_unlock(&parts->lock);
    return worker->run.self != NULL;
}

static void *run_worker(void *argument)
{
    struct worker *worker = argument;
    struct parts *parts = worker->parts;
    struct rdb_source source;
    struct tape_part part;
    if (!equip(worker))
        give_up(parts, true);
    while (tape_next(parts->tape, &part, &source)) {
        struct rdb_error error;
        worker->run.db = part.db;
        keyspace_part(worker->run.keyspace, part.number);
        enum rdb_status status = rdb_part_parse(worker->parser, &source, part.offset, part_sink, worker, &error);
        if (status != RDB_OK)
            give_up(parts, true);
        rdb_source_close(&source);
        if (status != RDB_OK || !pass_on(worker, &part))
            break;
        spill(worker);
    }
    return NULL;
}

/* ---- the thread that reads -----------------------------------------------------------------------------------------
 */

/* Before the first key: everything that threads share is known. False: it cannot be done in several. */
static bool start_workers(struct parts *parts)
{
    struct run *run = parts->run;
    run_make_ready(run);
    if (plan_remembers_loading(run->plan) || !tape_begin(parts->tape, parts->begins_at, run->db))
        return false;
    for (; parts->started < parts->threads; parts->started++) {
        struct worker *worker = parts->worker[parts->started] = aligned_alloc(LINES, sizeof *worker);
        if (worker == NULL)
            break;
        memset(worker, 0, sizeof *worker);
        worker->parts = parts;
        if (pthread_create(&worker->thread, NULL, run_worker, worker) != 0)
            break;
    }
    return parts->started != 0;
}

static enum rdb_status stop_reading(struct parts *parts)
{
    give_up(parts, true);
    return RDB_STOPPED;
}

static enum rdb_status on_passed(struct parts *parts, const struct rdb_event *event)
{
    if (parts->started == 0)
        return start_workers(parts) ? RDB_OK : stop_reading(parts);
    if (event->passed.keys != 0)
        tape_cut(parts->tape, event->offset, parts->run->db);
    if (event->passed.is_last)
        tape_end(parts->tape);
    return RDB_OK;
}

static enum rdb_status reading_sink(void *context, const struct rdb_event *event)
{
    struct parts *parts = context;
    if (event->kind == RDB_EVENT_PASSED)
        return on_passed(parts, event);
    if (event->kind == RDB_EVENT_FINDING && event->finding.kind == RDB_FINDING_DAMAGED_VALUE)
        return stop_reading(parts);
    if (event->kind == RDB_EVENT_HEADER)
        parts->header = event->header;
    if (event->kind != RDB_EVENT_FINDING)
        parts->begins_at = event->kind == RDB_EVENT_HEADER ? RDB_HEADER_BYTES : event->offset;
    return run_file_event(parts->run, event);
}

/* ---- all of it -----------------------------------------------------------------------------------------------------
 */

/* A pipe cannot be read again, if that should turn out to be needed. Small files are read in threads only where it is
 * asked for: there is little to gain. */
static bool may_be_in_parts(const struct cli_options *options, struct stat *facts)
{
    const char *path = options->operands.text[0];
    bool is_standard_input = strcmp(path, "-") == 0;
    return !options->input.deep && !is_standard_input && stat(path, facts) == 0 && S_ISREG(facts->st_mode) &&
           (options->output.jobs != 0 || facts->st_size >= WORTH_BYTES);
}

/* Also in small files all threads have something to do. */
static uint64_t part_bytes(uint64_t file_bytes, unsigned threads)
{
    uint64_t share = file_bytes / threads / PARTS_A_THREAD;
    return share > PART_BYTES ? PART_BYTES : share < PART_LEAST ? PART_LEAST : share;
}

static enum rdb_status read_parts(struct parts *parts, uint64_t part_bytes)
{
    struct rdb_error error;
    struct run *run = parts->run;
    const struct snapshot_parts of = {parts->tape, part_bytes, ALL_PARTS_KEYS / parts->threads, reading_sink, parts};
    enum rdb_status status =
        snapshot_parse_parts(&of, run->context.options, run->context.environment, &run->file, &error);
    if (status != RDB_OK)
        give_up(parts, true);
    for (unsigned i = 0; i < parts->started; i++)
        pthread_join(parts->worker[i]->thread, NULL);
    return status;
}

/* Returns whether the result is that of one thread. */
static bool join_workers(struct parts *parts, bool is_well)
{
    const struct run_forks *forks = parts->run->job->forks;
    void *self = parts->run->self;
    for (unsigned i = 0; i < parts->started; i++) {
        struct worker *worker = parts->worker[i];
        is_well = is_well && !depends_on_order(&worker->run);
        if (worker->run.self != NULL)
            forks->join(is_well ? self : NULL, worker->run.self);
        run_join(is_well ? parts->run : NULL, &worker->run);
        rdb_part_parser_free(worker->parser);
    }
    if (parts->run->keyspace != NULL)
        keyspace_end_parts(parts->run->keyspace);
    return is_well && !depends_on_order(parts->run);
}

/* Tables of forks come and go: their memory goes back to the system, whichever thread's it was. */
static void return_tables(void)
{
#ifdef M_MMAP_THRESHOLD
    enum { TABLE_BYTES = 256 << 10 };
    (void)mallopt(M_MMAP_THRESHOLD, TABLE_BYTES);
#endif
}

/* What the threads had goes back as well: else it would come on top of what one thread takes from here on. */
static void trim_memory(void)
{
#ifdef M_MMAP_THRESHOLD
    (void)malloc_trim(0);
#endif
}

bool run_parts(struct run *run, unsigned threads, uint64_t *from_offset)
{
    struct stat facts;
    const struct cli_options *options = run->context.options;
    if (!may_be_in_parts(options, &facts))
        return false;
    return_tables();
    struct rdb_options parser = part_options(run);
    struct parts parts = {.run = run, .threads = threads};
    parts.tape = tape_new(threads, parser.window_bytes);
    pthread_mutex_init(&parts.lock, NULL);
    pthread_cond_init(&parts.passed_on, NULL);
    enum rdb_status status = read_parts(&parts, part_bytes((uint64_t)facts.st_size, threads));
    bool is_well = parts.stopped || (status == RDB_OK && !parts.alone);
    if (is_well)
        run_make_ready(run);
    is_well = join_workers(&parts, is_well);
    trim_memory();
    *from_offset = run->job->forks->pass_on != NULL ? parts.turn_offset : 0;
    pthread_cond_destroy(&parts.passed_on);
    pthread_mutex_destroy(&parts.lock);
    tape_free(parts.tape);
    for (unsigned i = 0; i < threads; i++)
        free(parts.worker[i]);
    return is_well;
}
