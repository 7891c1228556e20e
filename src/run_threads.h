/* How many threads a run over one snapshot has. */
#ifndef RUN_THREADS_H
#define RUN_THREADS_H

#include "cli_options.h"

enum { RUN_MAX_THREADS = 8 };

/* --jobs, RUN_MAX_THREADS at most; without it run_usual_threads(), and one where several files are read side by side.
 */
unsigned run_threads(const struct cli_options *options);
/* The processors that this process may use, four at most: what a file is read in if nothing else is said. */
unsigned run_usual_threads(void);

#endif
