/* How many threads a run over one snapshot has. */
#ifndef RUN_THREADS_H
#define RUN_THREADS_H

#include "cli_options.h"

enum { RUN_MAX_THREADS = 8 };

/* --jobs; without it as many as there are processors, but one for a file of `size_bytes` that is read before a thread
 * has begun (0: not known), and one where several files are read side by side. */
unsigned run_threads(const struct cli_options *options, uint64_t size_bytes);

#endif
