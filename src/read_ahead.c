#include "read_ahead.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"

enum { BLOCK_BYTES = 256 << 10, BLOCKS = 4, BEGINS_AT = 4 << 20 };

struct block {
    size_t len, given;
    enum rdb_status status; /* of the last read; with its error, where it failed. RDB_OK and no bytes: the end */
    struct rdb_error error;
    uint8_t bytes[BLOCK_BYTES];
};

struct read_ahead {
    struct rdb_source inner;
    uint64_t read; /* before there is a thread */
    bool has_thread, may_have;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t filled, emptied; /* blocks, which are used in turn */
    bool ends;
    struct block block[BLOCKS];
};

/* ---- the thread that reads -----------------------------------------------------------------------------------------
 */

/* False: nobody wants more. */
static bool wait_for_room(struct read_ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    while (ahead->filled - ahead->emptied == BLOCKS && !ahead->ends)
        pthread_cond_wait(&ahead->changed, &ahead->lock);
    bool goes_on = !ahead->ends;
    pthread_mutex_unlock(&ahead->lock);
    return goes_on;
}

static bool is_last(const struct block *block)
{
    return block->status != RDB_OK || block->len == 0;
}

/* A pipe may keep silent for ever while nobody wants more of it: reading can be cancelled, and nothing else. */
static void fill(struct read_ahead *ahead, struct block *block)
{
    int state;
    block->len = block->given = 0;
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
    block->status = ahead->inner.read(ahead->inner.self, block->bytes, BLOCK_BYTES, &block->len, &block->error);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    block->len = block->status == RDB_OK ? block->len : 0;
}

static void *run_reader(void *argument)
{
    struct read_ahead *ahead = argument;
    bool is_over = false;
    int state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    while (!is_over && wait_for_room(ahead)) {
        struct block *block = &ahead->block[ahead->filled % BLOCKS];
        fill(ahead, block);
        is_over = is_last(block);
        pthread_mutex_lock(&ahead->lock);
        ahead->filled++;
        pthread_cond_signal(&ahead->changed);
        pthread_mutex_unlock(&ahead->lock);
    }
    return NULL;
}

/* ---- the thread that parses ----------------------------------------------------------------------------------------
 */

static struct block *next_block(struct read_ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    while (ahead->filled == ahead->emptied)
        pthread_cond_wait(&ahead->changed, &ahead->lock);
    pthread_mutex_unlock(&ahead->lock);
    return &ahead->block[ahead->emptied % BLOCKS];
}

static void leave_block(struct read_ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    ahead->emptied++;
    pthread_cond_signal(&ahead->changed);
    pthread_mutex_unlock(&ahead->lock);
}

/* The last block stays: whoever reads on meets the same end. */
static enum rdb_status take(struct read_ahead *ahead, uint8_t *buffer, size_t capacity, size_t *got,
                            struct rdb_error *error)
{
    struct block *block = next_block(ahead);
    size_t left = block->len - block->given;
    *got = left < capacity ? left : capacity;
    memcpy(buffer, block->bytes + block->given, *got);
    block->given += *got;
    if (*got == 0 && block->status != RDB_OK) {
        *error = block->error;
        return block->status;
    }
    if (block->given == block->len && !is_last(block))
        leave_block(ahead);
    return RDB_OK;
}

static enum rdb_status read_ahead_read(void *self, uint8_t *buffer, size_t capacity, size_t *got,
                                       struct rdb_error *error)
{
    struct read_ahead *ahead = self;
    if (ahead->has_thread)
        return take(ahead, buffer, capacity, got, error);
    if (ahead->read >= BEGINS_AT && ahead->may_have) {
        ahead->has_thread = pthread_create(&ahead->thread, NULL, run_reader, ahead) == 0;
        ahead->may_have = ahead->has_thread;
        return read_ahead_read(self, buffer, capacity, got, error);
    }
    enum rdb_status status = ahead->inner.read(ahead->inner.self, buffer, capacity, got, error);
    ahead->read += status == RDB_OK ? *got : 0;
    return status;
}

static void read_ahead_close(void *self)
{
    struct read_ahead *ahead = self;
    pthread_mutex_lock(&ahead->lock);
    ahead->ends = true;
    pthread_cond_signal(&ahead->changed);
    pthread_mutex_unlock(&ahead->lock);
    if (ahead->has_thread) {
        pthread_cancel(ahead->thread);
        pthread_join(ahead->thread, NULL);
    }
    rdb_source_close(&ahead->inner);
    pthread_cond_destroy(&ahead->changed);
    pthread_mutex_destroy(&ahead->lock);
    free(ahead);
}

struct rdb_source read_ahead_wrap(struct rdb_source inner)
{
    struct read_ahead *ahead = xmalloc(sizeof *ahead);
    memset(ahead, 0, offsetof(struct read_ahead, block));
    ahead->inner = inner;
    ahead->may_have = true;
    pthread_mutex_init(&ahead->lock, NULL);
    pthread_cond_init(&ahead->changed, NULL);
    return (struct rdb_source){.self = ahead, .read = read_ahead_read, .close = read_ahead_close};
}
