/* GitHub-flavoured Markdown for a pull request or the summary page of a CI job: what to change is open, the sections
 * are folded. Such a page takes 1 MB; what would go past it is cut and said. */
#include <string.h>

#include "bounded.h"
#include "matrix.h"
#include "printable.h"
#include "renderers.h"
#include "values.h"

enum { SUMMARY_LIMIT = 1000 * 1000, ROWS_MOST = 500 };
static const struct printable shown = {.name_most = 120, .text_most = 2000};

/* Text between other Markdown. An entity is text wherever it stands, so nothing is left that could begin emphasis,
 * code, a link, a mention, an issue number, a formula or a cell of a table. */
static void put_literal(struct buffer *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] && strchr("\\`*_[]<>&|#@~$", text[i]))
            buffer_printf(out, "&#%d;", text[i]);
        else
            buffer_add(out, text + i, 1);
    }
}

/* A code span, in which everything is literal; a text that would end it (or the cell around it), or that it would
 * strip, is an HTML element of entities instead. */
static void put_code(struct buffer *out, const char *text, size_t len)
{
    bool is_span = len && !memchr(text, '`', len) && !memchr(text, '|', len) && *text != ' ' && text[len - 1] != ' ';
    buffer_puts(out, is_span ? "`" : "<code>");
    if (is_span)
        buffer_add(out, text, len);
    for (size_t i = 0; i < len && !is_span; i++) {
        bool is_word =
            (text[i] & 0x80) || (text[i] >= '0' && text[i] <= '9') || ((text[i] | 32) >= 'a' && (text[i] | 32) <= 'z');
        if (is_word)
            buffer_add(out, text + i, 1);
        else
            buffer_printf(out, "&#%d;", text[i]);
    }
    buffer_puts(out, is_span ? "`" : "</code>");
}

static void put_words(struct buffer *out, const char *words)
{
    struct doc_value value = doc_text(words);
    struct buffer text = {0};
    printable_add(&text, &value, &shown);
    put_literal(out, text.data, text.len);
    buffer_release(&text);
}

static void put_value(struct buffer *out, const struct doc_value *value)
{
    struct buffer text = {0};
    printable_value(&text, value, &shown);
    if (value->kind == DOC_NAME || value->kind == DOC_CODE)
        put_code(out, text.data, text.len);
    else
        put_literal(out, text.data, text.len);
    buffer_release(&text);
}

static void put_head(struct bounded *out, const struct document *document)
{
    buffer_puts(&out->text, "## ");
    put_words(&out->text, document->generator);
    buffer_puts(&out->text, " memory report\n\n");
    if (document->partial_reason) {
        buffer_puts(&out->text, "> [!CAUTION]\n> **Partial report.** ");
        put_words(&out->text, document->partial_reason);
        buffer_puts(&out->text, ". Everything below covers only what was read before that.\n\n");
    }
}

static void put_headlines(struct bounded *out, const struct document *document)
{
    struct buffer *text = &out->text;
    unsigned count = 0;
    for (const struct doc_section *section = document->sections; section; section = section->next)
        for (const struct doc_fact *fact = section->facts; fact; fact = fact->next) {
            if (!fact->headline)
                continue;
            size_t start = text->len;
            buffer_puts(text, count++ ? " · " : "");
            put_words(text, fact->title);
            buffer_puts(text, " **");
            put_value(text, &fact->value);
            buffer_puts(text, "**");
            bounded_keep(out, start);
        }
    buffer_puts(text, count ? "\n\n" : "");
}

/* The longest run of backticks in the text decides the fence, as CommonMark wants it. */
static void put_fenced(struct buffer *out, const char *text)
{
    size_t longest = 2;
    for (const char *at = strchr(text, '`'); at; at = strchr(at, '`')) {
        size_t run = strspn(at, "`");
        longest = run > longest ? run : longest;
        at += run;
    }
    buffer_puts(out, "\n   ");
    buffer_fill(out, '`', longest + 1);
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n");
        struct doc_value value = {.kind = DOC_CODE, .text = {(const uint8_t *)line, len, len}};
        buffer_puts(out, "\n   ");
        printable_add(out, &value, &shown);
        line += len + (line[len] == '\n');
    }
    buffer_puts(out, "\n   ");
    buffer_fill(out, '`', longest + 1);
    buffer_puts(out, "\n");
}

static void put_action(struct bounded *out, const struct doc_action *action)
{
    struct buffer *text = &out->text;
    struct doc_value saves = doc_bytes(action->saves_bytes);
    size_t start = text->len;
    buffer_puts(text, "1. **");
    put_words(text, action->title);
    buffer_puts(text, "**");
    if (action->saves_bytes) {
        buffer_puts(text, ", saves **");
        put_value(text, &saves);
        buffer_puts(text, "**");
    }
    buffer_puts(text, *action->why ? "  \n   " : "");
    put_words(text, action->why);
    buffer_puts(text, "\n");
    if (action->paste)
        put_fenced(text, action->paste);
    if (action->commands)
        put_fenced(text, action->commands);
    bounded_keep(out, start);
}

static void put_actions(struct bounded *out, const struct document *document)
{
    if (!document->actions)
        return;
    buffer_puts(&out->text, "### What to change\n\n");
    for (const struct doc_action *action = document->actions; action; action = action->next)
        put_action(out, action);
    buffer_puts(&out->text, "\n");
}

static void put_facts(struct bounded *out, const struct doc_section *section)
{
    if (!section->facts)
        return;
    buffer_puts(&out->text, "| | |\n|---|---|\n");
    for (const struct doc_fact *fact = section->facts; fact; fact = fact->next) {
        size_t start = out->text.len;
        buffer_puts(&out->text, "| ");
        put_words(&out->text, fact->title);
        buffer_puts(&out->text, " | ");
        put_value(&out->text, &fact->value);
        buffer_puts(&out->text, " |\n");
        bounded_keep(out, start);
    }
    buffer_puts(&out->text, "\n");
}

static void put_row(struct buffer *out, const struct doc_table *table, const struct doc_row *row)
{
    buffer_puts(out, "|");
    for (size_t i = 0; i < table->column_count; i++) {
        buffer_puts(out, " ");
        put_value(out, &row->cells[i]);
        buffer_puts(out, " |");
    }
    buffer_puts(out, "\n");
}

static void put_heading(struct buffer *out, const struct doc_table *table)
{
    buffer_puts(out, "|");
    for (size_t i = 0; i < table->column_count; i++) {
        buffer_puts(out, " ");
        put_words(out, table->columns[i].title);
        buffer_puts(out, " |");
    }
    buffer_puts(out, "\n|");
    for (size_t i = 0; i < table->column_count; i++)
        buffer_puts(out, value_kind(table->columns[i].kind)->is_number ? "--:|" : "---|");
    buffer_puts(out, "\n");
}

static void put_rows(struct bounded *out, const struct doc_section *section, const struct doc_table *table)
{
    struct buffer *text = &out->text;
    size_t start = text->len, count = 0;
    size_t most = table->print_at_most < out->rows_most ? table->print_at_most : out->rows_most;
    if (*table->title && strcmp(table->title, section->title) != 0) {
        buffer_puts(text, "**");
        put_words(text, table->title);
        buffer_puts(text, "**\n\n");
    }
    if (table->row_count == 0)
        buffer_puts(text, "none\n");
    else if (most > 0)
        put_heading(text, table);
    if (!bounded_keep(out, start))
        return;
    for (const struct doc_row *row = table->rows; row && count < most; row = row->next, count++) {
        size_t row_start = text->len;
        put_row(text, table, row);
        if (!bounded_keep(out, row_start))
            break;
    }
    char some[VALUE_MAX], all[VALUE_MAX];
    print_grouped(some, count);
    print_grouped(all, table->row_count);
    if (count && count < table->row_count)
        buffer_printf(text, "\nThe first %s of %s rows; JSON and CSV have all of them.\n", some, all);
    else if (count < table->row_count)
        buffer_printf(text, "%s rows in JSON and CSV.\n", all);
    buffer_puts(text, "\n");
}

static void put_table(struct bounded *out, const struct doc_section *section, const struct doc_table *table)
{
    struct document *scratch = document_new("", 0);
    const struct doc_table *matrix = matrix_of(table, scratch);
    put_rows(out, section, matrix ? matrix : table);
    document_free(scratch);
}

static void put_notes(struct bounded *out, const struct doc_section *section)
{
    for (const struct doc_note *note = section->notes; note; note = note->next) {
        size_t start = out->text.len;
        const char *mark = severity_words(note->severity)->mark;
        buffer_puts(&out->text, "- ");
        if (*mark)
            buffer_printf(&out->text, "**%s** ", mark);
        put_words(&out->text, note->text);
        buffer_puts(&out->text, "\n");
        bounded_keep(out, start);
    }
    buffer_puts(&out->text, section->notes ? "\n" : "");
}

static void put_section(struct bounded *out, const struct doc_section *section)
{
    size_t start = out->text.len;
    buffer_puts(&out->text, "<details>\n<summary><b>");
    put_words(&out->text, section->title);
    buffer_puts(&out->text, "</b></summary>\n\n");
    if (!bounded_keep(out, start))
        return;
    put_notes(out, section);
    put_facts(out, section);
    for (const struct doc_table *table = section->tables; table; table = table->next)
        put_table(out, section, table);
    buffer_puts(&out->text, "</details>\n\n");
}

static void put_page(struct bounded *out, const struct document *document)
{
    put_head(out, document);
    put_headlines(out, document);
    put_actions(out, document);
    for (const struct doc_section *section = document->sections; section; section = section->next)
        put_section(out, section);
    if (out->cut)
        buffer_puts(&out->text, "Some of the report is left out to keep this page small.\n\n");
    buffer_puts(&out->text, VALUES_UNIT_NOTE "\n");
}

bool render_markdown(const struct document *document, const struct render_options *options, FILE *out)
{
    (void)options;
    struct bounded page = {0};
    bounded_fill(&page, SUMMARY_LIMIT, ROWS_MOST, document, put_page);
    fwrite(page.text.data, 1, page.text.len, out);
    buffer_release(&page.text);
    return fflush(out) == 0 && !ferror(out);
}
