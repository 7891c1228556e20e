/* The key's shell, everything of a key but its value: keyspace entry, name, object header, expiry; and the tables of a
 * database. A part is named after the release that introduced it. */
#ifndef MODEL_KEYSPACE_PART_H
#define MODEL_KEYSPACE_PART_H

#include <string.h>

#include "keyspace_tables.h"
#include "plan_internal.h"
#include "tally.h"

enum shell_layout {
    SHELL_SEPARATE, /* entry, name and object are blocks of their own */
    SHELL_ENTRY,    /* the name lies in the entry */
    SHELL_KVOBJ,    /* Redis 8.2+: name and expiry lie in the object */
    SHELL_OBJECT    /* Valkey 8.1+: likewise */
};

enum counted_as { COUNTED_ASKED, COUNTED_HELD, COUNTED_OTHER };

struct keyspace_part {
    const char *source;
    enum shell_layout layout;
    const struct sds_family *name;    /* as held */
    const struct sds_family *counted; /* as MEMORY USAGE measures it */
    enum counted_as name_counted;
    uint8_t entry_bytes;        /* SEPARATE: whole; ENTRY: before the name */
    uint8_t entry_cluster;      /* what a cluster node's entry has more */
    uint8_t counted_cluster;    /* what MEMORY USAGE counts of that */
    uint8_t expires_entry;      /* entry in the expires table; 0: the expiry lies in the object */
    bool takes_spare_slot;      /* the expiry's slot is there also where rounding leaves room for it */
    bool counts_asked;          /* MEMORY USAGE counts the object as asked, but for module values */
    bool module_without_object; /* MEMORY USAGE of module values leaves the object out */
    const struct keyspace_tables *tables;
};

extern const struct keyspace_part keyspace_redis_2_8, keyspace_redis_3_0, keyspace_redis_3_2, keyspace_redis_4_0,
    keyspace_redis_5_0, keyspace_redis_6_0, keyspace_redis_7_0, keyspace_redis_7_2, keyspace_redis_7_4,
    keyspace_redis_8_0, keyspace_redis_8_2, keyspace_redis_8_4, keyspace_redis_8_6, keyspace_redis_8_8,
    keyspace_valkey_7_2, keyspace_valkey_8_0, keyspace_valkey_8_1, keyspace_valkey_9_0, keyspace_valkey_9_1;

enum { OBJECT_HEADER_BYTES = 16, EXPIRY_SLOT_BYTES = 8 };

/* Starts a tally with the shell of a key whose value is not part of it; with or without the object (where that is
 * shared, or one block with the value). memory_usage has what the server counts before the value; returns what it
 * counts behind it. */
uint64_t keyspace_shell_compute(const struct cost_context *c, struct tally *t, enum shell_kind kind);

/* Shells of names up to SHELL_NAME_MAX bytes, computed once per view. */
struct shell_memos *shell_memos_new(const struct plan *plan, const struct planned_view *view);

static inline uint64_t keyspace_shell(const struct cost_context *c, struct tally *t, enum shell_kind kind)
{
    if (!c->shells || t->lines || c->key->name_len > SHELL_NAME_MAX || c->key->metadata_classes)
        return keyspace_shell_compute(c, t, kind);
    const struct shell_memo *memo = &c->shells->memo[kind][c->key->has_expiry][c->key->name_len];
    memcpy(t->part, memo->part, sizeof memo->part);
    t->held = memo->held;
    t->usage = memo->before;
    return memo->behind;
}

/* Redis 8.2+: bytes of the kvobj as asked, without a value inside. */
uint64_t kvobj_request(const struct cost_context *c);
/* Tallies one block that holds object, name, expiry and `inside` bytes more, of which `payload` are the user's. */
void shell_block(const struct cost_context *c, struct tally *t, uint64_t request, uint64_t payload);

#endif
