#include "trickle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trickle trickle_of(const void *bytes, size_t len, size_t step)
{
    return (struct trickle){.bytes = bytes, .len = len, .step = step, .fail_at = SIZE_MAX};
}

static enum rdb_status trickle_read(void *self, uint8_t *buffer, size_t capacity, size_t *got, struct rdb_error *error)
{
    struct trickle *trickle = self;
    size_t n = trickle->len - trickle->taken;
    trickle->reads++;
    if (n > capacity)
        n = capacity;
    if (trickle->step && n > trickle->step)
        n = trickle->step;
    if (trickle->fail_at != SIZE_MAX && trickle->taken + n > trickle->fail_at)
        n = trickle->fail_at - trickle->taken;
    *got = n;
    if (n == 0 && trickle->fail_at <= trickle->taken) {
        *error =
            (struct rdb_error){.status = RDB_ERR_READ, .offset = trickle->taken, .message = "trickle: told to fail"};
        return RDB_ERR_READ;
    }
    memcpy(buffer, trickle->bytes + trickle->taken, n);
    trickle->taken += n;
    return RDB_OK;
}

static void trickle_close(void *self)
{
    struct trickle *trickle = self;
    trickle->closes++;
}

static uint64_t trickle_position(void *self)
{
    const struct trickle *trickle = self;
    return trickle->taken;
}

struct rdb_source trickle_source(struct trickle *trickle)
{
    return (struct rdb_source){
        .self = trickle, .read = trickle_read, .close = trickle_close, .position = trickle_position};
}

enum rdb_status read_all(struct rdb_source *source, size_t step, size_t max, uint8_t **bytes, size_t *len,
                         struct rdb_error *error)
{
    *bytes = malloc(max + step);
    *len = 0;
    if (!*bytes)
        abort();
    for (;;) {
        size_t got = 0;
        enum rdb_status status = source->read(source->self, *bytes + *len, step, &got, error);
        *len += got;
        if (status != RDB_OK || got == 0 || *len > max)
            return status;
    }
}
