#include "gather_files.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"

struct slot {
    const char *path;
    struct gathered *gathered; /* NULL: nothing could be read */
    enum exit_status status;
    bool is_done;
};

struct pool {
    const struct gather *gather;
    const struct cli_options *options;
    struct environment environment;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t count, next, merged, window; /* next: to be read; merged: taken out again */
    bool is_over;                       /* nothing more is to be read */
    struct slot *slot;
};

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct slot *)a)->path, ((const struct slot *)b)->path);
}

/* The next file to be read, once there is room for what comes of it; NULL at the end. */
static struct slot *take(struct pool *pool)
{
    struct slot *slot = NULL;
    pthread_mutex_lock(&pool->mutex);
    while (!pool->is_over && pool->next < pool->count && pool->next - pool->merged >= pool->window)
        pthread_cond_wait(&pool->changed, &pool->mutex);
    if (!pool->is_over && pool->next < pool->count)
        slot = &pool->slot[pool->next++];
    pthread_mutex_unlock(&pool->mutex);
    return slot;
}

static void *work(void *argument)
{
    struct pool *pool = argument;
    for (struct slot *slot; (slot = take(pool)) != NULL;) {
        slot->gathered = gathered_read(slot->path, pool->gather, pool->options, &pool->environment, &slot->status);
        pthread_mutex_lock(&pool->mutex);
        slot->is_done = true;
        pthread_cond_broadcast(&pool->changed);
        pthread_mutex_unlock(&pool->mutex);
    }
    return NULL;
}

static bool merge_slot(struct pool *pool, struct slot *slot, struct gathered *all, enum exit_status *status)
{
    char message[GATHERED_MESSAGE_BYTES];
    bool is_alike = true;
    if (slot->gathered == NULL && slot->status == EXIT_STATUS_USAGE) {
        *status = EXIT_STATUS_USAGE;
        return false;
    }
    *status = exit_status_worst(*status, slot->gathered == NULL ? EXIT_STATUS_DAMAGED : slot->status);
    if (slot->gathered == NULL) {
        gathered_add_missing(all, slot->path, "it cannot be read");
    } else if (all->plan == NULL || (is_alike = gathered_is_alike(all, slot->gathered, message))) {
        gathered_merge(all, slot->gathered, pool->gather);
    } else {
        complain("%s", message);
        *status = EXIT_STATUS_USAGE;
    }
    gathered_free(slot->gathered);
    slot->gathered = NULL;
    return is_alike;
}

static void merge_all(struct pool *pool, struct gathered *all, enum exit_status *status)
{
    for (bool goes_on = true; goes_on && pool->merged < pool->count;) {
        struct slot *slot = &pool->slot[pool->merged];
        pthread_mutex_lock(&pool->mutex);
        while (!slot->is_done)
            pthread_cond_wait(&pool->changed, &pool->mutex);
        pthread_mutex_unlock(&pool->mutex);
        goes_on = merge_slot(pool, slot, all, status);
        pthread_mutex_lock(&pool->mutex);
        pool->merged++;
        pool->is_over = !goes_on;
        pthread_cond_broadcast(&pool->changed);
        pthread_mutex_unlock(&pool->mutex);
    }
}

/* Starts the workers, merges what they read, and waits for them. */
static bool run_pool(struct pool *pool, size_t jobs, struct gathered *all, enum exit_status *status)
{
    pthread_t *thread = xcalloc(jobs, sizeof *thread);
    size_t started = 0;
    while (started < jobs && pthread_create(&thread[started], NULL, work, pool) == 0)
        started++;
    if (started != 0)
        merge_all(pool, all, status);
    for (size_t i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    free(thread);
    if (started == 0)
        complain("no thread can be started");
    return started != 0;
}

static size_t jobs_of(const struct cli_options *options)
{
    enum { MOST_JOBS = 256 };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t jobs = options->output.jobs != 0 ? (size_t)options->output.jobs : processors > 0 ? (size_t)processors : 1;
    size_t files = options->operands.count;
    jobs = jobs < files ? jobs : files;
    return jobs < MOST_JOBS ? jobs : MOST_JOBS;
}

struct gathered *gather_files(const struct gather *gather, const struct cli_options *options,
                              const struct environment *environment, enum exit_status *status)
{
    struct pool pool = {.gather = gather, .options = options, .environment = *environment};
    struct gathered *all = gathered_new();
    size_t jobs = jobs_of(options);
    pool.environment.progress = false;
    pool.count = options->operands.count;
    pool.window = options->input.memory_max != 0 ? jobs : 2 * jobs; /* what waits to be merged takes memory too */
    pool.slot = xcalloc(pool.count, sizeof *pool.slot);
    for (size_t i = 0; i < pool.count; i++)
        pool.slot[i].path = options->operands.text[i];
    qsort(pool.slot, pool.count, sizeof *pool.slot, by_path);
    pthread_mutex_init(&pool.mutex, NULL);
    pthread_cond_init(&pool.changed, NULL);
    *status = EXIT_STATUS_DONE;
    if (!run_pool(&pool, jobs, all, status))
        *status = EXIT_STATUS_UNUSABLE;
    pthread_cond_destroy(&pool.changed);
    pthread_mutex_destroy(&pool.mutex);
    for (size_t i = 0; i < pool.count; i++)
        gathered_free(pool.slot[i].gathered);
    free(pool.slot);
    if (all->plan != NULL && *status != EXIT_STATUS_USAGE) {
        gathered_end(all);
        return all;
    }
    if (*status == EXIT_STATUS_DAMAGED)
        *status = EXIT_STATUS_UNUSABLE;
    gathered_free(all);
    return NULL;
}
