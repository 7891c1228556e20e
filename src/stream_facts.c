#include "stream_facts.h"

#include <string.h>

void stream_facts_begin(struct stream_facts *facts)
{
    facts->stream = (struct record_stream){.first_ms = UINT64_MAX};
    facts->in_consumer = false;
}

static void take_short_name(struct record_short_name *to, const struct rdb_string *name)
{
    const uint8_t *bytes = NULL;
    size_t len = rdb_string_bytes(name, RECORD_NAME_BYTES, &bytes);
    to->len = (uint8_t)(len < RECORD_NAME_BYTES ? len : RECORD_NAME_BYTES);
    if (to->len > 0)
        memcpy(to->bytes, bytes, to->len);
}

/* The consumers that hold most, in order; the first of equals stays in front. */
static void close_consumer(struct stream_facts *facts)
{
    struct record_stream *stream = &facts->stream;
    if (!facts->in_consumer || facts->open.pending == 0)
        return;
    uint32_t at = stream->listed;
    while (at > 0 && stream->consumer[at - 1].pending < facts->open.pending)
        at--;
    if (at == RECORD_CONSUMERS)
        return;
    stream->listed += stream->listed < RECORD_CONSUMERS;
    memmove(&stream->consumer[at + 1], &stream->consumer[at], (stream->listed - at - 1) * sizeof stream->consumer[0]);
    stream->consumer[at] = facts->open;
}

static void open_consumer(struct stream_facts *facts, const struct rdb_stream_consumer *consumer)
{
    close_consumer(facts);
    facts->stream.consumers++;
    facts->in_consumer = true;
    facts->open =
        (struct record_consumer){.group = facts->group, .oldest_ms = UINT64_MAX, .seen_ms = consumer->seen_time_ms};
    take_short_name(&facts->open.name, &consumer->name);
}

static void take_meta(struct record_stream *stream, const struct rdb_stream_meta *meta)
{
    stream->last_ms = meta->last_id.ms;
    if (meta->has_v2)
        stream->first_ms = meta->first_id.ms;
    stream->is_whole = meta->has_v2 && meta->entries_added == meta->length && meta->max_deleted_id.ms == 0;
}

static void take_pending(struct stream_facts *facts, const struct rdb_stream_pending *pending)
{
    if (pending->owner == RDB_PENDING_GROUP)
        facts->stream.pending++;
    if (pending->owner != RDB_PENDING_CONSUMER || !facts->in_consumer)
        return;
    facts->open.pending++;
    if (facts->open.oldest_ms > pending->id.ms)
        facts->open.oldest_ms = pending->id.ms;
}

void stream_facts_add(struct stream_facts *facts, const struct rdb_event *event)
{
    switch (event->kind) {
    case RDB_EVENT_STREAM_NODE:
        if (facts->stream.first_ms > event->stream_node.id.ms)
            facts->stream.first_ms = event->stream_node.id.ms;
        break;
    case RDB_EVENT_STREAM_META:
        take_meta(&facts->stream, &event->stream_meta);
        break;
    case RDB_EVENT_STREAM_GROUP:
        close_consumer(facts);
        facts->in_consumer = false;
        facts->stream.groups++;
        take_short_name(&facts->group, &event->stream_group.name);
        break;
    case RDB_EVENT_STREAM_CONSUMER:
        open_consumer(facts, &event->stream_consumer);
        break;
    case RDB_EVENT_STREAM_PENDING:
        take_pending(facts, &event->stream_pending);
        break;
    default:
        break;
    }
}

void stream_facts_end(struct stream_facts *facts)
{
    close_consumer(facts);
    facts->in_consumer = false;
    if (facts->stream.first_ms == UINT64_MAX)
        facts->stream.first_ms = 0;
}
