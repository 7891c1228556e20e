/* What the two limits share: the file through a small window, with its checksum. */
#ifndef FLOOR_H
#define FLOOR_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <isa-l/crc64.h>

enum { WINDOW_BYTES = 256 * 1024 };

struct window {
    uint8_t *bytes;
    size_t begin, end, capacity;
    uint64_t crc; /* ISA-L's: both inversions of it are undone at the end */
    int fd;
};

static inline void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(EXIT_FAILURE);
}

static inline void window_init(struct window *window, int fd)
{
    *window = (struct window){.fd = fd, .crc = UINT64_MAX, .capacity = WINDOW_BYTES, .bytes = malloc(WINDOW_BYTES)};
    if (!window->bytes)
        fail("no memory");
}

/* Reads more behind what is there. False at the end. */
static inline int window_read(struct window *window)
{
    ssize_t n = read(window->fd, window->bytes + window->end, window->capacity - window->end);
    if (n < 0)
        fail("read error");
    window->crc = crc64_jones_refl(window->crc, window->bytes + window->end, (uint64_t)n);
    window->end += (size_t)n;
    return n > 0;
}

/* The checksum of a whole snapshot, its own checksum included, is zero. */
static inline void window_finish(struct window *window)
{
    window->begin = window->end = 0;
    while (window_read(window))
        window->end = 0;
    if (~window->crc != 0)
        fail("checksum mismatch");
    free(window->bytes);
}

#endif
