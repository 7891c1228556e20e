/* --max-memory: how much each of the things that grow with the input may take of it. */
#ifndef MEMORY_BUDGET_H
#define MEMORY_BUDGET_H

#include <rdbparse.h>
#include <stdbool.h>
#include <stdint.h>

#include "collect/collector.h"

enum memory_share {
    MEMORY_WINDOW,
    MEMORY_NAMES,
    MEMORY_UNPACKED,
    MEMORY_TEMPLATES,
    MEMORY_GROUPS,
    MEMORY_ALTERNATIVES,
    MEMORY_CELLS,
    MEMORY_SHARE_COUNT
};

/* Units of each; 0: as many as usual. */
struct memory_budget {
    uint32_t units[MEMORY_SHARE_COUNT];
};

/* What is to share the memory. */
struct memory_work {
    size_t files;  /* operands: more than one are read by threads of their own, and merged */
    uint64_t jobs; /* --jobs; 0: not given */
    uint64_t rows; /* --top: of each list of keys */
};

/* Divides `bytes` (0: no bound) between tables and threads, says what is coarser than usual, and sets the process a
 * limit that it cannot pass: where memory does not suffice all the same, the program ends with a message.
 * `work->jobs` and `work->rows` become what there is memory for. False, after a complaint, when it is too little for
 * anything. */
bool memory_budget_prepare(struct memory_budget *budget, uint64_t bytes, struct memory_work *work);

struct rdb_options memory_budget_parser(const struct memory_budget *budget);
struct collect_limits memory_budget_collect(const struct memory_budget *budget);

#endif
