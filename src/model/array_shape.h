/* What an array's cost depends on (Redis 8.8, src/sparsearray.c): the slices that its indexes fall into, and the
 * strings that do not fit a slot. How slices form depends on settings of the loading server, so they are played through
 * for each distinct setting of the plan's views. */
#ifndef MODEL_ARRAY_SHAPE_H
#define MODEL_ARRAY_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "allocator.h"

struct plan;
struct settings;
struct shape;

enum { ARRAY_MAX_GEOMETRIES = 4 };

/* One slice as it fills up. Indexes are relative to its begin. */
struct array_slice {
    uint32_t count;
    uint32_t first, last;
    uint32_t capacity;       /* sparse */
    uint32_t offset, window; /* dense; window 0: the slice is sparse */
};

/* Slices and directory under one pair of settings. */
struct array_geometry {
    uint32_t slice_size, sparse_max; /* array-slice-size, array-sparse-kmax */
    bool has_slice;
    uint64_t slice_id; /* of the open slice */
    struct array_slice slice;
    uint64_t slices, slice_asked, slice_held[ALLOCATOR_COUNT]; /* closed ones */
    uint64_t directory; /* pointers of the flat directory; 0 once there are blocks */
    uint64_t blocks, block_capacity, block_id;
};

struct array_shape {
    const struct plan *plan;
    unsigned geometry_count;
    struct array_geometry geometry[ARRAY_MAX_GEOMETRIES];
    uint64_t next_index; /* smallest index that is in order */
    bool is_unordered;
    uint64_t strings, string_bytes, string_asked, string_held[ALLOCATOR_COUNT]; /* elements that no slot holds */
};

void array_shape_init(struct array_shape *array, const struct plan *plan);
void array_shape_release(struct array_shape *array);
void array_shape_begin(struct array_shape *array);
void array_shape_end(struct shape *shape);
/* The geometry played through for these settings; the first one where there is none. */
const struct array_geometry *array_shape_geometry(const struct array_shape *array, const struct settings *settings);

enum {
    ARRAY_SLICE_BYTES = 32,          /* sizeof arSlice, before its slots */
    ARRAY_BLOCK_SLOTS = 2048,        /* AR_SUPER_BLOCK_SLOTS */
    ARRAY_DIRECTORY_ENTRY_BYTES = 24 /* sizeof arSDirEntry */
};

#endif
