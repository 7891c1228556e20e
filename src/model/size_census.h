/* How many blocks of which size an object's elements take, under the plan's first view: where a shape has only their
 * number and bytes together. For whoever asks for it (the allocator's bins): building one costs as much as the shape.
 * One census is reused for every key. */
#ifndef MODEL_SIZE_CENSUS_H
#define MODEL_SIZE_CENSUS_H

#include "shape.h"

struct size_census;

struct size_count {
    uint64_t size; /* of the class */
    uint64_t count, asked;
};

struct size_census *size_census_new(const struct plan *plan);
void size_census_free(struct size_census *census);
/* Starts an object. */
void size_census_begin(struct size_census *census);
/* A member of a set or sorted set. */
void size_census_member(struct size_census *census, enum object_type type, const struct shape_text *member);
void size_census_pair(struct size_census *census, const struct shape_text *field, const struct shape_text *value,
                      bool has_expiry);
/* A node of a list or stream, as it is stored. */
void size_census_blob(struct size_census *census, uint64_t len);
/* The blocks that a line of model_explain sums up, *count of them; NULL where the census does not tell: the object's
 * elements are held in another way, or are too various. Valid until the next object. */
const struct size_count *size_census_find(struct size_census *census, const struct cost_line *line, size_t *count);

#endif
