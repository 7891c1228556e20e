/* The terminal report: what is wrong with it first, what to change next, then section by section. */
#include <string.h>

#include "renderers.h"
#include "text_parts.h"
#include "utf8.h"
#include "values.h"

enum { NARROWEST_SCREEN = 40, WIDEST_SCREEN = 1000, ACTIONS_SHOWN = 3, TITLE_MAX = 34 };

static const enum text_look severity_looks[] = {
    [DOC_INFO] = LOOK_PLAIN, [DOC_GOOD] = LOOK_GOOD, [DOC_WARNING] = LOOK_WARNING, [DOC_CRITICAL] = LOOK_CRITICAL};

/* Our own words, made fit for the screen as a value is. */
static void put_words(const struct screen *screen, enum text_look look, unsigned indent, const char *text)
{
    struct buffer line = {0};
    struct doc_value value = doc_text(text);
    text_value(&line, &value, screen->unicode);
    text_paragraph(screen, look, indent, line.data, line.len);
    buffer_release(&line);
}

/* "── Title ───────" */
static void put_title(const struct screen *screen, const char *title)
{
    struct buffer line = {0};
    struct doc_value value = doc_text(title);
    const char *dash = screen->unicode ? "─" : "-";
    buffer_puts(&line, dash);
    buffer_puts(&line, dash);
    buffer_puts(&line, " ");
    struct buffer words = {0};
    text_value(&words, &value, screen->unicode);
    unsigned used = 4 + text_fit(&line, words.data, words.len, screen->width - 6, screen->unicode);
    buffer_puts(&line, " ");
    while (used++ < screen->width)
        buffer_puts(&line, dash);
    buffer_puts(&line, "\n");
    putc('\n', screen->out);
    text_put(screen, LOOK_TITLE, line.data, line.len);
    buffer_release(&words);
    buffer_release(&line);
}

static void put_partial(const struct screen *screen, const char *reason)
{
    text_puts(screen, LOOK_CRITICAL, "!! PARTIAL REPORT !!");
    putc('\n', screen->out);
    struct buffer line = {0};
    buffer_printf(&line, "%s%sEverything below covers only what was read before that.", reason, *reason ? ". " : "");
    buffer_add(&line, "", 1);
    text_spaces(screen, 3);
    put_words(screen, LOOK_CRITICAL, 3, line.data);
    buffer_release(&line);
}

static void put_lines_to_paste(const struct screen *screen, unsigned indent, const char *paste)
{
    while (*paste) {
        size_t len = strcspn(paste, "\n");
        struct buffer line = {0};
        struct doc_value value = {.kind = DOC_CODE, .text = {(const uint8_t *)paste, len, len}};
        text_value(&line, &value, screen->unicode);
        text_spaces(screen, indent);
        text_paragraph(screen, LOOK_CODE, indent, line.data, line.len);
        buffer_release(&line);
        paste += len + (paste[len] == '\n');
    }
}

/* "1. Title ......... saves 12.3 MB", the saving on a line of its own when the title leaves no room. */
static void put_action(const struct screen *screen, const struct doc_action *action, unsigned number)
{
    struct buffer title = {0}, saving = {0};
    struct doc_value words = doc_text(action->title), bytes = doc_bytes(action->saves_bytes);
    buffer_printf(&title, "%2u. ", number);
    unsigned used = 1 + 4 + text_value(&title, &words, screen->unicode), saving_width = 0;
    if (action->saves_bytes) {
        buffer_puts(&saving, "saves ");
        saving_width = 6 + text_value(&saving, &bytes, screen->unicode);
    }
    bool same_line = used + 2 + saving_width <= screen->width;
    text_spaces(screen, 1);
    if (same_line && saving_width) {
        text_put(screen, LOOK_TITLE, title.data, title.len);
        text_spaces(screen, screen->width - used - saving_width);
    } else {
        text_paragraph(screen, LOOK_TITLE, 5, title.data, title.len);
        text_spaces(screen, saving_width ? 5 : 0);
    }
    if (saving_width) {
        text_put(screen, LOOK_GOOD, saving.data, saving.len);
        putc('\n', screen->out);
    }
    if (*action->why) {
        text_spaces(screen, 5);
        put_words(screen, LOOK_PLAIN, 5, action->why);
    }
    if (action->paste)
        put_lines_to_paste(screen, 7, action->paste);
    if (action->commands)
        put_lines_to_paste(screen, 7, action->commands);
    buffer_release(&title);
    buffer_release(&saving);
}

static void put_actions(const struct screen *screen, const struct document *document)
{
    if (!document->actions)
        return;
    put_title(screen, "What to change");
    unsigned number = 0;
    for (const struct doc_action *action = document->actions; action; action = action->next)
        if (number++ < ACTIONS_SHOWN)
            put_action(screen, action, number);
    if (number > ACTIONS_SHOWN)
        fprintf(screen->out, "  %u more in HTML, Markdown and JSON\n", number - ACTIONS_SHOWN);
}

static void put_fact(const struct screen *screen, const struct doc_fact *fact, unsigned title_width)
{
    struct buffer title = {0}, line = {0};
    struct doc_value words = doc_text(fact->title);
    struct buffer full = {0};
    text_value(&full, &words, screen->unicode);
    unsigned width = text_fit(&title, full.data, full.len, title_width, screen->unicode);
    text_spaces(screen, 2);
    text_put(screen, LOOK_PLAIN, title.data, title.len);
    text_spaces(screen, title_width - width + 2);
    text_value(&line, &fact->value, screen->unicode);
    if (line.len == 0)
        buffer_puts(&line, "-");
    enum text_look look = fact->value.kind == DOC_CODE ? LOOK_CODE : LOOK_PLAIN;
    text_paragraph(screen, look, title_width + 4, line.data, line.len);
    buffer_release(&full);
    buffer_release(&title);
    buffer_release(&line);
}

static void put_facts(const struct screen *screen, const struct doc_section *section)
{
    unsigned title_width = 0, most = screen->width / 2 < TITLE_MAX ? screen->width / 2 : TITLE_MAX;
    for (const struct doc_fact *fact = section->facts; fact; fact = fact->next) {
        unsigned width = text_width(fact->title, strlen(fact->title));
        title_width = width > title_width ? width : title_width;
    }
    title_width = title_width < most ? title_width : most;
    for (const struct doc_fact *fact = section->facts; fact; fact = fact->next)
        put_fact(screen, fact, title_width);
}

static void put_notes(const struct screen *screen, const struct doc_section *section)
{
    for (const struct doc_note *note = section->notes; note; note = note->next) {
        struct buffer line = {0};
        const char *mark = severity_words(note->severity)->mark;
        buffer_printf(&line, "%s%s", mark, *mark ? " " : "");
        buffer_add(&line, note->text, strlen(note->text) + 1);
        text_spaces(screen, 2);
        put_words(screen, severity_looks[note->severity], 2, line.data);
        buffer_release(&line);
    }
}

static void put_section(const struct screen *screen, const struct doc_section *section)
{
    put_title(screen, section->title);
    put_facts(screen, section);
    put_notes(screen, section);
    bool parted = !section->facts && !section->notes;
    for (const struct doc_table *table = section->tables; table; table = table->next) {
        if (!parted)
            putc('\n', screen->out);
        parted = false;
        if (*table->title && strcmp(table->title, section->title) != 0) {
            text_spaces(screen, 2);
            put_words(screen, LOOK_TITLE, 2, table->title);
        }
        text_table(screen, table);
    }
}

/* "rdbmeter 1.0            1 KB = 1024 bytes, ..." */
static void put_head(const struct screen *screen, const struct document *document)
{
    unsigned used = text_width(document->generator, strlen(document->generator));
    unsigned note = (unsigned)strlen(VALUES_UNIT_NOTE);
    text_puts(screen, LOOK_TITLE, document->generator);
    if (used + 2 + note <= screen->width)
        text_spaces(screen, screen->width - used - note);
    else
        putc('\n', screen->out);
    put_words(screen, LOOK_HEAD, 0, VALUES_UNIT_NOTE);
}

bool render_text(const struct document *document, const struct render_options *options, FILE *out)
{
    struct screen screen = {out, options->width ? options->width : 80, options->color, options->unicode};
    screen.width = screen.width < NARROWEST_SCREEN ? NARROWEST_SCREEN : screen.width;
    screen.width = screen.width > WIDEST_SCREEN ? WIDEST_SCREEN : screen.width;
    struct utf8_locale locale = utf8_locale_enter();
    put_head(&screen, document);
    if (document->partial_reason)
        put_partial(&screen, document->partial_reason);
    put_actions(&screen, document);
    for (const struct doc_section *section = document->sections; section; section = section->next)
        put_section(&screen, section);
    utf8_locale_leave(&locale);
    return fflush(out) == 0 && !ferror(out);
}
