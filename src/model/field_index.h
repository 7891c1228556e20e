/* Redis' indexes of hashes by their earliest field expiry, one a database, before they are costed: the times in the
 * order of the file, which decides what an ebuckets takes (ebuckets.h), and which is played through when that is asked
 * for.
 *
 * Memory is bounded for all databases together: of the first FIELD_INDEX_LOGGED hashes of the file the times are kept.
 * What a database has beyond is extrapolated from its own, and where that has too few of those from the other
 * databases. Which ones are kept depends on the order of the file alone, in however many parts it was read. */
#ifndef MODEL_FIELD_INDEX_H
#define MODEL_FIELD_INDEX_H

#include <stddef.h>
#include <stdint.h>

enum { FIELD_INDEX_LOGGED = 1 << 17 };

struct field_index;
struct plan;

struct field_index *field_index_new(const struct plan *plan);
void field_index_free(struct field_index *index);
/* What comes now is of this part of the file; parts come in ascending order. Without it all is one part. */
void field_index_part(struct field_index *index, uint64_t part);
/* There are no parts any more: what is merged from now on comes behind all of this. */
void field_index_end_parts(struct field_index *index);
/* `serial`: number of the database in the order of their arrival, below 2^16. */
void field_index_add(struct field_index *index, unsigned serial, int64_t expire_at_ms);
/* Puts in the items of another one, by part; of the same part behind those of `index`. `serial`: what the databases of
 * `other` are here. */
void field_index_merge(struct field_index *index, const struct field_index *other, const uint16_t *serial);
/* The times of a database in order, good until another one is added. */
const uint64_t *field_index_times(struct field_index *index, unsigned serial, size_t *count);
/* Bytes that the index of a database holds whose first `count` items have these times, of `items` in all. 0: it is a
 * list, or so few are known that nothing can be said. `allocator`: dense index of the plan; `rax_header`: see
 * rax_header_bytes. */
uint64_t field_index_held(const struct field_index *index, const uint64_t *time, size_t count, uint64_t items,
                          unsigned allocator, uint64_t rax_header);

#endif
