/* How exact the models were against real servers: the ledger that the tests keep, as the build found it. */
#ifndef ACCURACY_H
#define ACCURACY_H

#include <stdbool.h>
#include <stdint.h>

/* Numbers that were measured on real servers, and how many of them the model gives to the byte (or within what the
 * server's own chance explains). */
struct accuracy {
    uint64_t keys;
    uint64_t encoding_exact;
    uint64_t usage_measured, usage_exact; /* MEMORY USAGE; older servers have none */
    uint64_t allocated_exact;             /* size_in_bytes */
};

/* The sum over all cases of one server ("redis-7.2"), on any allocator. false when none was measured. */
bool accuracy_of_server(const char *id, struct accuracy *accuracy);

#endif
