/* Private: a set of 64-bit fingerprints in bounded memory, to find duplicates and missing references. When it is full,
 * or somebody chose values that crowd one place, it says that it no longer knows. */
#ifndef RDB_FINGERPRINTS_H
#define RDB_FINGERPRINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* At most this many members: 8 MiB. */
enum { RDB_FINGERPRINTS_MAX = 1 << 19 };

struct rdb_fingerprints {
    uint64_t *slots; /* 0 is a free one */
    size_t capacity, count;
    bool overflowed; /* not every member is in it */
};

enum rdb_membership { RDB_MEMBER, RDB_NOT_MEMBER, RDB_MEMBER_UNKNOWN };

/* Empties the set and keeps a little of its memory. */
void rdb_fingerprints_clear(struct rdb_fingerprints *set);
void rdb_fingerprints_release(struct rdb_fingerprints *set);
/* Adds a fingerprint and says whether it was there before. */
enum rdb_membership rdb_fingerprints_add(struct rdb_fingerprints *set, uint64_t fingerprint);
enum rdb_membership rdb_fingerprints_find(const struct rdb_fingerprints *set, uint64_t fingerprint);

uint64_t rdb_fingerprint_bytes(const uint8_t *bytes, size_t len);
uint64_t rdb_fingerprint_pair(uint64_t first, uint64_t second);

#endif
