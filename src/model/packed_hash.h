/* A hash that does not exist yet, from the bytes of its entries: what simulations of grouping need, without a shape a
 * hash. Packed, or, where the server cannot pack fields that expire, a table. Exact as model_cost is; packed, for
 * entries of less than 250 bytes. */
#ifndef MODEL_PACKED_HASH_H
#define MODEL_PACKED_HASH_H

#include <stdbool.h>
#include <stdint.h>

#include "shape.h"

/* Whether the view's server keeps hashes packed whose fields expire. */
bool model_packs_expiries(const struct plan *plan, size_t view);
/* Where a hash with fields that expire is a table: with up to so many of those its size does not depend on when they
 * expire. 0: fields do not expire there, or stay packed. */
unsigned model_table_expiries(const struct plan *plan, size_t view);
/* Bytes of one field or value inside the packed hash. */
uint64_t model_packed_entry(const struct plan *plan, size_t view, const struct shape_text *text);
/* size_in_bytes of a key that holds one packed hash of `fields` fields, `timed` of them with an expiry (0 where the
 * server cannot pack those). `entries`: sum of model_packed_entry over its fields and values. */
uint64_t model_packed_hash(const struct plan *plan, size_t view, const struct key_facts *key, uint64_t entries,
                           uint64_t fields, uint64_t timed);
/* There: bytes of a field with its value, */
uint64_t model_table_pair(const struct plan *plan, size_t view, uint64_t field_len, uint64_t value_len,
                          bool has_expiry);
/* and size_in_bytes of a key with a hash of such `pairs`, `timed` of them (at least one) with an expiry. Beyond
 * model_table_expiries of them it is the least that it can be. */
uint64_t model_table_hash(const struct plan *plan, size_t view, const struct key_facts *key, uint64_t pairs,
                          uint64_t fields, uint64_t timed);
/* The entries of a hash when each of its fields had `more` bytes of text in front: sum as above. Exact while no field
 * becomes longer than 63 bytes. */
uint64_t model_prefixed_entries(const struct plan *plan, size_t view, const struct shape *hash, unsigned more);

/* Where model_table_expiries of the plan's first view is not 0: model_table_pair there of all pairs of a hash, were
 * there so much more text in front of each field, and an expiry to each or to none. Exact for hashes of up to
 * SHAPE_KEPT_PAIRS fields, of which neither they nor their values are longer than 254 bytes. */
uint64_t model_prefixed_pairs(const struct plan *plan, const struct shape *hash, unsigned more, bool expire);

#endif
