#include "top.h"

#include <stdlib.h>

#include "archive/archive.h"
#include "inventory.h"

void top_init(void *self, const struct collect_context *context)
{
    top_list_init(self, context->top);
}

void top_release(void *self)
{
    top_list_release(self);
}

void top_merge(void *self, const void *other, const struct collect_context *context)
{
    (void)context;
    top_list_merge(self, other);
}

static inline void add(struct top_list *list, uint64_t measure, const struct record *record)
{
    if (top_list_wants(list, measure))
        top_list_add(list, measure, record, NULL);
}

uint64_t top_bytes_names_upto(const void *self, const struct record *record, size_t from)
{
    return top_list_names_upto(self, record->cost.size_in_bytes, record, from);
}

uint64_t top_longest_names_upto(const void *self, const struct record *record, size_t from)
{
    return top_list_names_upto(self, record->longest, record, from);
}

void top_add_bytes(void *self, const struct collect_context *context, const struct record *record)
{
    (void)context;
    add(self, record->cost.size_in_bytes, record);
}

/* Of a string the length is its only measure; it belongs to the longest elements. */
void top_add_elements(void *self, const struct collect_context *context, const struct record *record)
{
    (void)context;
    add(self, record->elements, record);
}

void top_add_longest(void *self, const struct collect_context *context, const struct record *record)
{
    (void)context;
    add(self, record->longest, record);
}

uint64_t top_idle_names_upto(const void *self, const struct record *record, size_t from)
{
    (void)self, (void)from;
    return record->has_idle ? UINT64_MAX : 0;
}

void top_add_idle(void *self, const struct collect_context *context, const struct record *record)
{
    (void)context;
    if (record->has_idle)
        add(self, record->idle_seconds, record);
}

void top_add_ttl(void *self, const struct collect_context *context, const struct record *record)
{
    if (record->has_expiry && record->expire_at_ms > context->now_ms)
        add(self, (uint64_t)record->expire_at_ms - (uint64_t)context->now_ms, record);
}

static const struct doc_column columns[] = {
    {"key", "Key", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"database", "DB", DOC_COUNT, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL},
    {"type", "Type", DOC_TEXT, 0},
    {"encoding", "Encoding", DOC_TEXT, DOC_COLUMN_OPTIONAL},
    {"size_in_bytes", "Bytes", DOC_BYTES, 0},
    {"share", "Share", DOC_SHARE, 0},
    {"elements", "Elements", DOC_COUNT, 0},
    {"longest", "Longest", DOC_BYTES, 0},
    {"ttl", "Expires in", DOC_DURATION, 0},
    {"idle", "Idle", DOC_DURATION, DOC_COLUMN_OPTIONAL},
};

enum { COLUMN_COUNT = sizeof(columns) / sizeof(*columns) };

static struct doc_value ttl_of(const struct top_item *item, int64_t now_ms)
{
    int64_t ms;
    if (!item->has_expiry || __builtin_sub_overflow(item->expire_at_ms, now_ms, &ms))
        return doc_none();
    return doc_duration(ms);
}

static struct doc_value idle_of(const struct top_item *item)
{
    return item->has_idle && item->idle_seconds < INT64_MAX / 1000 ? doc_duration((int64_t)item->idle_seconds * 1000)
                                                                   : doc_none();
}

static void write_list(const struct top_list *list, const struct collect_context *context,
                       const struct collector *collector, struct document *document, size_t printed)
{
    if (list->count == 0)
        return;
    struct doc_section *section = document_section(document, collector->id, collector->title);
    struct doc_table *table = section_table(section, "keys", collector->title, columns, COLUMN_COUNT, DOC_CHART_NONE);
    table_print_at_most(table, printed);
    struct inventory_totals totals;
    inventory_totals(context->inventory, OBJECT_TYPE_COUNT, &totals);
    const struct top_item **item = top_list_sorted(list);
    for (size_t i = 0; i < list->count; i++) {
        const struct doc_value cells[COLUMN_COUNT] = {
            doc_name_of(DOC_THEIR_NAME, item[i]->name, item[i]->name_len, item[i]->name_full_len),
            doc_count(item[i]->db),
            doc_text(object_type_name(item[i]->type)),
            doc_text(object_encoding_name(item[i]->encoding)),
            doc_bytes(item[i]->bytes),
            doc_share((double)item[i]->bytes, (double)totals.bytes),
            item[i]->type == OBJECT_STRING ? doc_none() : doc_count(item[i]->elements),
            object_has_longest(item[i]->type) ? doc_bytes(item[i]->longest) : doc_none(),
            ttl_of(item[i], context->now_ms),
            idle_of(item[i]),
        };
        table_row(table, cells);
    }
    free(item);
}

void top_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                struct document *document)
{
    write_list(self, context, collector, document, SIZE_MAX);
}

static const struct doc_column time_columns[] = {
    {"key", "Key", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"database", "DB", DOC_COUNT, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL},
    {"type", "Type", DOC_TEXT, 0},
    {"size_in_bytes", "Bytes", DOC_BYTES, 0},
    {"idle", "Idle", DOC_DURATION, 0},
    {"ttl", "Expires in", DOC_DURATION, 0},
};

void top_times_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                      struct document *document)
{
    const struct top_list *list = self;
    if (list->count == 0)
        return;
    struct doc_section *section = document_section(document, collector->id, collector->title);
    struct doc_table *table = section_table(section, "keys", collector->title, time_columns,
                                            sizeof(time_columns) / sizeof(*time_columns), DOC_CHART_NONE);
    const struct top_item **item = top_list_sorted(list);
    for (size_t i = 0; i < list->count; i++) {
        const struct doc_value cells[] = {
            doc_name_of(DOC_THEIR_NAME, item[i]->name, item[i]->name_len, item[i]->name_full_len),
            doc_count(item[i]->db),
            doc_text(object_type_name(item[i]->type)),
            doc_bytes(item[i]->bytes),
            idle_of(item[i]),
            ttl_of(item[i], context->now_ms),
        };
        table_row(table, cells);
    }
    free(item);
}

void top_longest_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                        struct document *document)
{
    enum { PRINTED = 5 }; /* mostly the largest keys once more */
    write_list(self, context, collector, document, PRINTED);
}

void top_archive(void *self, const struct collect_context *context, struct archive *archive)
{
    (void)context;
    top_list_archive(self, archive_room(archive, COLLECT_ARCHIVE_LIST), archive);
}

void top_hide(void *self, const struct doc_hider *hider)
{
    top_list_hide(self, hider);
}
