#include "memory_budget.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "collect/alternatives.h"
#include "collect/group_table.h"
#include "collect/grouping.h"
#include "complain.h"

enum {
    KB = 1 << 10,
    MB = 1 << 20,
    FIXED_BYTES = 6 * MB, /* plan, shapes, output buffers, a report of all sections: measured 3 to 5 MB */
    LEAST_BYTES = 16 * MB
};

/* What a unit takes at most: with the copy that is made when a table doubles, and as often as there are such tables. */
static const struct share {
    const char *what;
    uint32_t usual, least;
    uint32_t unit_bytes;
} shares[MEMORY_SHARE_COUNT] = {
    [MEMORY_WINDOW] = {"bytes of the file at hand", 256 * KB, 64 * KB, 1},
    /* names, fields and values are held at five places of the parser and two of the program */
    [MEMORY_NAMES] = {"bytes of a name that are looked at", MB, 64 * KB, 7},
    [MEMORY_UNPACKED] = {"bytes to which a compressed value is unpacked", 16 * MB, 256 * KB, 2},
    [MEMORY_TEMPLATES] = {"bytes of fields of hash templates", 16 * MB, 256 * KB, 3},
    /* patterns and hash tags; with idle times */
    [MEMORY_GROUPS] = {"patterns of names and hash tags", GROUP_MAX, 1 << 10,
                       2 * 2 * (sizeof(struct group) + sizeof(struct group_name) + sizeof(struct group_idle) + 32)},
    [MEMORY_ALTERNATIVES] = {"patterns in other forms", ALTERNATIVES_ROWS, 1 << 8, sizeof(struct alternative_row) + 16},
    [MEMORY_CELLS] = {"hashes that keys are grouped into", GROUPING_CELLS, 1 << 12, 72},
};

static uint32_t power_of_two_within(uint64_t number)
{
    uint32_t power = 1;
    while (power <= UINT32_MAX / 2 && 2 * (uint64_t)power <= number)
        power *= 2;
    return power;
}

static uint64_t needed(const uint32_t units[MEMORY_SHARE_COUNT])
{
    uint64_t sum = FIXED_BYTES;
    for (unsigned i = 0; i < MEMORY_SHARE_COUNT; i++)
        sum += (uint64_t)(units[i] ? units[i] : shares[i].usual) * shares[i].unit_bytes;
    return sum;
}

/* Halves what takes most until all of it fits. */
static void divide(struct memory_budget *budget, uint64_t bytes)
{
    while (needed(budget->units) > bytes) {
        unsigned most = MEMORY_SHARE_COUNT;
        uint64_t most_bytes = 0;
        for (unsigned i = 0; i < MEMORY_SHARE_COUNT; i++) {
            uint32_t units = budget->units[i] ? budget->units[i] : shares[i].usual;
            uint64_t takes = (uint64_t)units * shares[i].unit_bytes;
            if (units > shares[i].least && takes > most_bytes) {
                most = i;
                most_bytes = takes;
            }
        }
        if (most == MEMORY_SHARE_COUNT)
            return;
        uint32_t units = budget->units[most] ? budget->units[most] : shares[most].usual;
        budget->units[most] = power_of_two_within(units / 2);
    }
}

static void say_what_is_coarser(const struct memory_budget *budget, uint64_t bytes)
{
    char text[600] = "";
    size_t used = 0;
    for (unsigned i = 0; i < MEMORY_SHARE_COUNT && used < sizeof text; i++) {
        if (budget->units[i] != 0)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%u %s (instead of %u)", used ? ", " : "",
                                     budget->units[i], shares[i].what, shares[i].usual);
    }
    if (used != 0)
        complain("--max-memory %llu: kept are %s", (unsigned long long)bytes, text);
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

bool memory_budget_prepare(struct memory_budget *budget, uint64_t bytes)
{
    struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
    *budget = (struct memory_budget){{0}};
    if (bytes == 0)
        return true;
    if (bytes < LEAST_BYTES) {
        complain("--max-memory: at least %dmb are needed", LEAST_BYTES / MB);
        return false;
    }
    divide(budget, bytes);
    say_what_is_coarser(budget, bytes);
    if (CAN_LIMIT && getrlimit(RLIMIT_DATA, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max < bytes ? limit.rlim_max : bytes;
        if (setrlimit(RLIMIT_DATA, &limit) != 0)
            complain("--max-memory: the system sets no limit; only tables are bounded");
    }
    return true;
}

struct rdb_options memory_budget_parser(const struct memory_budget *budget)
{
    return (struct rdb_options){
        .window_bytes = budget->units[MEMORY_WINDOW],
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
