/* Turns the parser's events of one key into shape calls and a record: the only place that knows both. */
#ifndef RECORD_BUILDER_H
#define RECORD_BUILDER_H

#include <rdbparse.h>

#include "model/node_rewrites.h"
#include "plain_string.h"
#include "record.h"

/* Names are held whole up to here; of a longer one the record has the first bytes and the exact length. */
enum { RECORD_MAX_NAME = 1 << 20 };

struct record_builder;

/* `load_time_ms`: when the costed server loads the file. With `with_slots` every record gets its cluster slot, with
 * `with_values` what record.h says of values. */
struct record_builder *record_builder_new(const struct plan *plan, int64_t load_time_ms, bool with_slots,
                                          bool with_values);
/* From now on records have other_bytes. */
void record_builder_cost_other(struct record_builder *builder);
/* From now on records of lists and streams have `rewrites` under these points. */
void record_builder_rewrite_nodes(struct record_builder *builder, const struct node_points *points);
/* From now on records have their expiry_bytes. */
void record_builder_price_expiries(struct record_builder *builder);
/* From now on records have their census. */
void record_builder_count_sizes(struct record_builder *builder);
void record_builder_free(struct record_builder *builder);

/* What a server calls a key of the file: a vector set is a module value there. */
enum object_type record_object_type(const struct rdb_key *key);

/* Starts a record with an RDB_EVENT_KEY. */
void record_builder_begin(struct record_builder *builder, uint64_t db, bool is_expired, const struct rdb_event *event);
/* The whole record of an RDB_EVENT_STRING_KEY, as record_builder_close would return it; its name is the event's. */
struct record *record_builder_string(struct record_builder *builder, uint64_t db, bool is_expired,
                                     const struct rdb_event *event);
/* Whether it is a plain string: then no record may be needed of it. */
bool record_builder_plain(const struct record_builder *builder, uint64_t db, const struct rdb_string_key *whole,
                          struct plain_string *plain);
/* The record being built, for messages: its name and attributes are there, its cost is not. */
const struct record *record_builder_current(const struct record_builder *builder);
/* Adds any event between RDB_EVENT_KEY and RDB_EVENT_KEY_END. */
void record_builder_value(struct record_builder *builder, const struct rdb_event *event);
/* Ends the record with an RDB_EVENT_KEY_END. Its cost is due: record.h. The result is valid until the next record
 * begins. */
struct record *record_builder_close(struct record_builder *builder, const struct rdb_event *event);

#endif
