#include <errno.h>
#include <string.h>

#include "buffer.h"
#include "document_parts.h"
#include "renderers.h"
#include "values.h"

static const char formula_starts[] = "=+-@\t\r\n'";

size_t csv_field_print(char *out, const uint8_t *bytes, size_t len)
{
    bool neutralise = len && bytes[0] && strchr(formula_starts, bytes[0]);
    bool quote = false;
    for (size_t i = 0; i < len && !quote; i++)
        quote = bytes[i] == '"' || bytes[i] == ',' || bytes[i] == '\n' || bytes[i] == '\r';
    size_t at = 0;
    if (quote)
        out[at++] = '"';
    if (neutralise)
        out[at++] = '\'';
    if (!quote) {
        if (len)
            memcpy(out + at, bytes, len);
        return at + len;
    }
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '"')
            out[at++] = '"';
        out[at++] = (char)bytes[i];
    }
    out[at++] = '"';
    return at;
}

void csv_field(FILE *out, const uint8_t *bytes, size_t len)
{
    struct buffer field = {0};
    size_t size = csv_field_print(buffer_reserve(&field, 2 * len + 3), bytes, len);
    fwrite(field.data, 1, size, out);
    buffer_release(&field);
}

static void csv_text(FILE *out, const char *text)
{
    csv_field(out, (const uint8_t *)text, strlen(text));
}

static void csv_value(FILE *out, const struct doc_value *value)
{
    const struct value_kind *kind = value_kind(value->kind);
    if (value->kind == DOC_NAME) {
        struct buffer name = {0};
        size_t capacity = 4 * value->text.len + 4;
        char *printed = buffer_reserve(&name, capacity);
        size_t len = name_print(printed, capacity, NAME_ESCAPED, value->text.bytes, value->text.len);
        csv_field(out, (const uint8_t *)printed, len);
        buffer_release(&name);
    } else if (kind->is_text) {
        csv_field(out, value->text.bytes, value->text.len);
    } else {
        char plain[VALUE_MAX];
        fwrite(plain, 1, kind->plain(plain, value), out);
    }
}

static void csv_table(FILE *out, const struct doc_table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (i)
            putc(',', out);
        csv_text(out, table->columns[i].id);
    }
    fputs(CSV_RECORD_END, out);
    for (const struct doc_row *row = table->rows; row; row = row->next) {
        for (size_t i = 0; i < table->column_count; i++) {
            if (i)
                putc(',', out);
            csv_value(out, &row->cells[i]);
        }
        fputs(CSV_RECORD_END, out);
    }
}

static void csv_facts(FILE *out, const struct doc_section *section)
{
    fputs("fact,value" CSV_RECORD_END, out);
    for (const struct doc_fact *fact = section->facts; fact; fact = fact->next) {
        csv_text(out, fact->id);
        putc(',', out);
        csv_value(out, &fact->value);
        fputs(CSV_RECORD_END, out);
    }
}

bool render_csv(const struct document *document, const struct render_options *options, FILE *out)
{
    const char *path = options->section ? options->section : "";
    size_t id_len = strcspn(path, ".");
    const struct doc_section *section = document_find_section(document, path, id_len);
    const char *id = path[id_len] ? path + id_len + 1 : NULL;
    const struct doc_table *table = NULL;
    if (section)
        table = id ? section_find_table(section, id) : section->tables;
    if (table) {
        csv_table(out, table);
    } else if (section && section->facts && (!id || strcmp(id, "facts") == 0)) {
        csv_facts(out, section);
    } else {
        errno = ENOENT;
        return false;
    }
    return fflush(out) == 0 && !ferror(out);
}

void csv_list_sections(const struct document *document, FILE *out)
{
    for (const struct doc_section *section = document->sections; section; section = section->next) {
        if (section->facts)
            fprintf(out, "%s.facts\n", section->id);
        for (const struct doc_table *table = section->tables; table; table = table->next)
            fprintf(out, "%s.%s\n", section->id, table->id);
    }
}
