/* Memory of src/model. The program ends with a message when there is none left. */
#ifndef MODEL_GROW_H
#define MODEL_GROW_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static inline void *or_abort(void *memory)
{
    if (!memory) {
        fputs("rdbmeter: out of memory\n", stderr);
        abort();
    }
    return memory;
}

/* `count` zeroed elements of `size` bytes. */
static inline void *allocate(size_t count, size_t size)
{
    return or_abort(calloc(count, size));
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
    array = or_abort(realloc(array, doubled * size));
    *capacity = doubled;
    return array;
}

#endif
