/* A collector is one aggregate over all records. Each lives in its own file and is one row of collectors[]
 * (collectors.c). Collectors see records, costs and the document; never the parser. Each is bounded in memory by
 * construction. */
#ifndef COLLECTOR_H
#define COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "document.h"
#include "model/shape.h"
#include "record.h"

/* What collectors share and may read: fixed before the first record, but for `keyspace`, `file` (filled while parsing).
 */
struct collect_context {
    const struct plan
        *plan;      /* view 0 is the target; view 1, when there, the same server on the other common allocator */
    int64_t now_ms; /* reference time: --now, else the snapshot's ctime, else the clock */
    size_t top;     /* rows of top lists; 0 hides them */
    const struct keyspace *keyspace;
    const struct file_facts *file;
};

/* What the snapshot says of itself; see run.h. */
struct file_facts;

struct collector {
    const char *id;    /* section id in JSON and for --sections: "types", "top_keys", ... */
    const char *title; /* for --help */
    bool by_default;
    size_t size;                                                                                 /* of its state */
    void (*init)(void *self, const struct collect_context *context);                             /* state is zeroed */
    void (*add)(void *self, const struct collect_context *context, const struct record *record); /* hot path */
    void (*merge)(void *self, const void *other, const struct collect_context *context);
    void (*finish)(const void *self, const struct collect_context *context, struct document *document);
    void (*release)(void *self);
};

/* All rows, in the order of the report. */
const struct collector *collectors(size_t *count);

#endif
