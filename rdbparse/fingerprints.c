#include "fingerprints.h"

#include <stdlib.h>
#include <string.h>

/* More steps than this mean chosen values, not chance: a table is at most half full. */
enum { FIRST_CAPACITY = 256, PROBES_MAX = 128 };

void rdb_fingerprints_release(struct rdb_fingerprints *set)
{
    free(set->slots);
    *set = (struct rdb_fingerprints){0};
}

void rdb_fingerprints_clear(struct rdb_fingerprints *set)
{
    if (set->capacity > FIRST_CAPACITY)
        rdb_fingerprints_release(set);
    else if (set->count)
        memset(set->slots, 0, set->capacity * sizeof *set->slots);
    set->count = 0;
    set->overflowed = false;
}

/* The slot of a fingerprint or the free one where it belongs; NULL after too many steps. */
static uint64_t *place(uint64_t *slots, size_t capacity, uint64_t fingerprint)
{
    for (size_t probe = 0; probe < PROBES_MAX; probe++) {
        uint64_t *slot = &slots[(fingerprint + probe) & (capacity - 1)];
        if (*slot == fingerprint || *slot == 0)
            return slot;
    }
    return NULL;
}

static bool grow(struct rdb_fingerprints *set)
{
    size_t capacity = set->capacity ? 4 * set->capacity : FIRST_CAPACITY;
    if (set->count >= RDB_FINGERPRINTS_MAX)
        return false;
    uint64_t *slots = calloc(capacity, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < set->capacity; i++) {
        uint64_t *slot = set->slots[i] ? place(slots, capacity, set->slots[i]) : NULL;
        if (slot)
            *slot = set->slots[i];
        else if (set->slots[i])
            set->overflowed = true;
    }
    free(set->slots);
    set->slots = slots;
    set->capacity = capacity;
    return true;
}

enum rdb_membership rdb_fingerprints_find(const struct rdb_fingerprints *set, uint64_t fingerprint)
{
    fingerprint += fingerprint == 0;
    const uint64_t *slot = set->capacity ? place(set->slots, set->capacity, fingerprint) : NULL;
    if (slot && *slot == fingerprint)
        return RDB_MEMBER;
    return set->overflowed ? RDB_MEMBER_UNKNOWN : RDB_NOT_MEMBER;
}

enum rdb_membership rdb_fingerprints_add(struct rdb_fingerprints *set, uint64_t fingerprint)
{
    fingerprint += fingerprint == 0;
    enum rdb_membership before = rdb_fingerprints_find(set, fingerprint);
    if (before == RDB_MEMBER)
        return before;
    bool room = 2 * (set->count + 1) <= set->capacity || grow(set);
    uint64_t *slot = room ? place(set->slots, set->capacity, fingerprint) : NULL;
    if (!slot) {
        set->overflowed = true;
        return before;
    }
    *slot = fingerprint;
    set->count++;
    return before;
}

/* Multiply and fold: every bit of the input reaches the low bits that choose the slot. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

uint64_t rdb_fingerprint_pair(uint64_t first, uint64_t second)
{
    return mix(mix(mix(UINT64_C(0x2545F4914F6CDD1D), first), second), first);
}

uint64_t rdb_fingerprint_bytes(const uint8_t *bytes, size_t len)
{
    uint64_t hash = mix(UINT64_C(0x2545F4914F6CDD1D), len), word;
    for (; len >= 8; bytes += 8, len -= 8) {
        memcpy(&word, bytes, 8);
        hash = mix(hash, word);
    }
    word = 0;
    if (len)
        memcpy(&word, bytes, len);
    return mix(mix(hash, word), len);
}
