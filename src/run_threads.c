#include "run_threads.h"

#include <sched.h>

unsigned run_usual_threads(void)
{
    enum { USUAL_MOST = 4 };
    cpu_set_t processors;
    if (sched_getaffinity(0, sizeof processors, &processors) != 0)
        return 1;
    int count = CPU_COUNT(&processors);
    return count < 1 ? 1 : count < USUAL_MOST ? (unsigned)count : USUAL_MOST;
}

unsigned run_threads(const struct cli_options *options)
{
    uint64_t threads = options->output.jobs;
    if (options->operands.count > 1)
        return 1;
    if (threads == 0)
        return run_usual_threads();
    return threads < RUN_MAX_THREADS ? (unsigned)threads : RUN_MAX_THREADS;
}
