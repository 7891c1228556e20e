/* Streams, all five layouts (RDB-FORMAT section 9): each later one adds fields. */
#include "parser.h"

static enum rdb_status load_id(struct rdb_input *in, struct rdb_id *id, const char *what)
{
    RDB_TRY(rdb_read_len(in, &id->ms, what));
    return rdb_read_len(in, &id->seq, what);
}

static enum rdb_status load_node(struct rdb_parser *parser)
{
    enum { ID_SIZE = 16 };
    struct rdb_input *in = parser->in;
    struct rdb_string key;
    RDB_TRY(rdb_string_hold(in, RDB_HOLD_FIRST, &key, "a stream node's id"));
    const uint8_t *bytes;
    if (key.len != ID_SIZE || rdb_string_bytes(&key, ID_SIZE, &bytes) != ID_SIZE)
        return rdb_input_fail(in, RDB_ERR_CORRUPT, "a stream node's id was expected, of 16 bytes");
    struct rdb_id id = {rdb_be64(bytes), rdb_be64(bytes + 8)};
    if (parser->check)
        rdb_check_stream_node(parser->check, id);
    parser->event.stream_node.id = id;
    return rdb_load_blob(parser, RDB_EVENT_STREAM_NODE, RDB_PACKED_LISTPACK, &parser->event.stream_node.packed);
}

static enum rdb_status load_meta(struct rdb_parser *parser, uint64_t *groups)
{
    static const char what[] = "a stream's length, ids and counts";
    struct rdb_input *in = parser->in;
    struct rdb_stream_meta meta = {.has_v2 = parser->row->layout >= 2};
    uint64_t offset = rdb_input_offset(in);
    RDB_TRY(rdb_read_len(in, &meta.length, what));
    RDB_TRY(load_id(in, &meta.last_id, what));
    if (meta.has_v2) {
        RDB_TRY(load_id(in, &meta.first_id, what));
        RDB_TRY(load_id(in, &meta.max_deleted_id, what));
        RDB_TRY(rdb_read_len(in, &meta.entries_added, what));
    }
    RDB_TRY(rdb_read_len(in, &meta.groups, what));
    *groups = meta.groups;
    if (parser->check)
        RDB_TRY(rdb_check_stream_meta(parser, &meta, offset));
    parser->event.stream_meta = meta;
    return rdb_emit(parser, RDB_EVENT_STREAM_META, offset);
}

/* ---- groups ---- */

static enum rdb_status load_pending(struct rdb_parser *parser, enum rdb_pending_owner owner)
{
    static const char what[] = "a pending entry";
    struct rdb_input *in = parser->in;
    uint64_t offset = rdb_input_offset(in);
    struct rdb_stream_pending pending = {.owner = owner};
    RDB_TRY(rdb_read_raw_id(in, &pending.id, what));
    if (owner == RDB_PENDING_GROUP) {
        uint64_t delivered;
        RDB_TRY(rdb_read_le64(in, &delivered, what));
        pending.delivery_time_ms = (int64_t)delivered;
        RDB_TRY(rdb_read_len(in, &pending.delivery_count, what));
    }
    if (parser->check)
        RDB_TRY(rdb_check_stream_pending(parser, &pending, offset));
    parser->event.stream_pending = pending;
    return rdb_emit(parser, RDB_EVENT_STREAM_PENDING, offset);
}

static enum rdb_status load_pendings(struct rdb_parser *parser, enum rdb_pending_owner owner, uint64_t count)
{
    for (; count; count--)
        RDB_TRY(load_pending(parser, owner));
    return RDB_OK;
}

static enum rdb_status load_consumer(struct rdb_parser *parser)
{
    static const char what[] = "a consumer";
    struct rdb_input *in = parser->in;
    struct rdb_stream_consumer consumer;
    uint64_t offset = rdb_input_offset(in), seen, active;
    RDB_TRY(rdb_string_hold(in, RDB_HOLD_FIRST, &consumer.name, "a consumer's name"));
    RDB_TRY(rdb_read_le64(in, &seen, what));
    active = seen;
    if (parser->row->layout >= 3)
        RDB_TRY(rdb_read_le64(in, &active, what));
    RDB_TRY(rdb_read_len(in, &consumer.pending, what));
    consumer.seen_time_ms = (int64_t)seen;
    consumer.active_time_ms = (int64_t)active;
    if (parser->check)
        RDB_TRY(rdb_check_stream_consumer(parser, &consumer, offset));
    parser->event.stream_consumer = consumer;
    RDB_TRY(rdb_emit(parser, RDB_EVENT_STREAM_CONSUMER, offset));
    return load_pendings(parser, RDB_PENDING_CONSUMER, consumer.pending);
}

static enum rdb_status load_group(struct rdb_parser *parser)
{
    static const char what[] = "a consumer group";
    struct rdb_input *in = parser->in;
    struct rdb_stream_group group;
    uint64_t offset = rdb_input_offset(in), entries_read, consumers, released;
    RDB_TRY(rdb_string_hold(in, RDB_HOLD_FIRST, &group.name, "a consumer group's name"));
    RDB_TRY(load_id(in, &group.last_id, what));
    if (parser->row->layout >= 2)
        RDB_TRY(rdb_read_len(in, &entries_read, what));
    RDB_TRY(rdb_read_len(in, &group.pending, what));
    if (parser->check)
        RDB_TRY(rdb_check_stream_group(parser, &group, offset));
    parser->event.stream_group = group;
    RDB_TRY(rdb_emit(parser, RDB_EVENT_STREAM_GROUP, offset));
    RDB_TRY(load_pendings(parser, RDB_PENDING_GROUP, group.pending));
    RDB_TRY(rdb_read_len(in, &consumers, "the number of consumers"));
    for (; consumers; consumers--)
        RDB_TRY(load_consumer(parser));
    if (parser->row->layout >= 5) {
        RDB_TRY(rdb_read_len(in, &released, "the number of released entries"));
        RDB_TRY(load_pendings(parser, RDB_PENDING_RELEASED, released));
    }
    return parser->check ? rdb_check_stream_group_end(parser, offset) : RDB_OK;
}

/* ---- idempotent producers (Redis 8.6) ---- */

static enum rdb_status load_iid(struct rdb_parser *parser)
{
    struct rdb_input *in = parser->in;
    struct rdb_stream_iid iid;
    uint64_t offset = rdb_input_offset(in);
    RDB_TRY(rdb_string_hold(in, RDB_HOLD_FIRST, &iid.iid, "an idempotency id"));
    RDB_TRY(load_id(in, &iid.id, "an idempotency id's entry"));
    parser->event.stream_iid = iid;
    return rdb_emit(parser, RDB_EVENT_STREAM_IID, offset);
}

static enum rdb_status load_producer(struct rdb_parser *parser, uint64_t duration_seconds)
{
    struct rdb_input *in = parser->in;
    struct rdb_stream_producer producer = {.duration_seconds = duration_seconds};
    uint64_t offset = rdb_input_offset(in);
    RDB_TRY(rdb_string_hold(in, RDB_HOLD_FIRST, &producer.id, "a producer's id"));
    RDB_TRY(rdb_read_len(in, &producer.entries, "a producer's number of ids"));
    if (parser->check)
        RDB_TRY(rdb_check_stream_producer(parser, &producer, offset));
    parser->event.stream_producer = producer;
    RDB_TRY(rdb_emit(parser, RDB_EVENT_STREAM_PRODUCER, offset));
    for (uint64_t left = producer.entries; left; left--)
        RDB_TRY(load_iid(parser));
    return RDB_OK;
}

static enum rdb_status load_producers(struct rdb_parser *parser)
{
    static const char what[] = "a stream's idempotency settings";
    struct rdb_input *in = parser->in;
    uint64_t duration_seconds, max_entries, producers, added, duplicates;
    RDB_TRY(rdb_read_len(in, &duration_seconds, what));
    RDB_TRY(rdb_read_len(in, &max_entries, what));
    RDB_TRY(rdb_read_len(in, &producers, what));
    for (; producers; producers--)
        RDB_TRY(load_producer(parser, duration_seconds));
    RDB_TRY(rdb_read_len(in, &added, what));
    return rdb_read_len(in, &duplicates, what);
}

enum rdb_status rdb_load_stream(struct rdb_parser *parser)
{
    uint64_t nodes, groups;
    if (parser->check)
        rdb_check_stream_start(parser->check);
    RDB_TRY(rdb_read_len(parser->in, &nodes, "the number of a stream's nodes"));
    for (; nodes; nodes--)
        RDB_TRY(load_node(parser));
    RDB_TRY(load_meta(parser, &groups));
    for (; groups; groups--)
        RDB_TRY(load_group(parser));
    return parser->row->layout >= 4 ? load_producers(parser) : RDB_OK;
}
