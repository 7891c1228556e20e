#include "run_threads.h"

#include <unistd.h>

enum { WORTH_BYTES = 4 << 20 }; /* a few milliseconds of work */

unsigned run_threads(const struct cli_options *options, uint64_t size_bytes)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t threads = options->output.jobs;
    if (options->operands.count > 1 || (threads == 0 && size_bytes != 0 && size_bytes < WORTH_BYTES))
        return 1;
    if (threads == 0)
        threads = processors > 1 ? (uint64_t)processors : 1;
    return threads < RUN_MAX_THREADS ? (unsigned)threads : RUN_MAX_THREADS;
}
