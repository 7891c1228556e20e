#include "pipeline.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"

/* A batch is long enough to pay for handing it over and short enough that all of them stay in a core's cache; records
 * whose builders may grow go one at a time. */
enum { BATCH_RECORDS = 48, BATCH_COLLECTIONS = 16, BATCH_COUNT = 8, THREADS_MAX = 8, AHEAD = 2 };

static const unsigned batch_builders[PIPELINE_WEIGHTS] = {
    [PIPELINE_STRING] = BATCH_RECORDS, [PIPELINE_COLLECTION] = BATCH_COLLECTIONS, [PIPELINE_HEAVY] = 1};

enum batch_state { BATCH_FREE, BATCH_FILLED, BATCH_COSTING, BATCH_COSTED, BATCH_ADDING };

struct batch {
    enum batch_state state;
    unsigned count;
    struct record_builder *record[BATCH_RECORDS]; /* in file order */
    unsigned used[PIPELINE_WEIGHTS];
    struct record_builder **builder[PIPELINE_WEIGHTS]; /* made when they are first needed */
    void *scratch;
};

struct pipeline {
    const struct pipeline_work *work;
    void *self;
    struct batch batch[BATCH_COUNT];
    /* The parsing thread's own: */
    struct record_builder *open, *previous;
    enum pipeline_weight open_weight;
    /* Under the lock: */
    pthread_mutex_t lock;
    pthread_cond_t enough, room; /* for workers: there is enough to do; for the parsing thread: there is room again */
    unsigned workers_waiting;
    bool parser_waiting;
    uint64_t filling, adding; /* batches are used in turn: numbers of the one being filled, the next one to be added */
    bool is_adding, stopped, ends;
    unsigned thread_count;
    pthread_t thread[THREADS_MAX];
};

static struct batch *batch_of(struct pipeline *pipeline, uint64_t number)
{
    return &pipeline->batch[number % BATCH_COUNT];
}

/* ---- steps that any thread takes; the lock is held when they begin and end ------------------------------------------
 */

/* Threads are woken when half of the batches wait for them: a thread that goes to sleep after each batch costs more
 * than the batch. */
static bool is_half_full(const struct pipeline *pipeline)
{
    return pipeline->filling - pipeline->adding >= BATCH_COUNT / 2;
}

/* The thread that is woken may run at once, and would meet the lock. */
static void signal_unlocked(struct pipeline *pipeline, pthread_cond_t *condition)
{
    pthread_mutex_unlock(&pipeline->lock);
    pthread_cond_signal(condition);
    pthread_mutex_lock(&pipeline->lock);
}

static void cost_batch(struct pipeline *pipeline, struct batch *batch)
{
    batch->state = BATCH_COSTING;
    pthread_mutex_unlock(&pipeline->lock);
    for (unsigned i = 0; i < batch->count; i++) {
        if (i + AHEAD < batch->count)
            record_builder_expect(batch->record[i + AHEAD]);
        pipeline->work->cost(pipeline->self, batch->record[i], batch->scratch);
    }
    pthread_mutex_lock(&pipeline->lock);
    batch->state = BATCH_COSTED;
}

static void add_batch(struct pipeline *pipeline, struct batch *batch)
{
    const struct pipeline_work *work = pipeline->work;
    bool stopped = pipeline->stopped;
    batch->state = BATCH_ADDING;
    pipeline->is_adding = true;
    pthread_mutex_unlock(&pipeline->lock);
    for (unsigned i = 0; i < batch->count && !stopped; i++)
        stopped = !work->add(pipeline->self, record_builder_record(batch->record[i]));
    if (!stopped)
        work->take(pipeline->self, batch->scratch);
    batch->count = 0;
    memset(batch->used, 0, sizeof batch->used);
    pthread_mutex_lock(&pipeline->lock);
    batch->state = BATCH_FREE;
    pipeline->stopped = stopped;
    pipeline->is_adding = false;
    pipeline->adding++;
    if (pipeline->parser_waiting && !is_half_full(pipeline))
        signal_unlocked(pipeline, &pipeline->room);
}

/* Adding goes first: it is what the others wait for in the end. False when there is nothing to do. */
static bool take_step(struct pipeline *pipeline)
{
    struct batch *next = batch_of(pipeline, pipeline->adding);
    if (!pipeline->is_adding && next->state == BATCH_COSTED) {
        add_batch(pipeline, next);
        return true;
    }
    for (uint64_t number = pipeline->adding; number < pipeline->filling; number++) {
        struct batch *batch = batch_of(pipeline, number);
        if (batch->state != BATCH_FILLED)
            continue;
        cost_batch(pipeline, batch);
        return true;
    }
    return false;
}

static void *run_thread(void *argument)
{
    struct pipeline *pipeline = argument;
    pthread_mutex_lock(&pipeline->lock);
    while (!pipeline->ends) {
        if (take_step(pipeline))
            continue;
        pipeline->workers_waiting++;
        pthread_cond_wait(&pipeline->enough, &pipeline->lock);
        pipeline->workers_waiting--;
    }
    pthread_mutex_unlock(&pipeline->lock);
    return NULL;
}

/* ---- the parsing thread --------------------------------------------------------------------------------------------
 */

static void help_or_wait(struct pipeline *pipeline)
{
    if (take_step(pipeline))
        return;
    pipeline->parser_waiting = true;
    pthread_cond_wait(&pipeline->room, &pipeline->lock);
    pipeline->parser_waiting = false;
}

/* Hands the batch on and makes sure of the next one. False when adding was stopped. */
static bool hand_on(struct pipeline *pipeline)
{
    pthread_mutex_lock(&pipeline->lock);
    struct batch *batch = batch_of(pipeline, pipeline->filling);
    if (batch->count != 0) {
        batch->state = BATCH_FILLED;
        pipeline->filling++;
        if (pipeline->workers_waiting != 0 && is_half_full(pipeline))
            signal_unlocked(pipeline, &pipeline->enough);
    }
    while (batch_of(pipeline, pipeline->filling)->state != BATCH_FREE)
        help_or_wait(pipeline);
    bool goes_on = !pipeline->stopped;
    pthread_mutex_unlock(&pipeline->lock);
    return goes_on;
}

static bool is_full(const struct batch *batch, enum pipeline_weight weight)
{
    return batch->count == BATCH_RECORDS || batch->used[weight] == batch_builders[weight] ||
           batch->used[PIPELINE_HEAVY] != 0;
}

struct record_builder *pipeline_next(struct pipeline *pipeline, enum pipeline_weight weight)
{
    struct batch *batch = batch_of(pipeline, pipeline->filling);
    if (is_full(batch, weight)) {
        if (!hand_on(pipeline))
            return NULL;
        batch = batch_of(pipeline, pipeline->filling);
    }
    struct record_builder **builder = &batch->builder[weight][batch->used[weight]];
    if (*builder == NULL)
        *builder = pipeline->work->make(pipeline->self, weight == PIPELINE_HEAVY);
    if (batch->used[weight] + AHEAD < batch_builders[weight] && builder[AHEAD] != NULL)
        record_builder_expect(builder[AHEAD]);
    if (pipeline->previous != NULL && pipeline->previous != *builder)
        record_builder_follow(*builder, pipeline->previous);
    pipeline->open = pipeline->previous = *builder;
    pipeline->open_weight = weight;
    return *builder;
}

void pipeline_push(struct pipeline *pipeline)
{
    struct batch *batch = batch_of(pipeline, pipeline->filling);
    batch->record[batch->count++] = pipeline->open;
    batch->used[pipeline->open_weight]++;
}

void pipeline_drain(struct pipeline *pipeline)
{
    (void)hand_on(pipeline);
    pthread_mutex_lock(&pipeline->lock);
    while (pipeline->adding < pipeline->filling)
        help_or_wait(pipeline);
    pthread_mutex_unlock(&pipeline->lock);
}

/* ---- beginning and end ---------------------------------------------------------------------------------------------
 */

static void batch_init(struct batch *batch, size_t scratch_bytes)
{
    for (unsigned weight = 0; weight < PIPELINE_WEIGHTS; weight++)
        batch->builder[weight] = xcalloc(batch_builders[weight], sizeof *batch->builder[weight]);
    batch->scratch = scratch_bytes != 0 ? xcalloc(1, scratch_bytes) : NULL;
}

static void batch_release(struct batch *batch)
{
    for (unsigned weight = 0; weight < PIPELINE_WEIGHTS; weight++) {
        for (unsigned i = 0; i < batch_builders[weight]; i++)
            record_builder_free(batch->builder[weight][i]);
        free(batch->builder[weight]);
    }
    free(batch->scratch);
}

struct pipeline *pipeline_new(const struct pipeline_work *work, void *self, size_t scratch_bytes, unsigned threads)
{
    struct pipeline *pipeline = xcalloc(1, sizeof *pipeline);
    pipeline->work = work;
    pipeline->self = self;
    for (unsigned i = 0; i < BATCH_COUNT; i++)
        batch_init(&pipeline->batch[i], scratch_bytes);
    pthread_mutex_init(&pipeline->lock, NULL);
    pthread_cond_init(&pipeline->enough, NULL);
    pthread_cond_init(&pipeline->room, NULL);
    while (pipeline->thread_count + 1 < threads && pipeline->thread_count < THREADS_MAX &&
           pthread_create(&pipeline->thread[pipeline->thread_count], NULL, run_thread, pipeline) == 0)
        pipeline->thread_count++;
    return pipeline;
}

void pipeline_free(struct pipeline *pipeline)
{
    if (pipeline == NULL)
        return;
    pthread_mutex_lock(&pipeline->lock);
    pipeline->ends = true;
    pthread_cond_broadcast(&pipeline->enough);
    pthread_mutex_unlock(&pipeline->lock);
    for (unsigned i = 0; i < pipeline->thread_count; i++)
        pthread_join(pipeline->thread[i], NULL);
    for (unsigned i = 0; i < BATCH_COUNT; i++)
        batch_release(&pipeline->batch[i]);
    pthread_cond_destroy(&pipeline->enough);
    pthread_cond_destroy(&pipeline->room);
    pthread_mutex_destroy(&pipeline->lock);
    free(pipeline);
}
