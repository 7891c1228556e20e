/* The indexes of fields by their expiry that table-encoded hashes keep beside the table: ebuckets in Redis 7.4+
 * (ebuckets.c), vset in Valkey 9.0+ (vset.c). */
#ifndef MODEL_FIELD_EXPIRY_H
#define MODEL_FIELD_EXPIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cost_context;
struct field_expiry_play;
struct plan;
struct tally;

enum { FIELD_EXPIRY_MAX_LOGGED = 1 << 18 };

/* Built beside a hash, one call per field that has an expiry, in file order. The order in which a server indexes them
 * depends on its settings, so the fields are logged and the index is played through when it is costed. A hash with more
 * than FIELD_EXPIRY_MAX_LOGGED such fields is played through as it comes: no listpack holds so many. */
struct field_expiry_shape {
    uint64_t count;         /* fields with an expiry */
    int64_t earliest_at_ms; /* smallest expiry; 0 when count is 0 */
    struct field_expiry_logged {
        uint64_t index; /* of the field in the hash */
        int64_t expire_at_ms;
    } * logged;
    size_t logged_count, logged_capacity;
    bool is_playing; /* the log is full: fields go straight into the indexes */
    struct field_expiry_play *play;
};

void field_expiry_init(struct field_expiry_shape *fields, const struct plan *plan);
void field_expiry_release(struct field_expiry_shape *fields);
void field_expiry_begin(struct field_expiry_shape *fields); /* a new hash starts */
/* `index`: of the field in the hash, from 0. */
void field_expiry_add(struct field_expiry_shape *fields, uint64_t index, int64_t expire_at_ms);

/* Whether a bound was reached while fields came: the index is extrapolated. */
bool field_expiry_is_coarse(const struct field_expiry_shape *fields);

/* Redis: the private ebuckets of one hash; all of it is held, MEMORY USAGE counts nothing. `sorted_fields`: the first
 * so many fields of the hash came out of a listpack, hence sorted by expiry, when the table was built. */
void ebuckets_cost(const struct cost_context *c, struct tally *t, uint64_t sorted_fields);
/* Valkey: the vset of one hash; adds to held and to memory_usage. `struct_bytes`: size of its hashtable structure where
 * a bucket of the vset turned into one (72 in 9.0, 80 in 9.1). */
void vset_cost(const struct cost_context *c, struct tally *t, uint64_t struct_bytes);

#endif
