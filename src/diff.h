/* What changed from one snapshot to another, or from one summary to another: sections of a document. */
#ifndef DIFF_H
#define DIFF_H

#include "gathered.h"

struct diff {
    const struct cli_options *options;
    const struct environment *environment;
    const char *path[2]; /* old, new */
    struct gathered *gathered[2];
    bool is_snapshot[2]; /* it can be read once more, to look keys up */
};

enum { DIFF_OLD, DIFF_NEW };

/* Heaviest keys of each side that are compared. */
enum { DIFF_TOP = 1000 };

/* Section change: totals, times, server, settings. */
void diff_write_overview(const struct diff *diff, struct document *document);
/* Sections databases, types, patterns. */
void diff_write_databases(const struct diff *diff, struct document *document);
void diff_write_types(const struct diff *diff, struct document *document);
void diff_write_patterns(const struct diff *diff, struct document *document);
/* Section keys: those that grew, shrank, appeared and vanished among the heaviest of both. Reads snapshots once more
 * for those that are among the heaviest of one side only. */
enum exit_status diff_write_keys(const struct diff *diff, struct document *document);

/* All that the data of one side takes. */
uint64_t diff_dataset_bytes(const struct gathered *gathered);

#endif
