/* Hashes: ziplist or listpack, table; with field expiries listpackex (Redis 7.4+) and what tables add for them. */
#ifndef MODEL_HASH_PART_H
#define MODEL_HASH_PART_H

#include "loaded.h"
#include "plan_internal.h"
#include "tally.h"

struct hash_part;

extern const struct hash_part hash_redis_2_8, hash_redis_3_0, hash_redis_3_2, hash_redis_4_0, hash_redis_5_0,
    hash_redis_6_0, hash_redis_7_0, hash_redis_7_4, hash_redis_8_2, hash_redis_8_4, hash_redis_8_6, hash_valkey_8_0,
    hash_valkey_8_1, hash_valkey_9_0, hash_valkey_9_1;

void hash_plan(struct plan *plan, struct planned_view *view);
void hash_load(const struct cost_context *c, struct loaded *loaded);
void hash_cost(const struct cost_context *c, struct tally *t, const struct loaded *loaded);

/* How a release packs hashes, for simulations. */
struct hash_packed_form {
    bool is_listpack; /* else ziplist */
    bool packs_expiries;
    uint8_t expiring_bytes; /* the structure around a packed hash whose fields expire */
};
void hash_packed_form(const struct hash_part *part, struct hash_packed_form *form);

/* Of a release where a hash with field expiries is a table: how its pairs lie in it; NULL: of all others. */
const struct pair_layout *hash_timed_pair(const struct hash_part *part);
/* Tallies as held what such a hash takes that is read pair by pair. `pairs`: held by its pairs; at most VSET_VECTOR_MAX
 * of them `timed`, at least one. */
void hash_timed_table(const struct cost_context *c, struct tally *t, uint64_t fields, uint64_t timed, uint64_t pairs);

#endif
