#include "arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BLOCK_BYTES = 64 * 1024, ARENA_ALIGN = _Alignof(max_align_t) };

struct arena_block {
    struct arena_block *next;
    size_t used, size; /* of data */
    _Alignas(max_align_t) char data[];
};

void arena_out_of_memory(void)
{
    fputs("rdbmeter: out of memory while building the report\n", stderr);
    exit(ARENA_EXIT_STATUS);
}

static struct arena_block *arena_grow(struct arena *arena, size_t size)
{
    size_t capacity = size > ARENA_BLOCK_BYTES ? size : ARENA_BLOCK_BYTES;
    struct arena_block *block = calloc(1, sizeof *block + capacity);
    if (!block)
        arena_out_of_memory();
    block->size = capacity;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        arena_out_of_memory();
    size = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < size)
        block = arena_grow(arena, size);
    void *memory = block->data + block->used;
    block->used += size;
    return memory;
}

char *arena_copy(struct arena *arena, const void *bytes, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);
    if (len)
        memcpy(copy, bytes, len);
    return copy;
}

void arena_release(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
}
