#include "run_threads.h"

/* One by default: where it was measured, handing records over cost more than the second thread brought
 * (docs/performance.md). */
unsigned run_threads(const struct cli_options *options)
{
    uint64_t threads = options->output.jobs;
    if (options->operands.count > 1 || threads == 0)
        return 1;
    return threads < RUN_MAX_THREADS ? (unsigned)threads : RUN_MAX_THREADS;
}
