#include "html_parts.h"

#include <string.h>

#include "printable.h"
#include "values.h"

enum { ONE_LINE_BYTES = 40 };
enum { ROWS_PRINTED = 50 }; /* web/src/report.css hides the rest on paper */

/* The element that draws a chart, by enum doc_chart. */
static const char *const chart_names[] = {
    [DOC_CHART_NONE] = NULL,         [DOC_CHART_BARS] = "bars",       [DOC_CHART_HISTOGRAM] = "histogram",
    [DOC_CHART_HEATMAP] = "heatmap", [DOC_CHART_TREEMAP] = "treemap", [DOC_CHART_LINE] = "line",
};

static void escape(struct buffer *out, const char *text, size_t len)
{
    static const char *const entities[256] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"};
    for (size_t i = 0; i < len; i++) {
        const char *entity = entities[(uint8_t)text[i]];
        if (entity)
            buffer_puts(out, entity);
        else
            buffer_add(out, text + i, 1);
    }
}

void html_text(struct buffer *out, const char *text)
{
    struct doc_value value = doc_text(text);
    html_name(out, &value);
}

void html_name(struct buffer *out, const struct doc_value *value)
{
    static const struct printable how = {.name_most = 256, .text_most = 4096, .keep_lines = true};
    struct buffer text = {0};
    printable_add(&text, value, &how);
    escape(out, text.data, text.len);
    buffer_release(&text);
}

void html_value(struct buffer *out, const struct doc_value *value)
{
    const struct value_kind *kind = value_kind(value->kind);
    char printed[VALUE_MAX];
    bool is_code = value->kind == DOC_NAME || value->kind == DOC_CODE;
    if (!kind->is_text) {
        kind->print(printed, value);
        escape(out, printed, strlen(printed));
        return;
    }
    buffer_puts(out, is_code ? "<code>" : "");
    html_name(out, value);
    buffer_puts(out, is_code ? "</code>" : "");
}

/* <td>, with the exact number for the script where the printed one is not it. */
static void open_cell(struct buffer *out, const struct doc_column *column, const struct doc_value *value)
{
    const struct value_kind *kind = value_kind(value->kind);
    bool is_bar = (column->flags & DOC_COLUMN_BAR) && kind->is_number;
    buffer_puts(out, "<td");
    if (value_kind(column->kind)->is_number)
        buffer_puts(out, is_bar ? " class=\"n b\"" : " class=n");
    else if (column->kind == DOC_NAME)
        buffer_puts(out, " class=k");
    else if ((column->flags & DOC_COLUMN_WIDE) || (kind->is_text && value->text.len > ONE_LINE_BYTES))
        buffer_puts(out, " class=w");
    if (kind->is_number && value->kind != DOC_COUNT) {
        char plain[VALUE_MAX];
        kind->plain(plain, value);
        buffer_printf(out, " data-v=\"%s\"", plain);
    }
    if (is_bar) {
        double share = value_number(value);
        buffer_printf(out, " style=\"--s:%.1f%%\"", 100 * (share > 1 ? 1 : share > 0 ? share : 0));
    }
    buffer_puts(out, ">");
}

static void put_row(struct buffer *out, const struct doc_table *table, const struct doc_row *row)
{
    buffer_puts(out, "<tr>");
    for (size_t i = 0; i < table->column_count; i++) {
        open_cell(out, &table->columns[i], &row->cells[i]);
        html_value(out, &row->cells[i]);
    }
    buffer_puts(out, "\n");
}

static void put_heading(struct buffer *out, const struct doc_table *table)
{
    buffer_puts(out, "<thead><tr>");
    for (size_t i = 0; i < table->column_count; i++) {
        const struct doc_column *column = &table->columns[i];
        const struct value_kind *kind = value_kind(column->kind);
        buffer_printf(out, "<th scope=col data-id=\"%s\" data-kind=%s%s%s>", column->id, kind->name,
                      column->flags & DOC_COLUMN_KEY ? " data-key" : "", kind->is_number ? " class=n" : "");
        html_text(out, column->title);
        buffer_puts(out, "</th>");
    }
    buffer_puts(out, "</tr></thead>\n");
}

/* Returns the number of rows written. */
static size_t put_rows(struct bounded *out, const struct doc_table *table)
{
    size_t count = 0;
    for (const struct doc_row *row = table->rows; row && count < out->rows_most; row = row->next) {
        size_t start = out->text.len;
        put_row(&out->text, table, row);
        if (!bounded_keep(out, start))
            break;
        count++;
    }
    return count;
}

void html_table(struct bounded *out, const struct doc_section *section, const struct doc_table *table)
{
    struct buffer *text = &out->text;
    const char *chart = chart_names[table->chart];
    size_t start = text->len;
    buffer_printf(text, "<figure id=\"t-%s-%s\"", section->id, table->id);
    if (chart)
        buffer_printf(text, " data-chart=%s", chart);
    buffer_puts(text, "><figcaption>");
    if (strcmp(table->title, section->title) != 0)
        html_text(text, table->title);
    buffer_puts(text, "</figcaption>\n");
    if (table->row_count == 0) {
        buffer_puts(text, "<p class=cut>none</p></figure>\n");
        bounded_keep(out, start);
        return;
    }
    buffer_puts(text, "<div class=scroll tabindex=0><table>");
    put_heading(text, table);
    buffer_puts(text, "<tbody>\n");
    if (!bounded_keep(out, start))
        return;
    size_t shown = put_rows(out, table);
    buffer_puts(text, "</tbody></table></div>\n");
    char some[VALUE_MAX], all[VALUE_MAX];
    print_grouped(some, shown);
    print_grouped(all, table->row_count);
    if (shown < table->row_count)
        buffer_printf(text, "<p class=cut>The first %s of %s rows; JSON and CSV have all of them.</p>\n", some, all);
    if (shown > ROWS_PRINTED)
        buffer_printf(text, "<p class=print>Printed: the first %d of %s rows.</p>\n", ROWS_PRINTED, all);
    buffer_puts(text, "</figure>\n");
}
