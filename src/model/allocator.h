/* Allocators as data: how many bytes one holds for a request. */
#ifndef MODEL_ALLOCATOR_H
#define MODEL_ALLOCATOR_H

#include <stdbool.h>
#include <stdint.h>

enum allocator_id {
    ALLOCATOR_JEMALLOC_8,   /* --with-lg-quantum=3: upstream builds and official images of Redis 3.2+ and Valkey */
    ALLOCATOR_JEMALLOC_16,  /* stock libjemalloc: Debian's and Ubuntu's packages */
    ALLOCATOR_JEMALLOC_3_6, /* bundled with Redis 2.8 and 3.0 */
    ALLOCATOR_LIBC,         /* glibc malloc */
    ALLOCATOR_COUNT
};

struct allocator {
    enum allocator_id id;
    const char *name;   /* as --allocator takes it */
    const char *title;  /* for people: who builds with it */
    const char *source; /* where its size classes come from */
    bool is_jemalloc;
    uint64_t (*usable_size)(uint64_t request);
    /* Requests from here on are mapped from the system one by one, until the server has freed a mapped block that is
     * larger: then the heap serves them (heap_size). UINT64_MAX: never. */
    uint64_t mapped_from;
    uint64_t (*heap_size)(uint64_t request);
};

const struct allocator *allocator_get(enum allocator_id id);
/* NULL when there is none of that name. */
const struct allocator *allocator_by_name(const char *name);
/* Bytes that the allocator holds for a request of `request` bytes (malloc_usable_size). */
static inline uint64_t allocator_usable(const struct allocator *a, uint64_t request)
{
    return a->usable_size(request);
}

#endif
