#include "intset_strays.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alternatives.h"
#include "archive/archive.h"
#include "words.h"

enum { FEW_DIVISOR = 10 }; /* at most so large a part of the members is a few */

void intset_strays_init(void *self, const struct collect_context *context)
{
    struct intset_strays *strays = self;
    strays->shape = shape_new(context->plan);
    top_list_init(&strays->list, context->top);
}

void intset_strays_release(void *self)
{
    struct intset_strays *strays = self;
    shape_free(strays->shape);
    top_list_release(&strays->list);
}

/* The set without its strays: all that an intset's cost depends on is how many integers there are and the widest. */
static uint64_t bytes_without(struct intset_strays *strays, const struct collect_context *context,
                              const struct record *record, uint64_t integers)
{
    struct cost cost;
    struct shape_text member = {.len = 1, .is_integer = true, .integer = shape_widest_integer(record->shape)};
    shape_begin(strays->shape, OBJECT_SET, ORIGIN_ELEMENTS, integers);
    for (uint64_t i = 0; i < integers; i++)
        shape_set_member(strays->shape, &member);
    shape_end(strays->shape, 0);
    model_cost(context->plan, 0, NULL, strays->shape, &record->facts, &cost);
    return cost.size_in_bytes;
}

/* The strays that were kept, a blank between them. */
static size_t stray_text(const struct record *record, uint8_t text[TOP_TEXT_MAX])
{
    size_t len = 0;
    for (uint32_t i = 0; i < record->strays; i++) {
        const struct record_stray *stray = &record->stray[i];
        if (len + stray->len + 1 > TOP_TEXT_MAX)
            break;
        if (len)
            text[len++] = ' ';
        memcpy(text + len, stray->bytes, stray->len);
        len += stray->len;
    }
    return len;
}

void intset_strays_add(void *self, const struct collect_context *context, const struct record *record)
{
    struct intset_strays *strays = self;
    uint64_t integers = shape_integers(record->shape), others = record->elements - integers;
    int64_t limit = plan_view(context->plan, 0)->settings.value[SETTING_SET_MAX_INTSET];
    if (others == 0 || others > record->elements / FEW_DIVISOR || limit <= 0 || integers > (uint64_t)limit)
        return;
    uint64_t without = bytes_without(strays, context, record, integers);
    if (without >= record->cost.size_in_bytes)
        return;
    uint64_t saved = record->cost.size_in_bytes - without;
    strays->keys++;
    strays->members += others;
    strays->bytes += record->cost.size_in_bytes;
    strays->saved_bytes += saved;
    if (context->row)
        context->row->changes.strays_saved += saved;
    if (!top_list_wants(&strays->list, saved))
        return;
    uint8_t text[TOP_TEXT_MAX];
    size_t len = stray_text(record, text);
    const uint64_t note[4] = {others, without};
    top_list_add_text(&strays->list, saved, record, note, text, len);
}

void intset_strays_merge(void *self, const void *other, const struct collect_context *context)
{
    (void)context;
    struct intset_strays *strays = self;
    const struct intset_strays *from = other;
    strays->keys += from->keys;
    strays->members += from->members;
    strays->bytes += from->bytes;
    strays->saved_bytes += from->saved_bytes;
    top_list_merge(&strays->list, &from->list);
}

static const struct doc_column columns[] = {
    {"key", "Key", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"database", "DB", DOC_COUNT, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL},
    {"elements", "Members", DOC_COUNT, 0},
    {"strays", "No integers", DOC_COUNT, 0},
    {"members", "Which", DOC_NAME, DOC_COLUMN_OPTIONAL},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"without_bytes", "Without", DOC_BYTES, 0},
    {"saved_bytes", "Saves", DOC_BYTES, DOC_COLUMN_OPTIONAL},
};

static void write_list(struct doc_section *section, const struct collector *collector, const struct top_list *list)
{
    struct doc_table *table = section_table(section, "keys_list", collector->title, columns,
                                            sizeof(columns) / sizeof(*columns), DOC_CHART_NONE);
    const struct top_item **item = top_list_sorted(list);
    for (size_t i = 0; i < list->count; i++) {
        const struct doc_value cells[] = {
            doc_name_of(DOC_THEIR_NAME, item[i]->name, item[i]->name_len, item[i]->name_full_len),
            doc_count(item[i]->db),
            doc_count(item[i]->elements),
            doc_count(item[i]->note[0]),
            doc_name_of(DOC_THEIR_VALUE, item[i]->text, item[i]->text_len, item[i]->text_len),
            doc_bytes(item[i]->bytes),
            doc_bytes(item[i]->note[1]),
            doc_bytes(item[i]->measure),
        };
        table_row(table, cells);
    }
    free(item);
}

static void write_action(const struct intset_strays *strays, struct document *document)
{
    char why[400];
    snprintf(why, sizeof(why),
             "%" PRIu64 " %s integers but for %" PRIu64 " %s, which keeps them from intset, the smallest form of a "
             "set. Without such members (kept in a key of their own, or written as a number) they get it, after the "
             "next restart or when they are written anew. "
             "Section intset_strays names the sets, and with --show-values the members.",
             strays->keys, words_for(strays->keys, "set holds", "sets hold"), strays->members,
             words_for(strays->members, "member", "members"));
    document_action(document, "intset_strays", "Keep sets of integers free of other members", why, strays->saved_bytes,
                    NULL);
}

void intset_strays_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                          struct document *document)
{
    const struct intset_strays *strays = self;
    struct doc_section *section = document_section(document, collector->id, collector->title);
    if (strays->keys == 0) {
        section_note(section, DOC_GOOD, "No set misses being an intset by a few members.");
        return;
    }
    section_fact(section, "keys", "Sets", doc_count(strays->keys));
    section_fact(section, "members", "Members that are no integers", doc_count(strays->members));
    section_fact(section, "bytes", "Bytes", doc_bytes(strays->bytes));
    section_fact(section, "saved_bytes", "Without them they save", doc_bytes(strays->saved_bytes));
    if (strays->list.count)
        write_list(section, collector, &strays->list);
    if (strays->saved_bytes >= alternatives_worth(context))
        write_action(strays, document);
}

void intset_strays_archive(void *self, const struct collect_context *context, struct archive *archive)
{
    (void)context;
    struct intset_strays *strays = self;
    archive_u64(archive, &strays->keys);
    archive_u64(archive, &strays->members);
    archive_u64(archive, &strays->bytes);
    archive_u64(archive, &strays->saved_bytes);
    top_list_archive_texts(&strays->list, 0, archive_room(archive, COLLECT_ARCHIVE_LIST), archive);
}

void intset_strays_hide(void *self, const struct doc_hider *hider)
{
    top_list_hide(&((struct intset_strays *)self)->list, hider);
}
