/* Several snapshots (or summaries) read side by side and gathered into one. */
#ifndef GATHER_FILES_H
#define GATHER_FILES_H

#include "gathered.h"

/* Reads all operands of `options`, --jobs at a time, and merges them in the order of their paths, so that the result
 * depends neither on the order in which they are named nor on which was read first. At most twice as many are held as
 * are read at a time. NULL when they are costed differently, or nothing could be read; complains of everything. */
struct gathered *gather_files(const struct gather *gather, const struct cli_options *options,
                              const struct environment *environment, enum exit_status *status);

#endif
