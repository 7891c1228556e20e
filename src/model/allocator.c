#include "allocator.h"

#include <stddef.h>
#include <string.h>

#include "size_classes.h"

/* Four classes per doubling, without upper end: steps of 2^(ceil(log2 n) - 3). For n > 8. */
static uint64_t four_per_doubling(uint64_t n)
{
    unsigned log2_up = 64u - (unsigned)__builtin_clzll(n - 1);
    uint64_t step = (uint64_t)1 << (log2_up - 3);
    return (n + step - 1) & ~(step - 1);
}

static uint64_t round_up(uint64_t n, uint64_t step)
{
    return (n + step - 1) & ~(step - 1);
}

/* Sums of hostile lengths must not wrap: nothing that large is ever allocated. */
static uint64_t clamp(uint64_t n)
{
    const uint64_t most = (uint64_t)1 << 60;
    return n < most ? n : most;
}

static uint64_t jemalloc_8(uint64_t n)
{
    n = clamp(n);
    if (n <= 8)
        return 8;
    return n <= 64 ? round_up(n, 8) : four_per_doubling(n);
}

static uint64_t jemalloc_16(uint64_t n)
{
    n = clamp(n);
    if (n <= 8)
        return 8;
    return n <= 64 ? round_up(n, 16) : four_per_doubling(n);
}

/* Small classes end at 3584, large ones (whole pages) at 1018 pages of the 4 MiB chunk, huge ones are whole chunks. */
static uint64_t jemalloc_3_6(uint64_t n)
{
    n = clamp(n);
    if (n <= 8)
        return 8;
    if (n <= 128)
        return round_up(n, 16);
    if (n <= 3584)
        return four_per_doubling(n);
    return n <= 4169728 ? round_up(n, 4096) : round_up(n, (uint64_t)4 << 20);
}

/* The first request whose chunk has M_MMAP_THRESHOLD bytes, 128 KiB (sysmalloc), header and rounding to 16 included. */
enum { LIBC_MAPPED_FROM = 131072 - 8 - 15 };

/* malloc_usable_size in the heap: a chunk is a multiple of 16 with 8 bytes of header. */
static uint64_t libc_heap(uint64_t n)
{
    uint64_t usable = round_up(clamp(n) + 8, 16) - 8;
    return usable < 24 ? 24 : usable;
}

/* Mapped chunks are whole pages, one header longer than the heap's and with 16 bytes of their own (sysmalloc_mmap). */
static uint64_t libc(uint64_t n)
{
    return n < LIBC_MAPPED_FROM ? libc_heap(n) : round_up(libc_heap(n) + 16, 4096) - 16;
}

static const struct allocator table[ALLOCATOR_COUNT] = {
    {ALLOCATOR_JEMALLOC_8, "jemalloc-8", "jemalloc as upstream builds it (8-byte steps)",
     "jemalloc 4.0.3, 5.1.0, 5.2.1, 5.3.0 with --with-lg-quantum=3 (redis 3.2+, valkey: deps/jemalloc)", true,
     jemalloc_8, UINT64_MAX, jemalloc_8},
    {ALLOCATOR_JEMALLOC_16, "jemalloc-16",
     "the distribution's jemalloc (16-byte steps), as in Debian's and Ubuntu's packages",
     "libjemalloc 4 and 5 with their own quantum of 16", true, jemalloc_16, UINT64_MAX, jemalloc_16},
    {ALLOCATOR_JEMALLOC_3_6, "jemalloc-3.6", "jemalloc 3.6, bundled with Redis 2.8 and 3.0",
     "jemalloc 3.6.0 without a quantum option (redis 2.8.24 deps/jemalloc)", true, jemalloc_3_6, UINT64_MAX,
     jemalloc_3_6},
    {ALLOCATOR_LIBC, "libc", "glibc malloc", "glibc malloc.c: chunk sizes and mmap threshold", false, libc,
     LIBC_MAPPED_FROM, libc_heap},
};

const struct allocator *allocator_get(enum allocator_id id)
{
    return &table[id];
}

const struct allocator *allocator_by_name(const char *name)
{
    for (size_t i = 0; i < ALLOCATOR_COUNT; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

void size_classes_init(struct size_classes *classes, const struct allocator *allocator)
{
    classes->allocator = allocator;
    for (uint64_t n = 0; n <= SIZE_CLASSES_SMALL; n++)
        classes->small[n] = (uint16_t)allocator_usable(allocator, n);
}
