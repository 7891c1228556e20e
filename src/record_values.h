/* What record_builder.c and record_values.c share: the first has the life of a record, the second what its value is
 * made of. For these two only. */
#ifndef RECORD_VALUES_H
#define RECORD_VALUES_H

#include "record_builder.h"
#include "stream_facts.h"

enum {
    HYPERLOGLOG_BYTES = 16 + 12288, /* redis src/hyperloglog.c HLL_DENSE_SIZE */
    VALUE_BUFFER = HYPERLOGLOG_BYTES
};

struct record_builder {
    const struct plan *plan;
    struct shape *shape;
    uint8_t *name;
    size_t name_capacity;
    struct node_rewrites *rewrites; /* NULL: nobody asked */
    bool with_slots, with_values;
    uint64_t long_from;                     /* an element longer than this is the record's long element */
    uint64_t long_limit[OBJECT_TYPE_COUNT]; /* where it starts for each type; UINT64_MAX: no such limit */
    char module_name[10];
    struct record record; /* being built */
    struct record string; /* of string keys that come in one event: only what differs from key to key is written */
    struct record_stray stray[RECORD_STRAYS];
    struct record_stray long_element;
    struct stream_facts stream;
    uint8_t value[VALUE_BUFFER];
};

/* The text of a string value, to the builder's shape, and what there is to say of it. */
void record_builder_take_string(struct record_builder *builder, struct record *record, const struct rdb_string *string);

#endif
