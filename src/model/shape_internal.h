/* The inside of a shape, for the files of src/model only. Each kind of object has its own struct, built by its own
 * file: shape_list.c, shape_set.c, ... ; only one is in use at a time. */
#ifndef MODEL_SHAPE_INTERNAL_H
#define MODEL_SHAPE_INTERNAL_H

#include "array_shape.h"
#include "field_expiry.h"
#include "module_shape.h"
#include "plan_internal.h"
#include "stream_shape.h"

struct shape {
    const struct plan *plan;
    enum object_type type;
    enum shape_origin origin;
    bool is_coarse;        /* a bound was reached: the cost is an estimate */
    uint64_t claimed;      /* elements, as the file said in advance; 0 when it did not */
    uint64_t elements;     /* as LLEN, XLEN, ... */
    uint64_t longest;      /* bytes of text of the longest element */
    uint64_t payload;      /* bytes of text of all elements */
    uint64_t stored_bytes; /* of the value in the file; known at shape_end */
    struct stream_shape stream;
    struct array_shape array;
    struct module_shape module; /* also vector sets: OBJECT_VECTORSET is set by shape_module_begin */
    struct field_expiry_shape field_expiry;
};

#endif
