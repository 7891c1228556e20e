#include "error.h"
#include "source.h"

#include <stdlib.h>
#include <string.h>

struct memory_source {
    const uint8_t *bytes;
    size_t len, taken;
};

static enum rdb_status memory_read(void *self, uint8_t *buffer, size_t capacity, size_t *got, struct rdb_error *error)
{
    struct memory_source *memory = self;
    (void)error;
    size_t n = memory->len - memory->taken;
    if (n > capacity)
        n = capacity;
    if (n)
        memcpy(buffer, memory->bytes + memory->taken, n);
    memory->taken += n;
    *got = n;
    return RDB_OK;
}

static uint64_t memory_position(void *self)
{
    const struct memory_source *memory = self;
    return memory->taken;
}

enum rdb_status rdb_source_memory(struct rdb_source *source, const void *bytes, size_t len, struct rdb_error *error)
{
    *source = (struct rdb_source){0};
    struct memory_source *memory = malloc(sizeof *memory);
    if (!memory)
        return rdb_error_set(error, RDB_ERR_NO_MEMORY, 0, "no memory for a source");
    *memory = (struct memory_source){.bytes = bytes, .len = len};
    *source = (struct rdb_source){.self = memory, .read = memory_read, .close = free, .position = memory_position};
    return RDB_OK;
}

void rdb_source_close(struct rdb_source *source)
{
    if (source->close)
        source->close(source->self);
    *source = (struct rdb_source){0};
}
