/* Growing arrays of src/model: doubled, never shrunk; the caller checks its own bound. */
#ifndef MODEL_GROW_H
#define MODEL_GROW_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* Room for `count` elements of `size` bytes. Aborts when out of memory. */
static inline void *grow(void *array, size_t *capacity, size_t count, size_t size)
{
    if (count <= *capacity)
        return array;
    size_t doubled = *capacity ? *capacity * 2 : 16;
    if (doubled < count)
        doubled = count;
    array = realloc(array, doubled * size);
    if (!array) {
        fputs("rdbmeter: out of memory\n", stderr);
        abort();
    }
    *capacity = doubled;
    return array;
}

#endif
