#include "array_shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score_text.h"
#include "shape_internal.h"
#include "table_size.h"

enum { DENSE_MIN = 8, SPARSE_MIN = 4, SMALL_TEXT = 7, SHORT_TEXT = 32767 }; /* redis 8.8 src/sparsearray.[ch] */

/* ---- settings ---- */

static uint32_t slice_size_of(const struct settings *settings)
{
    int64_t size = settings->value[SETTING_ARRAY_SLICE_SIZE];
    return size < 256 ? 256 : size > 65536 ? 65536 : (uint32_t)power_of_two_for((uint64_t)size);
}

static uint32_t sparse_max_of(const struct settings *settings)
{
    int64_t most = settings->value[SETTING_ARRAY_SPARSE_KMAX];
    return most < 0 ? 0 : most > 65536 ? 65536 : (uint32_t)most;
}

static bool is_geometry_of(const struct array_geometry *geometry, const struct settings *settings)
{
    return geometry->slice_size == slice_size_of(settings) && geometry->sparse_max == sparse_max_of(settings);
}

const struct array_geometry *array_shape_geometry(const struct array_shape *array, const struct settings *settings)
{
    for (unsigned i = 0; i < array->geometry_count; i++)
        if (is_geometry_of(&array->geometry[i], settings))
            return &array->geometry[i];
    return &array->geometry[0];
}

void array_shape_init(struct array_shape *array, const struct plan *plan)
{
    *array = (struct array_shape){.plan = plan};
    for (size_t i = 0; i < plan->view_count && array->geometry_count < ARRAY_MAX_GEOMETRIES; i++) {
        const struct plan_view *view = &plan->view[i].view;
        if (!view->server->array)
            continue;
        if (array->geometry_count && is_geometry_of(array_shape_geometry(array, &view->settings), &view->settings))
            continue;
        struct array_geometry *geometry = &array->geometry[array->geometry_count++];
        geometry->slice_size = slice_size_of(&view->settings);
        geometry->sparse_max = sparse_max_of(&view->settings);
    }
}

void array_shape_release(struct array_shape *array)
{
    (void)array; /* owns nothing */
}

void array_shape_begin(struct array_shape *array)
{
    for (unsigned i = 0; i < array->geometry_count; i++) {
        struct array_geometry *geometry = &array->geometry[i];
        *geometry = (struct array_geometry){.slice_size = geometry->slice_size, .sparse_max = geometry->sparse_max};
    }
    array->next_index = 0;
    array->is_unordered = false;
    array->strings = array->string_bytes = array->string_asked = 0;
    memset(array->string_held, 0, sizeof array->string_held);
}

/* ---- slices ---- */

static void close_slice(struct array_geometry *geometry, const struct plan *plan)
{
    const struct array_slice *slice = &geometry->slice;
    if (!geometry->has_slice)
        return;
    uint64_t offsets = (2 * (uint64_t)slice->capacity + 7) & ~(uint64_t)7;
    uint64_t bytes = slice->window ? ARRAY_SLICE_BYTES + 8 * (uint64_t)slice->window
                                   : ARRAY_SLICE_BYTES + offsets + 8 * (uint64_t)slice->capacity;
    geometry->slices++;
    geometry->slice_asked += bytes;
    for (unsigned i = 0; i < plan->allocator_count; i++)
        geometry->slice_held[i] += size_classes_held(&plan->classes[i], bytes);
    geometry->has_slice = false;
}

/* arDirGrow, arPromoteToSuperDir, arSuperDirEnsureSlot: one flat directory, doubled, up to 2048 slices; beyond, blocks
 * of 2048, of which the first takes over the flat one's if there is any. */
static void grow_directory(struct array_geometry *geometry, uint64_t slice_id)
{
    if (geometry->blocks == 0 && slice_id < ARRAY_BLOCK_SLOTS) {
        if (slice_id >= geometry->directory)
            geometry->directory = power_of_two_for(slice_id + 1);
        return;
    }
    if (geometry->blocks == 0) {
        geometry->block_capacity = SPARSE_MIN;
        geometry->blocks = geometry->directory > 0;
        geometry->block_id = 0;
        geometry->directory = 0;
    }
    uint64_t block = slice_id / ARRAY_BLOCK_SLOTS;
    if (geometry->blocks && block == geometry->block_id)
        return;
    if (geometry->blocks == geometry->block_capacity)
        geometry->block_capacity *= 2;
    geometry->blocks++;
    geometry->block_id = block;
}

static void open_slice(struct array_geometry *geometry, uint64_t slice_id, uint32_t index)
{
    grow_directory(geometry, slice_id);
    geometry->has_slice = true;
    geometry->slice_id = slice_id;
    geometry->slice = (struct array_slice){.first = index, .last = index};
    if (geometry->sparse_max)
        geometry->slice.capacity = geometry->sparse_max < SPARSE_MIN ? geometry->sparse_max : SPARSE_MIN;
    else
        geometry->slice.window = DENSE_MIN;
    geometry->slice.offset = index;
}

/* Keeps a dense window inside its slice. */
static void fit_window(struct array_slice *slice, uint32_t slice_size)
{
    if (slice->window >= slice_size) {
        slice->window = slice_size;
        slice->offset = 0;
    } else if (slice->offset + slice->window > slice_size) {
        slice->offset = slice_size - slice->window;
    }
}

/* arSparsePromote: the smallest window that holds what is there. */
static void make_dense(struct array_slice *slice, uint32_t slice_size)
{
    uint32_t needed = slice->last - slice->first + 1;
    slice->window = needed < DENSE_MIN ? DENSE_MIN : (uint32_t)power_of_two_for(needed);
    slice->offset = slice->first;
    fit_window(slice, slice_size);
}

/* An element behind all others of the open slice (arSet). */
static void fill_slice(struct array_geometry *geometry, uint32_t index)
{
    struct array_slice *slice = &geometry->slice;
    if (!slice->window && slice->count >= geometry->sparse_max)
        make_dense(slice, geometry->slice_size);
    if (slice->window) {
        fit_window(slice, geometry->slice_size);
        while (index >= slice->offset + slice->window && slice->window < geometry->slice_size)
            slice->window *= 2;
        fit_window(slice, geometry->slice_size);
    } else if (slice->count >= slice->capacity) {
        slice->capacity *= 2;
        if (slice->capacity > geometry->sparse_max)
            slice->capacity = geometry->sparse_max;
    }
    slice->last = index;
    slice->count++;
}

static void add_index(struct array_geometry *geometry, const struct plan *plan, uint64_t index)
{
    unsigned bits = (unsigned)__builtin_ctz(geometry->slice_size);
    uint64_t slice_id = index >> bits;
    uint32_t within = (uint32_t)(index & (geometry->slice_size - 1));
    if (!geometry->has_slice || slice_id != geometry->slice_id) {
        close_slice(geometry, plan);
        open_slice(geometry, slice_id, within);
    }
    fill_slice(geometry, within);
}

/* ---- values ---- */

/* Digits with one point, perhaps a minus before them. */
static bool looks_like_number(const uint8_t *bytes, uint64_t len)
{
    unsigned points = 0;
    for (uint64_t i = 0; i < len; i++) {
        points += bytes[i] == '.';
        if ((bytes[i] < '0' || bytes[i] > '9') && bytes[i] != '.' && !(bytes[i] == '-' && i == 0))
            return false;
    }
    return points == 1;
}

/* Whether a text is what redis prints for the number that it reads from it, with the two bits lost that a slot lacks
 * (arTryEncodeFloat): the shortest form that reads back the same, with ".0" for whole numbers. Where redis prints an
 * exponent or, now and then, one digit more than needed, the length tells. */
static bool fits_as_number(const uint8_t *bytes, uint64_t len)
{
    char text[32], shortest[64];
    if (!bytes || len >= sizeof text - 2 || !looks_like_number(bytes, len))
        return false;
    memcpy(text, bytes, len);
    text[len] = 0;
    double number = strtod(text, NULL);
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    bits &= ~(uint64_t)3;
    memcpy(&number, &bits, sizeof bits);
    for (int decimals = 0; decimals <= 17; decimals++) {
        snprintf(shortest, sizeof shortest, "%.*f", decimals, number);
        if (strtod(shortest, NULL) != number)
            continue;
        if (decimals == 0)
            snprintf(shortest, sizeof shortest, "%.1f", number);
        else if (score_text_shortest(number).len != strlen(shortest))
            return false;
        return strcmp(shortest, text) == 0;
    }
    return false;
}

/* arEncode: whether a text fits a slot. */
static bool fits_slot(const struct shape_text *text, const uint8_t *bytes)
{
    const int64_t most = ((int64_t)1 << 61) - 1; /* arIntFits: 62 bits */
    if (text->len <= SMALL_TEXT || (text->is_integer && text->integer >= -most - 1 && text->integer <= most))
        return true;
    return fits_as_number(bytes, text->len);
}

static void add_string(struct array_shape *array, uint64_t len)
{
    uint64_t bytes = len + (len <= SHORT_TEXT ? 2 : 8); /* arStringHeaderSize */
    array->strings++;
    array->string_bytes += len;
    array->string_asked += bytes;
    for (unsigned i = 0; i < array->plan->allocator_count; i++)
        array->string_held[i] += size_classes_held(&array->plan->classes[i], bytes);
}

void shape_array_item(struct shape *shape, uint64_t index, const struct shape_text *text, const uint8_t *bytes,
                      bool tagged)
{
    struct array_shape *array = &shape->array;
    shape->elements++;
    shape->payload += text->len;
    if (text->len > shape->longest)
        shape->longest = text->len;
    if (!tagged && !fits_slot(text, bytes))
        add_string(array, text->len);
    /* Servers write indexes in ascending order; what comes otherwise is counted, but not laid out. */
    if (index < array->next_index || index == UINT64_MAX) {
        array->is_unordered = true;
        return;
    }
    array->next_index = index + 1;
    for (unsigned i = 0; i < array->geometry_count; i++)
        add_index(&array->geometry[i], array->plan, index);
}

void array_shape_end(struct shape *shape)
{
    struct array_shape *array = &shape->array;
    for (unsigned i = 0; i < array->geometry_count; i++)
        close_slice(&array->geometry[i], array->plan);
    shape->is_coarse |= array->is_unordered;
}
