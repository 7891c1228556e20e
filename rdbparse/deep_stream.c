/* Streams in a deep parse: the grammar of their nodes (redis 8.4 src/t_stream.c streamValidateListpackIntegrity), and
 * pending lists against each other (src/rdb.c). */
#include "deep_check.h"

#include "parser.h"

enum { FLAG_DELETED = 1, FLAG_SAME_FIELDS = 2 };

static int compare_ids(struct rdb_id a, struct rdb_id b)
{
    if (a.ms != b.ms)
        return a.ms < b.ms ? -1 : 1;
    return a.seq < b.seq ? -1 : a.seq > b.seq;
}

void rdb_check_stream_start(struct rdb_check *check)
{
    check->stream = (struct rdb_stream_check){.step = RDB_STREAM_COUNT};
    rdb_fingerprints_clear(&check->groups);
    rdb_fingerprints_clear(&check->producers);
}

void rdb_check_stream_node(struct rdb_check *check, struct rdb_id id)
{
    struct rdb_stream_check *stream = &check->stream;
    stream->node_behind = stream->nodes++ && (compare_ids(id, stream->node) <= 0 || compare_ids(id, stream->last) <= 0);
    stream->step = RDB_STREAM_COUNT;
    stream->node = id;
    stream->seen_live = stream->seen_deleted = 0;
    stream->has_before = stream->failed = false;
}

static void fail(struct rdb_check *check, enum rdb_violation violation)
{
    rdb_check_note(check, violation, check->entries);
    check->stream.failed = true;
}

static enum rdb_stream_step texts_or(uint64_t left, enum rdb_stream_step texts, enum rdb_stream_step otherwise)
{
    return left ? texts : otherwise;
}

/* A number of fields: a listpack has no room for more. */
static bool is_count(int64_t value)
{
    return value >= 0 && value <= UINT32_MAX;
}

static void entry_id(struct rdb_check *check, int64_t seq_delta)
{
    struct rdb_stream_check *stream = &check->stream;
    struct rdb_id id = {stream->node.ms + (uint64_t)stream->ms, stream->node.seq + (uint64_t)seq_delta};
    bool wraps = stream->ms >= 0 && id.ms < stream->node.ms;
    if (wraps || compare_ids(id, stream->node) < 0 || (stream->has_before && compare_ids(id, stream->before) <= 0))
        rdb_check_note(check, RDB_VIOLATION_STREAM_ID, check->entries);
    stream->before = id;
    stream->has_before = true;
    if (compare_ids(id, stream->last) > 0)
        stream->last = id;
}

static void entry_starts(struct rdb_stream_check *stream, int64_t flags)
{
    stream->flags = flags;
    stream->seen_deleted += flags & FLAG_DELETED;
    stream->seen_live += !(flags & FLAG_DELETED);
    stream->step = RDB_STREAM_MS;
}

/* How many entries an entry takes, its size not counted. */
static void entry_size(struct rdb_stream_check *stream, int64_t fields)
{
    bool same = stream->flags & FLAG_SAME_FIELDS;
    stream->size = same ? 3 + fields : 4 + 2 * fields;
    stream->left = same ? (uint64_t)fields : 2 * (uint64_t)fields;
    stream->step = texts_or(stream->left, RDB_STREAM_TEXT, RDB_STREAM_SIZE);
}

static void take_number(struct rdb_check *check, int64_t value)
{
    struct rdb_stream_check *stream = &check->stream;
    switch (stream->step) {
    case RDB_STREAM_COUNT:
        stream->live = value;
        stream->step = RDB_STREAM_DELETED;
        break;
    case RDB_STREAM_DELETED:
        stream->deleted = value;
        stream->step = RDB_STREAM_FIELDS;
        break;
    case RDB_STREAM_FIELDS:
        if (!is_count(value))
            fail(check, RDB_VIOLATION_STREAM_COUNT);
        stream->fields = value;
        stream->left = (uint64_t)value;
        stream->step = texts_or(stream->left, RDB_STREAM_MASTER_FIELD, RDB_STREAM_MASTER_END);
        break;
    case RDB_STREAM_MASTER_END:
        if (value != 0)
            fail(check, RDB_VIOLATION_STREAM_MASTER);
        stream->step = RDB_STREAM_FLAGS;
        break;
    case RDB_STREAM_FLAGS:
        entry_starts(stream, value);
        break;
    case RDB_STREAM_MS:
        stream->ms = value;
        stream->step = RDB_STREAM_SEQ;
        break;
    case RDB_STREAM_SEQ:
        entry_id(check, value);
        if (stream->flags & FLAG_SAME_FIELDS)
            entry_size(stream, stream->fields);
        else
            stream->step = RDB_STREAM_ENTRY_FIELDS;
        break;
    case RDB_STREAM_ENTRY_FIELDS:
        if (is_count(value))
            entry_size(stream, value);
        else
            fail(check, RDB_VIOLATION_STREAM_COUNT);
        break;
    default: /* RDB_STREAM_SIZE; texts do not come here */
        if (value != stream->size)
            fail(check, RDB_VIOLATION_STREAM_ENTRIES);
        stream->step = RDB_STREAM_FLAGS;
        break;
    }
}

void rdb_check_stream_entries(struct rdb_check *check, const struct rdb_string *entries, size_t count)
{
    struct rdb_stream_check *stream = &check->stream;
    for (size_t i = 0; i < count && !stream->failed; i++, check->entries++) {
        if (stream->step == RDB_STREAM_MASTER_FIELD || stream->step == RDB_STREAM_TEXT) {
            if (--stream->left == 0)
                stream->step = stream->step == RDB_STREAM_TEXT ? RDB_STREAM_SIZE : RDB_STREAM_MASTER_END;
        } else if (entries[i].form == RDB_STRING_INT) {
            take_number(check, entries[i].value);
        } else {
            fail(check, RDB_VIOLATION_STREAM_NUMBER);
        }
    }
}

void rdb_check_stream_node_end(struct rdb_check *check)
{
    struct rdb_stream_check *stream = &check->stream;
    if (stream->node_behind)
        rdb_check_note(check, RDB_VIOLATION_STREAM_ID, 0);
    if (stream->failed)
        return;
    stream->stream_live += (uint64_t)stream->seen_live;
    if (stream->live == 0) /* redis 8.8 src/rdb.c: no server keeps such a node */
        rdb_check_note(check, RDB_VIOLATION_STREAM_EMPTY, 0);
    if (stream->step != RDB_STREAM_FLAGS)
        rdb_check_note(check, RDB_VIOLATION_STREAM_END, check->entries);
    else if (stream->seen_live != stream->live || stream->seen_deleted != stream->deleted)
        rdb_check_note(check, RDB_VIOLATION_STREAM_DELETED, 0);
}

/* ---- what follows the nodes ---- */

static enum rdb_status complain(struct rdb_parser *parser, bool wrong, uint64_t offset, const char *text)
{
    return wrong ? rdb_emit_finding(parser, RDB_FINDING_DAMAGED_VALUE, offset, "%s", text) : RDB_OK;
}

enum rdb_status rdb_check_stream_meta(struct rdb_parser *parser, const struct rdb_stream_meta *meta, uint64_t offset)
{
    const struct rdb_stream_check *stream = &parser->check->stream;
    if (parser->damaged)
        return RDB_OK;
    RDB_TRY(complain(parser, meta->length != stream->stream_live, offset,
                     "the stream's length is not the number of its entries"));
    RDB_TRY(complain(parser, compare_ids(stream->last, meta->last_id) > 0, offset,
                     "the stream's last id is lower than an entry's"));
    bool ahead = compare_ids(meta->first_id, meta->last_id) > 0 || compare_ids(meta->max_deleted_id, meta->last_id) > 0;
    return complain(parser, meta->has_v2 && ahead, offset, "the stream's first or deleted id is above its last");
}

static bool is_new(struct rdb_fingerprints *set, const struct rdb_string *name)
{
    const uint8_t *bytes;
    size_t len = rdb_string_bytes(name, SIZE_MAX, &bytes);
    return len < name->len || rdb_fingerprints_add(set, rdb_fingerprint_bytes(bytes, len)) != RDB_MEMBER;
}

enum rdb_status rdb_check_stream_group(struct rdb_parser *parser, const struct rdb_stream_group *group, uint64_t offset)
{
    struct rdb_check *check = parser->check;
    rdb_fingerprints_clear(&check->pending);
    rdb_fingerprints_clear(&check->owned);
    rdb_fingerprints_clear(&check->consumers);
    return complain(parser, !is_new(&check->groups, &group->name), offset, "a consumer group is there twice");
}

enum rdb_status rdb_check_stream_consumer(struct rdb_parser *parser, const struct rdb_stream_consumer *consumer,
                                          uint64_t offset)
{
    return complain(parser, !is_new(&parser->check->consumers, &consumer->name), offset, "a consumer is there twice");
}

enum rdb_status rdb_check_stream_producer(struct rdb_parser *parser, const struct rdb_stream_producer *producer,
                                          uint64_t offset)
{
    return complain(parser, !is_new(&parser->check->producers, &producer->id), offset, "a producer is there twice");
}

enum rdb_status rdb_check_stream_pending(struct rdb_parser *parser, const struct rdb_stream_pending *pending,
                                         uint64_t offset)
{
    struct rdb_check *check = parser->check;
    uint64_t fingerprint = rdb_fingerprint_pair(pending->id.ms, pending->id.seq);
    if (pending->owner == RDB_PENDING_GROUP)
        return complain(parser, rdb_fingerprints_add(&check->pending, fingerprint) == RDB_MEMBER, offset,
                        "a pending entry is there twice");
    RDB_TRY(complain(parser, rdb_fingerprints_find(&check->pending, fingerprint) == RDB_NOT_MEMBER, offset,
                     "a consumer's pending entry is not the group's"));
    return complain(parser, rdb_fingerprints_add(&check->owned, fingerprint) == RDB_MEMBER, offset,
                    "a pending entry has two owners");
}

enum rdb_status rdb_check_stream_group_end(struct rdb_parser *parser, uint64_t offset)
{
    const struct rdb_check *check = parser->check;
    bool known = !check->pending.overflowed && !check->owned.overflowed;
    return complain(parser, known && check->owned.count < check->pending.count, offset, "a pending entry has no owner");
}
