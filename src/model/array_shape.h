/* What an array's cost depends on (Redis 8.8). */
#ifndef MODEL_ARRAY_SHAPE_H
#define MODEL_ARRAY_SHAPE_H

struct plan;
struct shape;

struct array_shape {
    int unused;
};

void array_shape_init(struct array_shape *array, const struct plan *plan);
void array_shape_release(struct array_shape *array);
void array_shape_begin(struct array_shape *array);
void array_shape_end(struct shape *shape);

#endif
