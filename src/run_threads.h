/* How many threads a run over one snapshot has. */
#ifndef RUN_THREADS_H
#define RUN_THREADS_H

#include "cli_options.h"

enum { RUN_MAX_THREADS = 8 };

/* --jobs, RUN_MAX_THREADS at most; one without it, and where several files are read side by side. */
unsigned run_threads(const struct cli_options *options);

#endif
