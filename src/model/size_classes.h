/* An allocator with its small size classes in a table: the hot path's way to ask what a request holds. */
#ifndef MODEL_SIZE_CLASSES_H
#define MODEL_SIZE_CLASSES_H

#include "allocator.h"

enum { SIZE_CLASSES_SMALL = 1024 };

struct size_classes {
    const struct allocator *allocator;
    uint16_t small[SIZE_CLASSES_SMALL + 1]; /* held bytes by requested bytes */
};

void size_classes_init(struct size_classes *classes, const struct allocator *allocator);

static inline uint64_t size_classes_held(const struct size_classes *classes, uint64_t request)
{
    return request <= SIZE_CLASSES_SMALL ? classes->small[request] : allocator_usable(classes->allocator, request);
}

/* Likewise, above SIZE_CLASSES_SMALL, once the server has freed a mapped block of `freed` bytes; 0: none. Such a block
 * and those to come are compared without their headers of 16 and 8 bytes (allocator.h, mapped_from). */
static inline uint64_t size_classes_held_after(const struct size_classes *classes, uint64_t request, uint64_t freed)
{
    const struct allocator *allocator = classes->allocator;
    if (request >= allocator->mapped_from && freed != 0 && request + 8 <= allocator_usable(allocator, freed))
        return allocator->heap_size(request);
    return allocator_usable(allocator, request);
}

#endif
