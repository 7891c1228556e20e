/* Lays a table out for a screen: wide columns give way first, then optional ones, then bars, then the rest from the
 * right; what is left out is said below the table. */
#include <string.h>

#include "matrix.h"
#include "text_parts.h"
#include "values.h"

enum { GAP = 2, INDENT = 2, TEXT_MIN = 24, NARROWEST = 4, MAP_ROWS_SHOWN = 24 };

struct layout_column {
    const struct doc_column *column;
    unsigned natural;            /* of the widest cell and of the longest word of the title */
    unsigned width;              /* given to it, without its bar */
    unsigned bar;                /* columns of the bar and the space before it; 0: none */
    double largest;              /* of a bar column */
    bool right, shown, is_empty; /* is_empty: in every row shown; left out without a word */
};

struct layout {
    const struct screen *screen;
    const struct doc_table *table;
    struct arena arena;
    struct layout_column *columns;
    size_t count, rows; /* rows: as many as are shown */
};

static unsigned longest_word(const char *text, size_t len)
{
    unsigned longest = 0;
    for (size_t start = 0, end; start < len; start = end + 1) {
        const char *space = memchr(text + start, ' ', len - start);
        end = space ? (size_t)(space - text) : len;
        unsigned width = text_width(text + start, end - start);
        longest = width > longest ? width : longest;
    }
    return longest;
}

static void measure_column(struct layout *layout, size_t index)
{
    struct layout_column *column = &layout->columns[index];
    struct buffer cell = {0};
    column->column = &layout->table->columns[index];
    column->right = value_kind(column->column->kind)->is_number;
    column->natural = longest_word(column->column->title, strlen(column->column->title));
    column->is_empty = true;
    unsigned word = TEXT_MIN;
    size_t left = layout->rows;
    for (const struct doc_row *row = layout->table->rows; row && left; row = row->next, left--) {
        cell.len = 0;
        unsigned width = text_value(&cell, &row->cells[index], layout->screen->unicode);
        double number = value_number(&row->cells[index]);
        column->is_empty = column->is_empty && width == 0;
        column->natural = width > column->natural ? width : column->natural;
        if (column->column->flags & DOC_COLUMN_WRAP) {
            unsigned longest = longest_word(cell.data, cell.len);
            word = longest > word ? longest : word;
        }
        column->largest = number > column->largest ? number : column->largest;
    }
    buffer_release(&cell);
    column->shown = !column->is_empty || (column->column->flags & DOC_COLUMN_KEY);
    unsigned least = column->column->flags & DOC_COLUMN_WIDE     ? layout->screen->width / 3
                     : column->column->kind == DOC_CODE          ? column->natural
                     : value_kind(column->column->kind)->is_text ? word
                                                                 : column->natural;
    column->width = column->natural < least ? column->natural : least;
    if ((column->column->flags & DOC_COLUMN_BAR) && column->largest > 0)
        column->bar = layout->screen->width < 100 ? 9 : 16;
}

static unsigned total_width(const struct layout *layout)
{
    unsigned total = INDENT, shown = 0;
    for (size_t i = 0; i < layout->count; i++)
        if (layout->columns[i].shown) {
            total += layout->columns[i].width + layout->columns[i].bar;
            shown++;
        }
    return total + (shown ? (shown - 1) * GAP : 0);
}

/* Leaves columns out from the right while the table is too wide: those that have all of `with` and none of `without`.
 */
static void drop_columns(struct layout *layout, unsigned with, unsigned without)
{
    for (size_t i = layout->count; i-- > 0 && total_width(layout) > layout->screen->width;) {
        unsigned flags = layout->columns[i].column->flags;
        if ((flags & with) == with && !(flags & without))
            layout->columns[i].shown = false;
    }
}

/* The widest column gives way, one place at a time. */
static void squeeze(struct layout *layout)
{
    while (total_width(layout) > layout->screen->width) {
        struct layout_column *widest = NULL;
        for (size_t i = 0; i < layout->count; i++) {
            struct layout_column *column = &layout->columns[i];
            if (column->shown && column->width > NARROWEST && (!widest || column->width > widest->width))
                widest = column;
        }
        if (!widest)
            return;
        widest->width--;
    }
}

static unsigned spare_width(const struct layout *layout)
{
    unsigned total = total_width(layout);
    return total < layout->screen->width ? layout->screen->width - total : 0;
}

/* Hands what is left to the columns that were cut, wide ones first, then to titles that would need a second line. */
static void spread(struct layout *layout)
{
    static const unsigned turns[] = {DOC_COLUMN_WIDE, 0};
    for (size_t turn = 0; turn < sizeof turns / sizeof turns[0]; turn++)
        for (size_t i = 0; i < layout->count; i++) {
            struct layout_column *column = &layout->columns[i];
            unsigned spare = spare_width(layout), wanted = column->natural - column->width;
            if (column->shown && (column->column->flags & turns[turn]) == turns[turn])
                column->width += wanted < spare ? wanted : spare;
        }
    for (size_t i = 0; i < layout->count; i++) {
        struct layout_column *column = &layout->columns[i];
        unsigned title = text_width(column->column->title, strlen(column->column->title));
        if (column->shown && title > column->width && title - column->width <= spare_width(layout))
            column->width = title;
    }
}

static void lay_out(struct layout *layout)
{
    layout->columns = arena_alloc(&layout->arena, layout->count * sizeof *layout->columns);
    for (size_t i = 0; i < layout->count; i++)
        measure_column(layout, i);
    drop_columns(layout, DOC_COLUMN_OPTIONAL, 0);
    for (size_t i = layout->count; i-- > 0 && total_width(layout) > layout->screen->width;)
        layout->columns[i].bar = 0;
    drop_columns(layout, 0, DOC_COLUMN_KEY);
    squeeze(layout);
    spread(layout);
}

/* Adds text to a line, aligned in its column; `tail` is what follows inside the column (a bar). */
static void align(struct buffer *line, const struct layout_column *column, const char *text, size_t len, bool unicode)
{
    struct buffer fitted = {0};
    unsigned width = text_fit(&fitted, text, len, column->width, unicode);
    unsigned pad = column->width - width;
    buffer_fill(line, ' ', column->right ? pad : 0);
    buffer_add(line, fitted.data, fitted.len);
    buffer_fill(line, ' ', column->right ? 0 : pad);
    buffer_release(&fitted);
}

static void end_line(const struct layout *layout, enum text_look look, struct buffer *line)
{
    while (line->len && line->data[line->len - 1] == ' ')
        line->len--;
    text_put(layout->screen, look, line->data, line->len);
    putc('\n', layout->screen->out);
    line->len = 0;
}

/* The words of a title that stand in its line `wanted`, counted from the last line upwards (0 is the lowest). */
static size_t title_line(const char *title, unsigned width, unsigned wanted, const char **words)
{
    const char *lines[8] = {title};
    size_t lens[8] = {0};
    unsigned count = 0;
    while (*title && count < 8) {
        size_t len = strcspn(title, " ");
        size_t next;
        while (title[len] && (next = len + 1 + strcspn(title + len + 1, " ")) && text_width(title, next) <= width)
            len = next;
        lines[count] = title;
        lens[count++] = len;
        title += len;
        title += strspn(title, " ");
    }
    if (wanted >= count)
        return 0;
    *words = lines[count - 1 - wanted];
    return lens[count - 1 - wanted];
}

static void put_header(const struct layout *layout)
{
    unsigned height = 1;
    const char *words = "";
    for (size_t i = 0; i < layout->count; i++)
        while (layout->columns[i].shown &&
               title_line(layout->columns[i].column->title, layout->columns[i].width, height, &words))
            height++;
    struct buffer line = {0};
    while (height-- > 0) {
        buffer_fill(&line, ' ', INDENT);
        for (size_t i = 0, shown = 0; i < layout->count; i++) {
            const struct layout_column *column = &layout->columns[i];
            if (!column->shown)
                continue;
            buffer_fill(&line, ' ', shown++ ? GAP : 0);
            size_t len = title_line(column->column->title, column->width, height, &words);
            align(&line, column, words, len, layout->screen->unicode);
            buffer_fill(&line, ' ', column->bar);
        }
        end_line(layout, LOOK_HEAD, &line);
    }
    buffer_release(&line);
}

/* Bytes of the words that fit into a width, one at least. */
static size_t words_that_fit(const char *text, size_t len, unsigned width)
{
    size_t fit = 0;
    for (size_t at = 0; at < len; at++) {
        while (at < len && text[at] != ' ')
            at++;
        if (fit && text_width(text, at) > width)
            break;
        fit = at;
    }
    return fit;
}

/* What of a cell stands in its line number `number`; false: nothing, and no more below. */
static bool line_of_cell(const struct layout_column *column, const struct buffer *cell, unsigned number,
                         const char **text, size_t *len)
{
    *text = cell->data;
    *len = cell->len;
    if (!(column->column->flags & DOC_COLUMN_WRAP))
        return number == 0;
    for (;; number--) {
        size_t fit = words_that_fit(*text, *len, column->width);
        if (number == 0) {
            bool is_there = *len > 0;
            *len = fit;
            return is_there;
        }
        fit += fit < *len;
        *text += fit;
        *len -= fit;
        if (*len == 0)
            return false;
    }
}

static bool put_line_of_row(const struct layout *layout, const struct doc_row *row, unsigned number,
                            struct buffer *line, struct buffer *cell)
{
    bool unicode = layout->screen->unicode, has_text = false;
    buffer_fill(line, ' ', INDENT);
    for (size_t i = 0, shown = 0; i < layout->count; i++) {
        const struct layout_column *column = &layout->columns[i];
        const char *text;
        size_t len;
        if (!column->shown)
            continue;
        buffer_fill(line, ' ', shown++ ? GAP : 0);
        cell->len = 0;
        text_value(cell, &row->cells[i], unicode);
        bool is_there = line_of_cell(column, cell, number, &text, &len);
        has_text |= is_there;
        align(line, column, text, is_there ? len : 0, unicode);
        if (column->bar && number == 0) {
            buffer_fill(line, ' ', 1);
            text_bar(line, value_number(&row->cells[i]) / column->largest, column->bar - 1, unicode);
        }
    }
    if (has_text || number == 0)
        end_line(layout, LOOK_PLAIN, line);
    line->len = 0;
    return has_text;
}

static void put_row(const struct layout *layout, const struct doc_row *row, struct buffer *line, struct buffer *cell)
{
    for (unsigned number = 0; put_line_of_row(layout, row, number, line, cell);)
        number++;
}

static void put_row_count(struct buffer *line, size_t rows, bool are_more)
{
    buffer_printf(line, "%zu %srow%s", rows, are_more ? "more " : "", rows == 1 ? "" : "s");
}

static void put_omissions(const struct layout *layout)
{
    size_t hidden = 0;
    for (size_t i = 0; i < layout->count && layout->columns; i++)
        hidden += !layout->columns[i].shown && !layout->columns[i].is_empty &&
                  !(layout->columns[i].column->flags & DOC_COLUMN_OPTIONAL);
    if (layout->table->row_count == 0)
        text_puts(layout->screen, LOOK_HEAD, "  none\n");
    struct buffer line = {0};
    if (layout->rows < layout->table->row_count)
        put_row_count(&line, layout->table->row_count - layout->rows, layout->rows != 0);
    if (hidden)
        buffer_printf(&line, "%s%zu more column%s", line.len ? ", " : "", hidden, hidden > 1 ? "s" : "");
    if (line.len) {
        buffer_puts(&line, " in HTML, JSON and CSV");
        text_spaces(layout->screen, INDENT);
        text_paragraph(layout->screen, LOOK_HEAD, INDENT, line.data, line.len);
    }
    buffer_release(&line);
}

/* Maps are made to be drawn; a terminal gets the first rows of one. */
static size_t rows_shown(const struct doc_table *table)
{
    bool is_map = table->chart == DOC_CHART_HEATMAP || table->chart == DOC_CHART_TREEMAP;
    size_t most = is_map && table->print_at_most > MAP_ROWS_SHOWN ? MAP_ROWS_SHOWN : table->print_at_most;
    return table->row_count > most ? most : table->row_count;
}

static void put_table(const struct screen *screen, const struct doc_table *table)
{
    struct layout layout = {.screen = screen, .table = table, .count = table->column_count, .rows = rows_shown(table)};
    struct buffer line = {0}, cell = {0};
    if (layout.rows) {
        lay_out(&layout);
        put_header(&layout);
    }
    size_t left = layout.rows;
    for (const struct doc_row *row = table->rows; row && left; row = row->next, left--)
        put_row(&layout, row, &line, &cell);
    put_omissions(&layout);
    buffer_release(&line);
    buffer_release(&cell);
    arena_release(&layout.arena);
}

void text_table(const struct screen *screen, const struct doc_table *table)
{
    struct document *scratch = document_new("", 0);
    const struct doc_table *matrix = matrix_of(table, scratch);
    put_table(screen, matrix ? matrix : table);
    document_free(scratch);
}
