/* The history of one server, from summaries (or snapshots) of different moments. */
#ifndef TREND_H
#define TREND_H

#include "cli_options.h"
#include "collect/group_table.h"
#include "document.h"
#include "gathered.h"

/* Bytes of a pattern at one moment. */
struct trend_pattern {
    uint64_t hash, bytes;
};

struct trend_point {
    int64_t ctime_ms;
    uint64_t keys, dataset_bytes, used_mem;
    bool has_used_mem;
    const struct server_model *server;
    char path[GATHERED_PATH_MAX];
    struct trend_pattern *pattern; /* by hash */
    size_t pattern_count;
    uint64_t bound; /* a pattern that is not there has at most so many bytes */
};

struct trend {
    struct trend_point *point; /* by time */
    size_t count;
    struct group_table names; /* of every pattern, its name and the sum over all points */
    uint64_t maxmemory;       /* 0: not known */
    size_t top;
};

/* Takes what a point needs of one that was gathered. */
void trend_take(struct trend_point *point, const struct gathered *gathered);
void trend_release(struct trend *trend);
/* Sections trend and patterns. */
void trend_write(const struct trend *trend, struct document *document);

#endif
