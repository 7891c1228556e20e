/* Prometheus' text exposition format, for node_exporter's textfile collector: the facts and tables that the program's
 * list of metrics names, as gauges. A table's KEY columns are the labels. */
#include <string.h>

#include "buffer.h"
#include "document_parts.h"
#include "printable.h"
#include "renderers.h"
#include "values.h"

/* Values in Prometheus' base units: seconds, bytes, 0 to 1. */
static bool put_number(FILE *out, const struct doc_value *value)
{
    const struct value_kind *kind = value_kind(value->kind);
    char plain[VALUE_MAX];
    if (value->kind == DOC_NONE || kind->is_text)
        return false;
    if (value->kind == DOC_DURATION || value->kind == DOC_TIME)
        fprintf(out, " %.3f\n", (double)value->integer / 1000);
    else if (value->kind == DOC_BOOL)
        fprintf(out, " %d\n", value->truth);
    else if (kind->plain(plain, value) != 0)
        fprintf(out, " %s\n", plain);
    return true;
}

/* A label's value or a help text: a backslash, a quote and a line feed are escaped. */
static void put_escaped(FILE *out, const char *text, size_t len, bool quotes)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\\' || text[i] == '\n' || (quotes && text[i] == '"'))
            putc('\\', out);
        putc(text[i] == '\n' ? 'n' : text[i], out);
    }
}

static void put_label(FILE *out, const char *name, const struct doc_value *value, bool first)
{
    static const struct printable whole = {.name_most = SIZE_MAX, .text_most = SIZE_MAX};
    struct buffer text = {0};
    char plain[VALUE_MAX];
    if (value_kind(value->kind)->is_text)
        printable_add(&text, value, &whole);
    else
        buffer_add(&text, plain, value_kind(value->kind)->plain(plain, value));
    fprintf(out, "%c%s=\"", first ? '{' : ',', name);
    put_escaped(out, text.data, text.len, true);
    putc('"', out);
    buffer_release(&text);
}

static void put_labels(FILE *out, const struct doc_table *table, const struct doc_row *row)
{
    bool first = true;
    for (size_t i = 0; i < table->column_count; i++) {
        if (!(table->columns[i].flags & DOC_COLUMN_KEY))
            continue;
        put_label(out, table->columns[i].id, &row->cells[i], first);
        first = false;
    }
    if (!first)
        putc('}', out);
}

static void put_header(FILE *out, const struct metric_row *metric)
{
    fprintf(out, "# HELP %s ", metric->name);
    put_escaped(out, metric->help, strlen(metric->help), false);
    fprintf(out, "\n# TYPE %s gauge\n", metric->name);
}

static bool has_number(const struct doc_value *value)
{
    return value->kind != DOC_NONE && !value_kind(value->kind)->is_text;
}

static void put_fact(FILE *out, const struct metric_row *metric, const struct doc_section *section)
{
    for (const struct doc_fact *fact = section->facts; fact; fact = fact->next) {
        if (strcmp(fact->id, metric->item) != 0 || !has_number(&fact->value))
            continue;
        put_header(out, metric);
        fputs(metric->name, out);
        put_number(out, &fact->value);
        return;
    }
}

static void put_table(FILE *out, const struct metric_row *metric, const struct doc_table *table)
{
    size_t column = 0, series = 0;
    while (column < table->column_count && strcmp(table->columns[column].id, metric->column) != 0)
        column++;
    if (column == table->column_count)
        return;
    for (const struct doc_row *row = table->rows; row && series < METRIC_MAX_SERIES; row = row->next) {
        if (!has_number(&row->cells[column]))
            continue;
        if (series++ == 0)
            put_header(out, metric);
        fputs(metric->name, out);
        put_labels(out, table, row);
        put_number(out, &row->cells[column]);
    }
}

/* A row without a section: whether the document is complete. */
static void put_complete(FILE *out, const struct metric_row *metric, const struct document *document)
{
    put_header(out, metric);
    fprintf(out, "%s %d\n", metric->name, document->partial_reason == NULL);
}

static void put_metric(FILE *out, const struct metric_row *metric, const struct document *document)
{
    const struct doc_section *section = document_find_section(document, metric->section, strlen(metric->section));
    const struct doc_table *table = section && metric->column ? section_find_table(section, metric->item) : NULL;
    if (table)
        put_table(out, metric, table);
    else if (section && !metric->column)
        put_fact(out, metric, section);
}

bool render_prometheus(const struct document *document, const struct render_options *options, FILE *out)
{
    for (size_t i = 0; i < options->metric_count; i++) {
        const struct metric_row *metric = &options->metrics[i];
        if (metric->section)
            put_metric(out, metric, document);
        else
            put_complete(out, metric, document);
    }
    return fflush(out) == 0 && !ferror(out);
}
