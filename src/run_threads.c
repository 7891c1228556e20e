#include "run_threads.h"

/* One by default: on two processors that share a core, handing records over costs more than the second one brings
 * (docs/performance.md). */
unsigned run_threads(const struct cli_options *options)
{
    uint64_t threads = options->output.jobs;
    if (options->operands.count > 1 || threads == 0)
        return 1;
    return threads < RUN_MAX_THREADS ? (unsigned)threads : RUN_MAX_THREADS;
}
