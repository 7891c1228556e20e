/* Memory of src/model. The program ends with a message when there is none left. */
#ifndef MODEL_GROW_H
#define MODEL_GROW_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "../exit_status.h"

static inline void *or_exit(void *memory)
{
    if (!memory) {
        fputs("rdbmeter: out of memory\n", stderr);
        exit(EXIT_STATUS_UNUSABLE);
    }
    return memory;
}

/* `count` zeroed elements of `size` bytes. */
static inline void *allocate(size_t count, size_t size)
{
    return or_exit(calloc(count, size));
}

/* Growing arrays are doubled and never shrunk; the caller checks its own bound. Room for `count` elements of `size`
 * bytes. */
static inline void *grow(void *array, size_t *capacity, size_t count, size_t size)
{
    if (count <= *capacity)
        return array;
    size_t doubled = *capacity ? *capacity * 2 : 16;
    if (doubled < count)
        doubled = count;
    array = or_exit(realloc(array, doubled * size));
    *capacity = doubled;
    return array;
}

#endif
