#include "streams.h"

#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "saturated.h"

enum { ENDLESS_ENTRIES = 1000, STUCK_ENTRIES = 100, GROUPS_AT = STREAM_TROUBLE_COUNT };

static const int64_t hour_ms = 3600 * INT64_C(1000), month_ms = 30 * 24 * 3600 * INT64_C(1000);
static const uint64_t year_2010_ms = UINT64_C(1262304000000);

void streams_init(void *self, const struct collect_context *context)
{
    struct streams *streams = self;
    top_list_init(&streams->list, context->top);
    top_list_init(&streams->consumers, context->top);
}

void streams_release(void *self)
{
    struct streams *streams = self;
    top_list_release(&streams->list);
    top_list_release(&streams->consumers);
}

static bool is_ago(const struct collect_context *context, int64_t time_ms, int64_t age_ms)
{
    int64_t latest_ms;
    return !__builtin_sub_overflow(context->now_ms, age_ms, &latest_ms) && time_ms <= latest_ms;
}

/* Ids are times unless the application chose them. */
static bool is_older(const struct collect_context *context, uint64_t id_ms, int64_t age_ms)
{
    return id_ms >= year_2010_ms && id_ms <= INT64_MAX && is_ago(context, (int64_t)id_ms, age_ms);
}

static unsigned trouble_of(const struct collect_context *context, const struct record *record)
{
    const struct record_stream *stream = record->stream;
    bool is_endless = stream->is_whole && record->elements >= ENDLESS_ENTRIES && !record->has_expiry;
    bool is_abandoned =
        stream->groups == 0 && record->elements && !record->has_expiry && is_older(context, stream->last_ms, month_ms);
    return (unsigned)is_endless << STREAM_ENDLESS | (unsigned)is_abandoned << STREAM_ABANDONED;
}

static bool is_stuck(const struct collect_context *context, const struct record_consumer *consumer)
{
    bool has_time = consumer->oldest_ms >= year_2010_ms;
    return consumer->pending >= STUCK_ENTRIES &&
           (has_time ? is_older(context, consumer->oldest_ms, hour_ms) : is_ago(context, consumer->seen_ms, hour_ms));
}

static void add_consumer(struct streams *streams, const struct collect_context *context, const struct record *record,
                         const struct record_consumer *consumer, uint64_t pending_bytes)
{
    bool stuck = is_stuck(context, consumer);
    /* Entries of several groups take about the same each. */
    uint64_t bytes =
        saturated_u64((double)pending_bytes * (double)consumer->pending / (double)record->stream->pending + 0.5);
    if (stuck) {
        streams->stuck.count++;
        streams->stuck.bytes += bytes;
        streams->stuck_entries += consumer->pending;
    }
    if (!top_list_wants(&streams->consumers, consumer->pending))
        return;
    uint8_t text[1 + 2 * RECORD_NAME_BYTES];
    text[0] = consumer->group.len;
    memcpy(text + 1, consumer->group.bytes, consumer->group.len);
    memcpy(text + 1 + consumer->group.len, consumer->name.bytes, consumer->name.len);
    const uint64_t note[4] = {[CONSUMER_BYTES] = bytes,
                              [CONSUMER_OLDEST_MS] = consumer->oldest_ms,
                              [CONSUMER_SEEN_MS] = (uint64_t)consumer->seen_ms,
                              [CONSUMER_IS_STUCK] = stuck};
    top_list_add_text(&streams->consumers, consumer->pending, record, note, text,
                      1u + consumer->group.len + consumer->name.len);
}

struct consumer_names consumer_names_of(const struct top_item *consumer)
{
    size_t group_len = consumer->text_len ? consumer->text[0] : 0;
    if (group_len + 1 > consumer->text_len)
        return (struct consumer_names){consumer->text, consumer->text, 0, 0};
    return (struct consumer_names){consumer->text + 1, consumer->text + 1 + group_len, group_len,
                                   consumer->text_len - 1 - group_len};
}

void streams_add(void *self, const struct collect_context *context, const struct record *record)
{
    struct streams *streams = self;
    const struct record_stream *stream = record->stream;
    if (stream == NULL)
        return;
    uint64_t pending_bytes = model_pending_bytes(context->plan, 0, record->shape), bytes = record->cost.size_in_bytes;
    unsigned trouble = trouble_of(context, record);
    streams->keys++;
    streams->pending += stream->pending;
    streams->pending_bytes += pending_bytes;
    for (int i = 0; i < STREAM_TROUBLE_COUNT; i++) {
        streams->trouble[i].count += trouble >> i & 1;
        streams->trouble[i].bytes += trouble >> i & 1 ? bytes : 0;
    }
    const uint64_t note[4] = {[STREAM_PENDING] = stream->pending,
                              [STREAM_PENDING_BYTES] = pending_bytes,
                              [STREAM_LAST_MS] = stream->last_ms,
                              [STREAM_GROUPS_AND_TROUBLE] = stream->groups << GROUPS_AT | trouble};
    if (top_list_wants(&streams->list, bytes))
        top_list_add(&streams->list, bytes, record, note);
    for (uint32_t i = 0; i < stream->listed && stream->pending; i++)
        add_consumer(streams, context, record, &stream->consumer[i], pending_bytes);
}

static void add_sum(struct stream_sum *to, const struct stream_sum *from)
{
    to->count += from->count;
    to->bytes += from->bytes;
}

void streams_merge(void *self, const void *other, const struct collect_context *context)
{
    (void)context;
    struct streams *streams = self;
    const struct streams *from = other;
    streams->keys += from->keys;
    streams->pending += from->pending;
    streams->pending_bytes += from->pending_bytes;
    streams->stuck_entries += from->stuck_entries;
    for (int i = 0; i < STREAM_TROUBLE_COUNT; i++)
        add_sum(&streams->trouble[i], &from->trouble[i]);
    add_sum(&streams->stuck, &from->stuck);
    top_list_merge(&streams->list, &from->list);
    top_list_merge(&streams->consumers, &from->consumers);
}

static const struct doc_column stream_columns[] = {
    {"key", "Stream", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"database", "DB", DOC_COUNT, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL},
    {"entries", "Entries", DOC_COUNT, 0},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"groups", "Groups", DOC_COUNT, 0},
    {"pending", "Pending", DOC_COUNT, 0},
    {"pending_bytes", "They take", DOC_BYTES, 0},
    {"last_id", "Last id's time", DOC_TIME, DOC_COLUMN_OPTIONAL},
    {"endless", "Never trimmed", DOC_BOOL, 0},
    {"abandoned", "Abandoned", DOC_BOOL, DOC_COLUMN_OPTIONAL},
};

/* Ids that are no times have none. */
static struct doc_value time_of(uint64_t ms)
{
    return ms >= year_2010_ms && ms <= INT64_MAX ? doc_time((int64_t)ms) : doc_none();
}

static void write_streams(struct doc_section *section, const struct top_list *list)
{
    struct doc_table *table = section_table(section, "list", "Largest streams", stream_columns,
                                            sizeof(stream_columns) / sizeof(*stream_columns), DOC_CHART_NONE);
    const struct top_item **item = top_list_sorted(list);
    for (size_t i = 0; i < list->count; i++) {
        const uint64_t *note = item[i]->note;
        const struct doc_value cells[] = {
            doc_name_of(DOC_THEIR_NAME, item[i]->name, item[i]->name_len, item[i]->name_full_len),
            doc_count(item[i]->db),
            doc_count(item[i]->elements),
            doc_bytes(item[i]->bytes),
            doc_count(note[STREAM_GROUPS_AND_TROUBLE] >> GROUPS_AT),
            doc_count(note[STREAM_PENDING]),
            doc_bytes(note[STREAM_PENDING_BYTES]),
            time_of(note[STREAM_LAST_MS]),
            doc_bool(stream_has_trouble(item[i], STREAM_ENDLESS)),
            doc_bool(stream_has_trouble(item[i], STREAM_ABANDONED)),
        };
        table_row(table, cells);
    }
    free(item);
}

static const struct doc_column consumer_columns[] = {
    {"key", "Stream", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"database", "DB", DOC_COUNT, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL},
    {"group", "Group", DOC_NAME, DOC_COLUMN_KEY},
    {"consumer", "Consumer", DOC_NAME, DOC_COLUMN_KEY},
    {"pending", "Pending", DOC_COUNT, 0},
    {"bytes", "They take", DOC_BYTES, 0},
    {"oldest", "Oldest entry", DOC_TIME, 0},
    {"seen", "Last seen", DOC_TIME, DOC_COLUMN_OPTIONAL},
    {"stuck", "Stuck", DOC_BOOL, 0},
};

static void write_consumers(struct doc_section *section, const struct top_list *list)
{
    struct doc_table *table =
        section_table(section, "consumers", "Consumers with most pending entries", consumer_columns,
                      sizeof(consumer_columns) / sizeof(*consumer_columns), DOC_CHART_NONE);
    const struct top_item **item = top_list_sorted(list);
    for (size_t i = 0; i < list->count; i++) {
        const uint64_t *note = item[i]->note;
        struct consumer_names names = consumer_names_of(item[i]);
        const struct doc_value cells[] = {
            doc_name_of(DOC_THEIR_NAME, item[i]->name, item[i]->name_len, item[i]->name_full_len),
            doc_count(item[i]->db),
            doc_name_of(DOC_THEIR_NAME, names.group, names.group_len, names.group_len),
            doc_name_of(DOC_THEIR_NAME, names.name, names.name_len, names.name_len),
            doc_count(item[i]->measure),
            doc_bytes(note[CONSUMER_BYTES]),
            time_of(note[CONSUMER_OLDEST_MS]),
            time_of(note[CONSUMER_SEEN_MS]),
            doc_bool(note[CONSUMER_IS_STUCK]),
        };
        table_row(table, cells);
    }
    free(item);
}

void streams_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                    struct document *document)
{
    (void)context;
    const struct streams *streams = self;
    if (streams->keys == 0)
        return;
    struct doc_section *section = document_section(document, collector->id, collector->title);
    section_fact(section, "keys", "Streams", doc_count(streams->keys));
    section_fact(section, "pending", "Pending entries", doc_count(streams->pending));
    section_fact(section, "pending_bytes", "They take", doc_bytes(streams->pending_bytes));
    if (streams->list.count)
        write_streams(section, &streams->list);
    if (streams->consumers.count)
        write_consumers(section, &streams->consumers);
    section_note(section, DOC_INFO,
                 "Never trimmed: %d entries or more, no TTL, and nothing was ever taken out (files of Redis 7.0 and "
                 "later say so). Abandoned: no group reads it and nothing was added for 30 days. Stuck: %d entries or "
                 "more wait for the consumer, the oldest for more than an hour.",
                 ENDLESS_ENTRIES, STUCK_ENTRIES);
}

static void archive_sum(struct stream_sum *sum, struct archive *archive)
{
    archive_u64(archive, &sum->count);
    archive_u64(archive, &sum->bytes);
}

void streams_archive(void *self, const struct collect_context *context, struct archive *archive)
{
    (void)context;
    struct streams *streams = self;
    archive_u64(archive, &streams->keys);
    archive_u64(archive, &streams->pending);
    archive_u64(archive, &streams->pending_bytes);
    archive_u64(archive, &streams->stuck_entries);
    for (int i = 0; i < STREAM_TROUBLE_COUNT; i++)
        archive_sum(&streams->trouble[i], archive);
    archive_sum(&streams->stuck, archive);
    top_list_archive(&streams->list, archive_room(archive, COLLECT_ARCHIVE_LIST), archive);
    top_list_archive(&streams->consumers, archive_room(archive, COLLECT_ARCHIVE_LIST / 4), archive);
}

static void hide_consumer(struct top_item *consumer, const struct doc_hider *hider)
{
    uint8_t text[1 + 2 * RECORD_NAME_BYTES];
    struct consumer_names names = consumer_names_of(consumer);
    size_t group_len = hiding_name(hider, names.group, names.group_len, text + 1, RECORD_NAME_BYTES, NULL);
    size_t len = hiding_name(hider, names.name, names.name_len, text + 1 + group_len, RECORD_NAME_BYTES, NULL);
    text[0] = (uint8_t)group_len;
    consumer->text_len = (uint8_t)(1 + group_len + len);
    memcpy(consumer->text, text, consumer->text_len);
}

void streams_hide(void *self, const struct doc_hider *hider)
{
    struct streams *streams = self;
    top_list_hide(&streams->list, hider);
    top_list_hide(&streams->consumers, hider);
    for (size_t i = 0; i < streams->consumers.count; i++)
        hide_consumer(&streams->consumers.item[i], hider);
}
