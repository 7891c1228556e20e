/* What a value in one packed blob costs, and how much of a cost is the user's own bytes. */
#ifndef MODEL_PACKED_COST_H
#define MODEL_PACKED_COST_H

#include "keyspace_part.h"
#include "shape_internal.h"

/* User bytes in packed form: texts as they are, integers as the bytes that hold them. */
static inline uint64_t shape_packed_payload(const struct shape *shape)
{
    return shape->payload - shape->integer_text + shape->integer_body;
}

/* User bytes where elements are objects: integers are a machine word in the object (or shared, and cost nothing). */
static inline uint64_t shape_object_payload(const struct shape *shape)
{
    return shape->payload - shape->integer_text;
}

/* Of `asked` bytes just added as COST_ELEMENT, up to `payload` are the user's. */
static inline void tally_payload(struct tally *t, uint64_t asked, uint64_t payload)
{
    tally_move(t, COST_ELEMENT, COST_PAYLOAD, payload < asked ? payload : asked);
}

/* One blob of `len` bytes that holds all elements, in a block of `request` bytes. */
static inline void packed_cost(const struct cost_context *c, struct tally *t, uint64_t len, uint64_t request,
                               enum counted_as counted)
{
    uint64_t bytes = held(c, request);
    tally_add(t, COST_ELEMENT, "packed elements", 0, 1, request, bytes);
    tally_payload(t, len, shape_packed_payload(c->shape));
    tally_usage(t, counted == COUNTED_HELD ? bytes : len);
}

#endif
