#include "hiding.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* FNV-1a's steps, and a last one that spreads them: tables take both ends of it. */
static uint64_t hash_of(const uint8_t *bytes, size_t len)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    hash = (hash ^ hash >> 32) * UINT64_C(0x9fb21c651e98df25);
    return hash ^ hash >> 29;
}

size_t hiding_name(const struct doc_hider *hider, const uint8_t *name, size_t len, uint8_t *out, size_t room,
                   uint64_t *hash)
{
    uint8_t *whole = memory_new(1, hider->most_times * len + hider->most_more);
    size_t whole_len = hider->hide(hider->context, name, len, whole);
    if (hash)
        *hash = hash_of(whole, whole_len);
    if (room > whole_len)
        room = whole_len;
    if (room)
        memcpy(out, whole, room);
    free(whole);
    return room;
}
