#include "matrix.h"

#include <stdio.h>
#include <string.h>

#include "buffer.h"
#include "printable.h"
#include "values.h"

enum { COLUMNS_MOST = 12, ROWS_MOST = 40, LABEL_MOST = 40 };

struct axes {
    size_t x, y, measure; /* columns of the table */
};

/* The last KEY column is x, the one before it y (document.h); a third one would make several maps. */
static bool find_axes(const struct doc_table *table, struct axes *axes)
{
    size_t keys = 0, measures = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct doc_column *column = &table->columns[i];
        if (column->flags & DOC_COLUMN_KEY) {
            keys++;
            axes->y = axes->x;
            axes->x = i;
        } else if (value_kind(column->kind)->is_number && measures++ == 0) {
            axes->measure = i;
        }
    }
    return keys == 2 && measures > 0;
}

static bool is_same(const struct doc_value *a, const struct doc_value *b)
{
    if (a->kind != b->kind || !value_kind(a->kind)->is_text)
        return a->kind == b->kind && value_number(a) == value_number(b);
    return a->text.len == b->text.len && memcmp(a->text.bytes, b->text.bytes, a->text.len) == 0;
}

/* The different values of a column, in order of appearance; `most` + 1 when there are more than that. */
static size_t distinct(const struct doc_table *table, size_t column, const struct doc_value **value, size_t most)
{
    size_t count = 0;
    for (const struct doc_row *row = table->rows; row; row = row->next) {
        size_t i = 0;
        while (i < count && !is_same(value[i], &row->cells[column]))
            i++;
        if (i < count)
            continue;
        if (count == most)
            return most + 1;
        value[count++] = &row->cells[column];
    }
    return count;
}

static const char *label_of(const struct doc_value *value, struct document *scratch)
{
    static const struct printable shown = {.name_most = LABEL_MOST, .text_most = LABEL_MOST};
    struct buffer text = {0};
    printable_value(&text, value, &shown);
    char *label = arena_alloc(&scratch->arena, text.len + 1);
    memcpy(label, text.data, text.len);
    label[text.len] = '\0';
    buffer_release(&text);
    return label;
}

/* The measure above, the axes in one word, so that they stay in one line. */
static const char *corner_of(const struct doc_table *table, const struct axes *axes, struct document *scratch)
{
    const char *part[] = {table->columns[axes->measure].title, table->columns[axes->y].title,
                          table->columns[axes->x].title};
    size_t size = strlen(part[0]) + strlen(part[1]) + strlen(part[2]) + sizeof " \\";
    char *title = arena_alloc(&scratch->arena, size);
    snprintf(title, size, "%s %s\\%s", part[0], part[1], part[2]);
    return title;
}

const struct doc_table *matrix_of(const struct doc_table *table, struct document *scratch)
{
    struct axes axes = {0};
    const struct doc_value *x[COLUMNS_MOST], *y[ROWS_MOST];
    if ((table->chart != DOC_CHART_HEATMAP && !table->print_across) || !find_axes(table, &axes))
        return NULL;
    if (table->print_across)
        axes = (struct axes){axes.y, axes.x, axes.measure};
    size_t width = distinct(table, axes.x, x, COLUMNS_MOST), height = distinct(table, axes.y, y, ROWS_MOST);
    if (width == 0 || width > COLUMNS_MOST || height > ROWS_MOST)
        return NULL;
    struct doc_column *columns = arena_alloc(&scratch->arena, (width + 1) * sizeof *columns);
    columns[0] =
        (struct doc_column){"y", corner_of(table, &axes, scratch), table->columns[axes.y].kind, DOC_COLUMN_KEY};
    for (size_t i = 0; i < width; i++)
        columns[i + 1] = (struct doc_column){"x", label_of(x[i], scratch), table->columns[axes.measure].kind, 0};
    struct doc_section *section = document_section(scratch, "matrix", "");
    struct doc_table *matrix = section_table(section, table->id, table->title, columns, width + 1, DOC_CHART_NONE);
    for (size_t i = 0; i < height; i++) {
        struct doc_value cells[COLUMNS_MOST + 1] = {*y[i]};
        for (size_t k = 0; k < width; k++)
            cells[k + 1] = doc_none();
        for (const struct doc_row *row = table->rows; row; row = row->next)
            for (size_t k = 0; k < width && is_same(&row->cells[axes.y], y[i]); k++)
                if (is_same(&row->cells[axes.x], x[k]))
                    cells[k + 1] = row->cells[axes.measure];
        table_row(matrix, cells);
    }
    return matrix;
}
