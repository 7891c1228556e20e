#include "memory_budget.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "collect/alternatives.h"
#include "collect/group_table.h"
#include "collect/grouping.h"
#include "complain.h"
#include "run_threads.h"

enum {
    KB = 1 << 10,
    MB = 1 << 20,
    FIXED_BYTES = 6 * MB, /* plan, shapes, output buffers, a report of all sections: measured 3 to 5 MB */
    LEAST_BYTES = 16 * MB,
    /* Rows of all lists together take a part of all, each with a name, in the list, the document and what is printed.
     */
    ROWS_PART = 8,
    ROW_BYTES = 30 * KB,
    STACK_BYTES = MB, /* of a further thread, under a bound */
    FORK_BYTES =
        6 * MB, /* what a thread gathers until it is joined, its stack, bytes on the tape: measured 2 to 5 MB */
};

/* What a unit takes at most: with the copy that is made when a table doubles, and as often as there are such tables. */
static const struct share {
    const char *what;
    uint32_t usual, least;
    uint32_t unit_bytes;
    enum { OF_ALL, OF_EACH, SPLIT } threads; /* one for all threads, one for each, or a part for each */
} shares[MEMORY_SHARE_COUNT] = {
    [MEMORY_WINDOW] = {"bytes of the file at hand", 256 * KB, 64 * KB, 1, OF_EACH},
    /* names, fields and values are held at five places of the parser and two of the program */
    [MEMORY_NAMES] = {"bytes of a name that are looked at", MB, 64 * KB, 7, OF_EACH},
    [MEMORY_UNPACKED] = {"bytes to which a compressed value is unpacked", 16 * MB, 256 * KB, 2, SPLIT},
    [MEMORY_TEMPLATES] = {"bytes of fields of hash templates", 16 * MB, 256 * KB, 3, SPLIT},
    /* patterns and hash tags; with idle times */
    [MEMORY_GROUPS] = {"patterns of names and hash tags", GROUP_MAX, 1 << 10,
                       2 * 2 * (sizeof(struct group) + sizeof(struct group_name) + sizeof(struct group_idle) + 32)},
    [MEMORY_ALTERNATIVES] = {"patterns in other forms", ALTERNATIVES_ROWS, 1 << 8, sizeof(struct alternative_row) + 16,
                             true},
    /* two places of 28 bytes each; while they become more the old ones too */
    [MEMORY_CELLS] = {"hashes that keys are grouped into", GROUPING_CELLS, 1 << 12, 3 * 28},
};

static uint32_t power_of_two_within(uint64_t number)
{
    uint32_t power = 1;
    while (power <= UINT32_MAX / 2 && 2 * (uint64_t)power <= number)
        power *= 2;
    return power;
}

static uint64_t takes(unsigned share, const struct memory_budget *budget)
{
    uint32_t units = budget->units[share];
    return (uint64_t)(units ? units : shares[share].usual) * shares[share].unit_bytes;
}

static uint64_t needed(const struct memory_budget *budget)
{
    uint64_t sum = FIXED_BYTES;
    for (unsigned i = 0; i < MEMORY_SHARE_COUNT; i++)
        sum += takes(i, budget);
    return sum;
}

/* What so many threads take beside that. */
static uint64_t needed_by_threads(const struct memory_budget *budget, uint64_t threads)
{
    uint64_t sum = threads * FORK_BYTES;
    for (unsigned i = 0; i < MEMORY_SHARE_COUNT; i++)
        sum += shares[i].threads == OF_EACH ? threads * takes(i, budget)
               : shares[i].threads == SPLIT ? takes(i, budget)
                                            : 0;
    return sum;
}

/* Halves what takes most until all of it fits. */
static void divide(struct memory_budget *budget, uint64_t bytes)
{
    while (needed(budget) > bytes) {
        unsigned most = MEMORY_SHARE_COUNT;
        uint64_t most_bytes = 0;
        for (unsigned i = 0; i < MEMORY_SHARE_COUNT; i++) {
            uint32_t units = budget->units[i] ? budget->units[i] : shares[i].usual;
            uint64_t taken = takes(i, budget);
            if (units > shares[i].least && taken > most_bytes) {
                most = i;
                most_bytes = taken;
            }
        }
        if (most == MEMORY_SHARE_COUNT)
            return;
        uint32_t units = budget->units[most] ? budget->units[most] : shares[most].usual;
        budget->units[most] = power_of_two_within(units / 2);
    }
}

/* Adds what there is memory for of a number that was asked for. */
static size_t say_number(char *text, size_t size, const char *option, uint64_t asked, uint64_t given)
{
    if (given >= asked)
        return 0;
    return (size_t)snprintf(text, size, " %s %llu (instead of %llu);", option, (unsigned long long)given,
                            (unsigned long long)asked);
}

static void say_what_is_coarser(const struct memory_budget *budget, uint64_t bytes, const struct memory_work *asked,
                                const struct memory_work *work)
{
    char text[800] = "";
    size_t used = say_number(text, sizeof text, "--jobs", asked->jobs, work->jobs);
    used += say_number(text + used, sizeof text - used, "--top", asked->rows, work->rows);
    const char *before = " kept are ";
    for (unsigned i = 0; i < MEMORY_SHARE_COUNT && used < sizeof text; i++) {
        if (budget->units[i] == 0)
            continue;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u %s (instead of %u)", before, budget->units[i],
                                 shares[i].what, shares[i].usual);
        before = ", ";
    }
    if (used != 0)
        complain("--max-memory %llu:%s", (unsigned long long)bytes, text);
}

/* The sanitizers reserve far more than they use. */
#if defined(__SANITIZE_ADDRESS__)
#define CAN_LIMIT 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAN_LIMIT 0
#endif
#endif
#ifndef CAN_LIMIT
#define CAN_LIMIT 1
#endif

/* Several files: a share for each that is read at a time, and one for what they are merged into. */
static uint64_t jobs_of_files(uint64_t bytes, const struct memory_work *work)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t shares_within = bytes / LEAST_BYTES, jobs = work->jobs;
    if (jobs == 0)
        jobs = processors > 0 ? (uint64_t)processors : 1;
    return jobs < shares_within ? jobs : shares_within - 1;
}

/* One file: its tables come first, so that the result is the same for any number of threads. */
static uint64_t jobs_of_one_file(const struct memory_budget *budget, uint64_t bytes, const struct memory_work *work)
{
    uint64_t jobs = work->jobs != 0 ? work->jobs : run_usual_threads();
    jobs = jobs < RUN_MAX_THREADS ? jobs : RUN_MAX_THREADS;
    while (jobs > 1 && needed(budget) + needed_by_threads(budget, jobs) > bytes)
        jobs--;
    return jobs;
}

/* Several files: a share for each, but for the stacks of those who read them. */
static uint64_t bytes_of_tables(uint64_t bytes, const struct memory_work *work)
{
    return work->files > 1 ? bytes / (work->jobs + 1) - STACK_BYTES : bytes;
}

/* Private memory of the whole process. Stacks of threads count in full, so they are smaller than usual. */
static void limit_process(uint64_t bytes)
{
    struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
    pthread_attr_t attributes;
    if (!CAN_LIMIT || getrlimit(RLIMIT_DATA, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max < bytes ? limit.rlim_max : bytes;
    if (setrlimit(RLIMIT_DATA, &limit) != 0)
        complain("--max-memory: the system sets no limit; only tables are bounded");
    if (pthread_attr_init(&attributes) != 0)
        return;
    if (pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0)
        (void)pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
}

bool memory_budget_prepare(struct memory_budget *budget, uint64_t bytes, struct memory_work *work)
{
    const char *of_several = work->files > 1 ? " for several files" : "";
    uint64_t least = work->files > 1 ? 2 * LEAST_BYTES : LEAST_BYTES;
    const struct memory_work asked = *work;
    *budget = (struct memory_budget){{0}};
    if (bytes == 0)
        return true;
    if (bytes < least) {
        complain("--max-memory: at least %llumb are needed%s", (unsigned long long)least / MB, of_several);
        return false;
    }
    if (work->files > 1)
        work->jobs = jobs_of_files(bytes, work);
    uint64_t of_tables = bytes_of_tables(bytes, work), rows = of_tables / ROWS_PART / ROW_BYTES;
    work->rows = work->rows < rows ? work->rows : rows;
    divide(budget, of_tables);
    if (work->files <= 1)
        work->jobs = jobs_of_one_file(budget, bytes, work);
    say_what_is_coarser(budget, bytes, &asked, work);
    limit_process(bytes);
    return true;
}

struct rdb_options memory_budget_parser(const struct memory_budget *budget)
{
    uint32_t window = budget->units[MEMORY_WINDOW] ? budget->units[MEMORY_WINDOW] : shares[MEMORY_WINDOW].usual;
    uint32_t names = budget->units[MEMORY_NAMES]; /* of which a whole window is kept */
    return (struct rdb_options){
        .window_bytes = names != 0 && names < window ? names : budget->units[MEMORY_WINDOW],
        .max_name_bytes = budget->units[MEMORY_NAMES],
        .max_unpack_bytes = budget->units[MEMORY_UNPACKED],
        .max_template_bytes = budget->units[MEMORY_TEMPLATES],
    };
}

struct collect_limits memory_budget_collect(const struct memory_budget *budget)
{
    return (struct collect_limits){
        .groups = budget->units[MEMORY_GROUPS],
        .alternatives = budget->units[MEMORY_ALTERNATIVES],
        .cells = budget->units[MEMORY_CELLS],
    };
}
