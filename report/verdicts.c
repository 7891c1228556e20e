#include "verdicts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "printable.h"
#include "values.h"

enum { TEXT_MOST = 2000, NAME_MOST = 500 };

static const struct doc_value *cell_of(const struct doc_table *table, const struct doc_row *row, const char *id)
{
    static const struct doc_value none = {.kind = DOC_NONE};
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].id, id) == 0)
            return &row->cells[i];
    return &none;
}

static const struct doc_value *fact_of(const struct doc_section *section, const char *id)
{
    for (const struct doc_fact *fact = section->facts; fact; fact = fact->next)
        if (strcmp(fact->id, id) == 0)
            return &fact->value;
    return NULL;
}

/* Adds a value and its NUL; returns its offset: the buffer may still move. */
static size_t add_text(struct buffer *out, const struct doc_value *value)
{
    static const struct printable how = {.name_most = NAME_MOST, .text_most = TEXT_MOST};
    size_t start = out->len;
    if (value && value_kind(value->kind)->is_text)
        printable_add(out, value, &how);
    buffer_add(out, "", 1);
    return start;
}

static bool same_text(const struct doc_value *a, const struct doc_value *b)
{
    bool a_is_text = value_kind(a->kind)->is_text, b_is_text = value_kind(b->kind)->is_text;
    if (!a_is_text || !b_is_text)
        return a_is_text == b_is_text;
    return a->text.len == b->text.len && (a->text.len == 0 || memcmp(a->text.bytes, b->text.bytes, a->text.len) == 0);
}

static enum verdict_status status_of(const struct verdicts *verdicts, const struct doc_row *row)
{
    static const char *const words[VERDICT_STATUSES] = {"passed", "failed", "skipped"};
    const struct doc_value *cell = cell_of(verdicts->rules, row, "status");
    for (unsigned i = 0; value_kind(cell->kind)->is_text && i < VERDICT_STATUSES; i++)
        if (cell->text.len == strlen(words[i]) && memcmp(cell->text.bytes, words[i], cell->text.len) == 0)
            return (enum verdict_status)i;
    return VERDICT_FAILED;
}

bool verdicts_find(struct verdicts *verdicts, const struct document *document)
{
    *verdicts = (struct verdicts){.section = NULL};
    for (const struct doc_section *section = document->sections; section && !verdicts->rules; section = section->next) {
        verdicts->section = section;
        verdicts->rules = section_find_table(section, "rules");
    }
    if (!verdicts->rules) {
        errno = ENODATA;
        return false;
    }
    verdicts->keys = section_find_table(verdicts->section, "keys");
    size_t subject = add_text(&verdicts->texts, fact_of(verdicts->section, "file"));
    size_t policy = add_text(&verdicts->texts, fact_of(verdicts->section, "policy"));
    verdicts->subject = verdicts->texts.data + subject;
    verdicts->policy = verdicts->texts.data + policy;
    for (const struct doc_row *row = verdicts->rules->rows; row; row = row->next)
        verdicts->count[status_of(verdicts, row)]++;
    return true;
}

void verdicts_release(struct verdicts *verdicts)
{
    buffer_release(&verdicts->texts);
}

void verdict_read(struct verdict *verdict, const struct verdicts *verdicts, const struct doc_row *row)
{
    const struct doc_value *line = cell_of(verdicts->rules, row, "line");
    *verdict = (struct verdict){
        .status = status_of(verdicts, row),
        .line = line->kind == DOC_COUNT ? (unsigned)line->count : 0,
        .rule_cell = cell_of(verdicts->rules, row, "rule"),
        .pattern_cell = cell_of(verdicts->rules, row, "pattern"),
    };
    size_t rule = add_text(&verdict->texts, verdict->rule_cell);
    size_t pattern = add_text(&verdict->texts, verdict->pattern_cell);
    size_t message = add_text(&verdict->texts, cell_of(verdicts->rules, row, "message"));
    verdict->rule = verdict->texts.data + rule;
    verdict->pattern = verdict->texts.data + pattern;
    verdict->message = verdict->texts.data + message;
}

void verdict_release(struct verdict *verdict)
{
    buffer_release(&verdict->texts);
}

const struct doc_row *verdict_next_key(const struct verdicts *verdicts, const struct verdict *verdict,
                                       const struct doc_row *row, struct buffer *key)
{
    if (!verdicts->keys)
        return NULL;
    for (row = row ? row->next : verdicts->keys->rows; row; row = row->next) {
        if (!same_text(cell_of(verdicts->keys, row, "rule"), verdict->rule_cell) ||
            !same_text(cell_of(verdicts->keys, row, "pattern"), verdict->pattern_cell))
            continue;
        (void)add_text(key, cell_of(verdicts->keys, row, "key"));
        key->len--;
        return row;
    }
    return NULL;
}
