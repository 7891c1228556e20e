/* What a stream's cost depends on. */
#ifndef MODEL_STREAM_SHAPE_H
#define MODEL_STREAM_SHAPE_H

struct plan;
struct shape;

struct stream_shape {
    int unused;
};

void stream_shape_init(struct stream_shape *stream, const struct plan *plan); /* once, at shape_new */
void stream_shape_release(struct stream_shape *stream);
void stream_shape_begin(struct stream_shape *stream); /* a new stream starts */
void stream_shape_end(struct shape *shape);           /* sets what depends on the last element */

#endif
