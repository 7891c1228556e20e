#include "event_log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "trickle.h"

static void add(struct event_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct event_log *log, const char *format, ...)
{
    for (;;) {
        va_list arguments;
        va_start(arguments, format);
        size_t room = log->capacity - log->len;
        int n = vsnprintf(log->text ? log->text + log->len : NULL, log->text ? room : 0, format, arguments);
        va_end(arguments);
        if (n < 0)
            abort();
        if ((size_t)n < room) {
            log->len += (size_t)n;
            return;
        }
        log->capacity = 2 * log->capacity + (size_t)n + 1024;
        log->text = realloc(log->text, log->capacity);
        if (!log->text)
            abort();
    }
}

void event_log_release(struct event_log *log)
{
    free(log->text);
    *log = (struct event_log){0};
}

/* ---- strings ---- */

/* Bytes that are there with any window: a compressed string's only if all of it fits the smallest. */
static void add_string(struct event_log *log, const char *name, const struct rdb_string *string)
{
    enum { SHOWN = 40, COMPRESSED_SHOWN = 64 };
    static const char *const forms[] = {[RDB_STRING_RAW] = "", [RDB_STRING_INT] = "int ", [RDB_STRING_LZF] = "lzf "};
    const uint8_t *bytes;
    bool shown = string->form != RDB_STRING_LZF || string->stored_len <= COMPRESSED_SHOWN;
    size_t n = shown ? rdb_string_bytes(string, SHOWN, &bytes) : 0;
    add(log, " %s=%s%" PRIu64 "/%" PRIu64 ":", name, forms[string->form], string->len, string->stored_len);
    for (size_t i = 0; i < n; i++)
        add(log, bytes[i] > ' ' && bytes[i] < 127 && bytes[i] != '\\' ? "%c" : "\\x%02x", bytes[i]);
    if (n < string->len)
        add(log, "..");
}

static void add_id(struct event_log *log, const char *name, struct rdb_id id)
{
    add(log, " %s=%" PRIu64 "-%" PRIu64, name, id.ms, id.seq);
}

static void add_packed(struct event_log *log, const struct rdb_packed *packed)
{
    static const char *const forms[] = {"listpack", "ziplist", "intset", "zipmap", "plain"};
    struct rdb_string entries[7];
    struct rdb_error error;
    add(log, " %s len=%" PRIu64 "/%" PRIu64, forms[packed->form], packed->len, packed->stored_len);
    if (packed->lzf)
        add(log, " lzf");
    if (packed->int_width)
        add(log, " width=%u", packed->int_width);
    if (packed->header_count != UINT64_MAX)
        add(log, " count=%" PRIu64, packed->header_count);
    if (log->leave_packed)
        return;
    for (size_t n; (n = rdb_packed_read(packed, entries, 7)) > 0;)
        for (size_t i = 0; i < n; i++)
            add_string(log, "entry", &entries[i]);
    enum rdb_status status = rdb_packed_status(packed, &error);
    if (status != RDB_OK)
        add(log, " [%s: %s @%" PRIu64 "]", rdb_status_name(status), error.message, error.offset);
}

/* ---- events ---- */

static void add_key(struct event_log *log, const struct rdb_key *key)
{
    add(log, "key %s %s", rdb_type_name(key->type), rdb_encoding_name(key->encoding));
    add_string(log, "name", &key->name);
    if (key->count)
        add(log, " count=%" PRIu64, key->count);
    if (key->has_expiry)
        add(log, " expire=%" PRId64, key->expire_at_ms);
    if (key->has_idle)
        add(log, " idle=%" PRIu64, key->idle_seconds);
    if (key->has_frequency)
        add(log, " freq=%u", key->lfu_frequency);
    if (key->metadata_classes)
        add(log, " classes=%u", key->metadata_classes);
    if (key->module_name[0])
        add(log, " module=%s", key->module_name);
    log->keys++;
}

static void add_element(struct event_log *log, const struct rdb_element *element)
{
    add(log, "element");
    add_string(log, "text", &element->text);
    if (element->value.len)
        add_string(log, "value", &element->value);
    if (element->score != 0)
        add(log, " score=%.17g", element->score);
    if (element->expire_at_ms)
        add(log, " expire=%" PRId64, element->expire_at_ms);
}

static void add_array_item(struct event_log *log, const struct rdb_array_item *item)
{
    add(log, "item %" PRIu64, item->index);
    if (item->tag == RDB_ARRAY_INT)
        add(log, " int=%" PRId64, item->integer);
    else if (item->tag == RDB_ARRAY_FLOAT)
        add(log, " float=%.17g", item->number);
    else
        add_string(log, item->tag == RDB_ARRAY_STRING ? "string" : "small", &item->string);
}

static void add_stream_meta(struct event_log *log, const struct rdb_stream_meta *meta)
{
    add(log, "stream_meta length=%" PRIu64 " groups=%" PRIu64, meta->length, meta->groups);
    add_id(log, "last", meta->last_id);
    if (!meta->has_v2)
        return;
    add_id(log, "first", meta->first_id);
    add_id(log, "deleted", meta->max_deleted_id);
    add(log, " added=%" PRIu64, meta->entries_added);
}

static void add_pending(struct event_log *log, const struct rdb_stream_pending *pending)
{
    static const char *const owners[] = {"group", "consumer", "released"};
    add(log, "pending %s", owners[pending->owner]);
    add_id(log, "id", pending->id);
    if (pending->owner == RDB_PENDING_GROUP)
        add(log, " time=%" PRId64 " count=%" PRIu64, pending->delivery_time_ms, pending->delivery_count);
}

static void add_module_item(struct event_log *log, const struct rdb_module_item *item)
{
    add(log, "module_item %d", item->opcode);
    if (item->opcode == RDB_MODULE_STRING)
        add_string(log, "string", &item->string);
    else if (item->opcode == RDB_MODULE_FLOAT || item->opcode == RDB_MODULE_DOUBLE)
        add(log, " %.17g", item->number);
    else
        add(log, " %" PRIu64, item->integer);
}

static void add_stream_event(struct event_log *log, const struct rdb_event *event)
{
    switch (event->kind) {
    case RDB_EVENT_STREAM_NODE:
        add(log, "stream_node");
        add_id(log, "id", event->stream_node.id);
        add_packed(log, &event->stream_node.packed);
        break;
    case RDB_EVENT_STREAM_META:
        add_stream_meta(log, &event->stream_meta);
        break;
    case RDB_EVENT_STREAM_GROUP:
        add(log, "group pending=%" PRIu64, event->stream_group.pending);
        add_string(log, "name", &event->stream_group.name);
        add_id(log, "last", event->stream_group.last_id);
        break;
    case RDB_EVENT_STREAM_PENDING:
        add_pending(log, &event->stream_pending);
        break;
    case RDB_EVENT_STREAM_CONSUMER:
        add(log, "consumer pending=%" PRIu64 " seen=%" PRId64 " active=%" PRId64, event->stream_consumer.pending,
            event->stream_consumer.seen_time_ms, event->stream_consumer.active_time_ms);
        add_string(log, "name", &event->stream_consumer.name);
        break;
    case RDB_EVENT_STREAM_PRODUCER:
        add(log, "producer entries=%" PRIu64 " seconds=%" PRIu64, event->stream_producer.entries,
            event->stream_producer.duration_seconds);
        add_string(log, "id", &event->stream_producer.id);
        break;
    default:
        add(log, "iid");
        add_string(log, "iid", &event->stream_iid.iid);
        add_id(log, "id", event->stream_iid.id);
        break;
    }
}

static void add_end(struct event_log *log, const struct rdb_end *end)
{
    static const char *const checksums[] = {"ok", "mismatch", "not computed", "absent", "skipped"};
    add(log, "end checksum %s bytes=%" PRIu64, checksums[end->checksum], end->snapshot_bytes);
    if (end->trailing_bytes)
        add(log, " trailing=%" PRIu64 "%s", end->trailing_bytes, end->trailing_is_aof ? " aof" : "");
    log->end = *end;
}

/* Events about the file, not a key. */
static void add_file_event(struct event_log *log, const struct rdb_event *event)
{
    switch (event->kind) {
    case RDB_EVENT_HEADER:
        add(log, "header %s %u", event->header.dialect == RDB_DIALECT_VALKEY ? "VALKEY" : "REDIS",
            event->header.version);
        break;
    case RDB_EVENT_AUX:
        add(log, "aux");
        add_string(log, "name", &event->aux.name);
        add_string(log, "value", &event->aux.value);
        break;
    case RDB_EVENT_MODULE_AUX:
        add(log, "module_aux %s stored=%" PRIu64, event->module_aux.name, event->module_aux.stored_bytes);
        break;
    case RDB_EVENT_FUNCTION:
        add(log, "function%s", event->function.pre_ga ? " pre_ga" : "");
        add_string(log, "code", &event->function.code);
        break;
    case RDB_EVENT_DATABASE:
        add(log, "database %" PRIu64, event->database.db);
        break;
    case RDB_EVENT_RESIZEDB:
        add(log, "resizedb %" PRIu64 " %" PRIu64, event->resizedb.keys, event->resizedb.expires);
        break;
    case RDB_EVENT_SLOT_INFO:
        add(log, "slot %" PRIu64 " %" PRIu64 " %" PRIu64, event->slot_info.slot, event->slot_info.keys,
            event->slot_info.expires);
        break;
    default:
        add_end(log, &event->end);
        break;
    }
}

static void add_finding(struct event_log *log, const struct rdb_event *event)
{
    static const char *const kinds[] = {"damaged", "count", "trailing", "other"};
    log->findings++;
    add(log, "finding %s: %s @%" PRIu64, kinds[event->finding.kind], event->finding.message, event->offset);
}

static void add_event(struct event_log *log, const struct rdb_event *event)
{
    switch (event->kind) {
    case RDB_EVENT_KEY:
        add_key(log, &event->key);
        break;
    case RDB_EVENT_STRING:
        add(log, "string");
        add_string(log, "value", &event->string);
        break;
    case RDB_EVENT_ELEMENT:
        add_element(log, &event->element);
        break;
    case RDB_EVENT_PACKED:
        add(log, "packed");
        add_packed(log, &event->packed);
        break;
    case RDB_EVENT_ARRAY_ITEM:
        add_array_item(log, &event->array_item);
        break;
    case RDB_EVENT_MODULE_ITEM:
        add_module_item(log, &event->module_item);
        break;
    case RDB_EVENT_KEY_END:
        add(log, "key_end %" PRIu64 "%s", event->key_end.stored_bytes, event->key_end.damaged ? " damaged" : "");
        log->damaged += event->key_end.damaged;
        break;
    case RDB_EVENT_FINDING:
        add_finding(log, event);
        break;
    case RDB_EVENT_STREAM_NODE:
    case RDB_EVENT_STREAM_META:
    case RDB_EVENT_STREAM_GROUP:
    case RDB_EVENT_STREAM_PENDING:
    case RDB_EVENT_STREAM_CONSUMER:
    case RDB_EVENT_STREAM_PRODUCER:
    case RDB_EVENT_STREAM_IID:
        add_stream_event(log, event);
        break;
    default:
        add_file_event(log, event);
        break;
    }
}

/* The three events that a joined one stands for. */
static void add_joined(struct event_log *log, const struct rdb_event *event)
{
    const struct rdb_string_key *record = &event->string_key;
    bool is_nested = record->end == event->offset;
    const struct rdb_event key = {.kind = RDB_EVENT_KEY, .offset = event->offset, .key = record->key};
    const struct rdb_event string = {.kind = RDB_EVENT_STRING,
                                     .offset = is_nested ? record->end : record->end - record->stored_bytes,
                                     .string = record->value};
    const struct rdb_event end = {
        .kind = RDB_EVENT_KEY_END, .offset = record->end, .key_end = {.stored_bytes = record->stored_bytes}};
    log->joined++;
    if (event_log_sink(log, &key) == RDB_OK)
        event_log_sink(log, &string);
    event_log_sink(log, &end);
}

enum rdb_status event_log_sink(void *context, const struct rdb_event *event)
{
    struct event_log *log = context;
    if (event->kind == RDB_EVENT_STRING_KEY) {
        add_joined(log, event);
        return RDB_OK;
    }
    if (log->offsets)
        add(log, "%" PRIu64 " ", event->offset);
    add_event(log, event);
    add(log, "\n");
    return log->skip_values && event->kind == RDB_EVENT_KEY ? RDB_SKIP : RDB_OK;
}

enum rdb_status event_log_parse(struct event_log *log, const void *bytes, size_t len, size_t step,
                                const struct rdb_options *options, struct rdb_error *error)
{
    struct trickle trickle = trickle_of(bytes, len, step);
    struct rdb_source source = trickle_source(&trickle);
    *error = (struct rdb_error){0};
    enum rdb_status status = rdb_parse(&source, options, event_log_sink, log, error);
    rdb_source_close(&source);
    add(log, "%s", rdb_status_name(status));
    if (status != RDB_OK)
        add(log, ": %s @%" PRIu64, error->message, error->offset);
    add(log, "\n");
    return status;
}
