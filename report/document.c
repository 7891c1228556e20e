#include "document_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *copy_text(struct document *document, const char *text)
{
    return arena_copy(&document->arena, text, strlen(text));
}

struct document *document_new(const char *generator, unsigned schema_version)
{
    struct document *document = calloc(1, sizeof *document);
    if (!document)
        arena_out_of_memory();
    document->generator = copy_text(document, generator);
    document->schema_version = schema_version;
    document->sections_end = &document->sections;
    return document;
}

void document_free(struct document *document)
{
    if (!document)
        return;
    arena_release(&document->arena);
    free(document);
}

void document_set_partial(struct document *document, const char *reason)
{
    document->partial_reason = copy_text(document, reason ? reason : "");
}

const struct doc_section *document_find_section(const struct document *document, const char *id, size_t id_len)
{
    for (const struct doc_section *section = document->sections; section; section = section->next)
        if (strlen(section->id) == id_len && memcmp(section->id, id, id_len) == 0)
            return section;
    return NULL;
}

struct doc_section *document_section(struct document *document, const char *id, const char *title)
{
    for (struct doc_section *seen = document->sections; seen; seen = seen->next)
        if (strcmp(seen->id, id) == 0)
            return seen;
    struct doc_section *section = arena_alloc(&document->arena, sizeof *section);
    section->document = document;
    section->id = copy_text(document, id);
    section->title = copy_text(document, title);
    section->facts_end = &section->facts;
    section->notes_end = &section->notes;
    section->tables_end = &section->tables;
    *document->sections_end = section;
    document->sections_end = &section->next;
    return section;
}

void document_hide_names(struct document *document, const struct doc_hider *hider)
{
    document->hider = *hider;
}

void document_show_values(struct document *document)
{
    document->shows_values = true;
}

struct doc_bytes document_shown_name(struct document *document, const uint8_t *name, size_t len)
{
    struct doc_bytes shown = {.bytes = name, .len = len, .full_len = len};
    if (!document->hider.hide)
        return shown;
    uint8_t *hidden = arena_alloc(&document->arena, document->hider.most_times * len + document->hider.most_more);
    shown.len = shown.full_len = document->hider.hide(document->hider.context, name, len, hidden);
    shown.bytes = hidden;
    return shown;
}

static bool is_left_out(const struct document *document, enum doc_owner owner)
{
    return (owner == DOC_THEIR_EXAMPLE && document->hider.hide) ||
           (owner == DOC_THEIR_VALUE && !document->shows_values);
}

static struct doc_value keep_name(struct document *document, struct doc_value value)
{
    if (is_left_out(document, value.text.owner))
        return doc_none();
    if (value.text.owner == DOC_THEIR_NAME && document->hider.hide) {
        uint64_t more = value.text.full_len - value.text.len;
        value.text = document_shown_name(document, value.text.bytes, value.text.len);
        value.text.full_len += more;
    } else {
        value.text.bytes = (const uint8_t *)arena_copy(&document->arena, value.text.bytes, value.text.len);
    }
    return value;
}

static struct doc_value keep_value(struct document *document, struct doc_value value)
{
    if (value.kind == DOC_NAME)
        return keep_name(document, value);
    if (value.kind == DOC_TEXT || value.kind == DOC_CODE)
        value.text.bytes = (const uint8_t *)arena_copy(&document->arena, value.text.bytes, value.text.len);
    return value;
}

static struct doc_fact *find_or_add_fact(struct doc_section *section, const char *id)
{
    for (struct doc_fact *seen = section->facts; seen; seen = seen->next)
        if (strcmp(seen->id, id) == 0)
            return seen;
    struct doc_fact *fact = arena_alloc(&section->document->arena, sizeof *fact);
    fact->id = copy_text(section->document, id);
    *section->facts_end = fact;
    section->facts_end = &fact->next;
    return fact;
}

void section_fact(struct doc_section *section, const char *id, const char *title, struct doc_value value)
{
    struct doc_fact *fact = find_or_add_fact(section, id);
    fact->title = copy_text(section->document, title);
    fact->value = keep_value(section->document, value);
}

void section_headline(struct doc_section *section, const char *id, const char *title, struct doc_value value)
{
    section_fact(section, id, title, value);
    find_or_add_fact(section, id)->headline = true;
}

void section_note(struct doc_section *section, enum doc_severity severity, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    size_t size = len > 0 ? (size_t)len + 1 : 1;
    struct doc_note *note = arena_alloc(&section->document->arena, sizeof *note);
    char *text = arena_alloc(&section->document->arena, size);
    vsnprintf(text, size, format, again);
    va_end(again);
    note->severity = severity;
    note->text = text;
    *section->notes_end = note;
    section->notes_end = &note->next;
}

const struct doc_table *section_find_table(const struct doc_section *section, const char *id)
{
    for (const struct doc_table *table = section->tables; table; table = table->next)
        if (strcmp(table->id, id) == 0)
            return table;
    return NULL;
}

struct doc_table *section_table(struct doc_section *section, const char *id, const char *title,
                                const struct doc_column *columns, size_t column_count, enum doc_chart chart)
{
    struct document *document = section->document;
    struct doc_table *table = arena_alloc(&document->arena, sizeof *table);
    table->document = document;
    table->id = copy_text(document, id);
    table->title = copy_text(document, title);
    table->columns = columns;
    table->column_count = column_count;
    table->chart = chart;
    table->rows_end = &table->rows;
    table->print_at_most = SIZE_MAX;
    *section->tables_end = table;
    section->tables_end = &table->next;
    return table;
}

void table_row(struct doc_table *table, const struct doc_value *cells)
{
    struct doc_row *row =
        arena_alloc(&table->document->arena, sizeof *row + table->column_count * sizeof(struct doc_value));
    for (size_t i = 0; i < table->column_count; i++)
        row->cells[i] = keep_value(table->document, cells[i]);
    *table->rows_end = row;
    table->rows_end = &row->next;
    table->row_count++;
}

void table_print_at_most(struct doc_table *table, size_t rows)
{
    table->print_at_most = rows;
}

void table_print_across(struct doc_table *table)
{
    table->print_across = true;
}

struct doc_action *document_action(struct document *document, const char *id, const char *title, const char *why,
                                   uint64_t saves_bytes, const char *paste)
{
    struct doc_action *action = arena_alloc(&document->arena, sizeof *action);
    action->id = copy_text(document, id);
    action->title = copy_text(document, title);
    action->why = copy_text(document, why ? why : "");
    action->paste = paste && *paste ? copy_text(document, paste) : NULL;
    action->saves_bytes = saves_bytes;
    struct doc_action **place = &document->actions;
    while (*place && (*place)->saves_bytes >= saves_bytes)
        place = &(*place)->next;
    action->next = *place;
    *place = action;
    return action;
}

void action_commands(struct document *document, struct doc_action *action, const char *commands)
{
    action->commands = *commands ? copy_text(document, commands) : NULL;
}

struct doc_value doc_count(uint64_t count)
{
    return (struct doc_value){.kind = DOC_COUNT, .count = count};
}

struct doc_value doc_bytes(uint64_t bytes)
{
    return (struct doc_value){.kind = DOC_BYTES, .count = bytes};
}

struct doc_value doc_delta(int64_t bytes)
{
    return (struct doc_value){.kind = DOC_DELTA, .integer = bytes};
}

struct doc_value doc_share(double part, double whole)
{
    return (struct doc_value){.kind = DOC_SHARE, .number = whole > 0 || whole < 0 ? part / whole : 0};
}

struct doc_value doc_number(double number)
{
    return (struct doc_value){.kind = DOC_NUMBER, .number = number};
}

static struct doc_value doc_words(enum doc_kind kind, const char *text)
{
    if (!text)
        return doc_none();
    size_t len = strlen(text);
    return (struct doc_value){.kind = kind, .text = {(const uint8_t *)text, len, len, DOC_OURS}};
}

struct doc_value doc_text(const char *text)
{
    return doc_words(DOC_TEXT, text);
}

struct doc_value doc_code(const char *text)
{
    return doc_words(DOC_CODE, text);
}

struct doc_value doc_name(const void *bytes, size_t len, uint64_t full_len)
{
    return doc_name_of(DOC_OURS, bytes, len, full_len);
}

struct doc_value doc_name_of(enum doc_owner owner, const void *bytes, size_t len, uint64_t full_len)
{
    return (struct doc_value){.kind = DOC_NAME, .text = {bytes, len, full_len > len ? full_len : len, owner}};
}

struct doc_value doc_duration(int64_t ms)
{
    return (struct doc_value){.kind = DOC_DURATION, .integer = ms};
}

struct doc_value doc_time(int64_t ms)
{
    return (struct doc_value){.kind = DOC_TIME, .integer = ms};
}

struct doc_value doc_bool(bool truth)
{
    return (struct doc_value){.kind = DOC_BOOL, .truth = truth};
}

struct doc_value doc_none(void)
{
    return (struct doc_value){.kind = DOC_NONE};
}
