/* Streams in memory, one row for each release that changed them. Private to stream_*.c, and to module_cost.c, which
 * needs the headers of strings. */
#ifndef MODEL_STREAM_PART_H
#define MODEL_STREAM_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "lanes.h"

enum stream_usage {
    STREAM_USAGE_GUESSED,  /* trees by a rule of thumb: streamRadixTreeMemoryUsage */
    STREAM_USAGE_MEASURED, /* trees as held, structures by sizeof; consumer and group names' trees left out */
    STREAM_USAGE_COUNTED   /* a running counter of what was allocated */
};

struct stream_part {
    const char *source;
    /* sizeof stream, streamCG, streamConsumer, streamNACK, rax */
    uint8_t stream_bytes, group_bytes, consumer_bytes, nack_bytes, rax_bytes;
    enum text_layout name; /* of consumers */
    enum stream_usage usage;
    bool usage_without_struct; /* the stream's own structure is forgotten */
    bool usage_by_length;      /* listpacks by their length, not by what they hold */
    bool usage_averages;       /* groups, and consumers within a group, as average times count, in doubles */
    bool has_group_references; /* cgroups_ref: per pending id a list of the groups that wait for it */
    bool has_pending_by_time;  /* pel_by_time: a tree of delivery time and id beside every group's pending ids */
    bool has_producers;        /* idempotent producers */
    bool producers_counted;    /* MEMORY USAGE: their tree too */
    bool producers_expire;     /* ids older than the stream's duration are dropped at load; a copy of the key is kept
                                  while there are any */
};

#endif
