/* One page that needs nothing else: everything is in it, the script adds charts, sorting and searching to tables that
 * are complete without it. */
#include <string.h>

#include "assets.h"
#include "html_parts.h"
#include "renderers.h"
#include "values.h"

enum { PAGE_LIMIT = 1950 * 1000, ROWS_MOST = 5000, CARDS_WITHOUT_HEADLINES = 6 };

/* The policy allows the one script by its hash and no address at all, so even a mistake in escaping could neither run
 * nor report anything. Charts set styles. */
static void put_head(struct buffer *out, const struct document *document)
{
    buffer_puts(out, "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
                     "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; script-src ");
    buffer_add(out, asset_policy.bytes, asset_policy.len);
    buffer_puts(out, "; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
                     "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
                     "<meta name=referrer content=no-referrer>\n<link rel=icon href=\"data:,\">\n<title>");
    html_text(out, document->generator);
    buffer_puts(out, " memory report</title>\n<style>");
    buffer_add(out, asset_style.bytes, asset_style.len);
    buffer_puts(out, "</style>\n</head>\n");
}

static void put_nav(struct bounded *out, const struct document *document)
{
    buffer_puts(&out->text, "<nav aria-label=Sections><div>");
    if (document->actions)
        buffer_puts(&out->text, "<a href=\"#what-to-change\">What to change</a>");
    for (const struct doc_section *section = document->sections; section; section = section->next) {
        size_t start = out->text.len;
        buffer_printf(&out->text, "<a href=\"#s-%s\">", section->id);
        html_text(&out->text, section->title);
        buffer_puts(&out->text, "</a>");
        bounded_keep(out, start);
    }
    buffer_puts(&out->text, "</div></nav>\n");
}

static void put_top(struct bounded *out, const struct document *document)
{
    struct buffer *text = &out->text;
    buffer_puts(text, "<body>\n<header class=top><div><h1>");
    html_text(text, document->generator);
    buffer_puts(text, " memory report</h1><p class=sub>" VALUES_UNIT_NOTE
                      ". Exact numbers: the JSON and CSV of the same run.</p></div>"
                      "<button id=theme type=button hidden>Theme</button></header>\n");
    if (document->partial_reason) {
        buffer_puts(text, "<p class=partial role=alert><strong>Partial report.</strong> ");
        html_text(text, document->partial_reason);
        buffer_puts(text, ". Everything below covers only what was read before that.</p>\n");
    }
}

static bool put_card(struct bounded *out, const struct doc_fact *fact)
{
    size_t start = out->text.len;
    char plain[VALUE_MAX] = "";
    value_kind(fact->value.kind)->plain(plain, &fact->value);
    buffer_printf(&out->text, "<div class=card title=\"%s\"><b%s>", plain,
                  value_kind(fact->value.kind)->is_number && fact->value.kind != DOC_TIME ? "" : " class=t");
    html_value(&out->text, &fact->value);
    buffer_puts(&out->text, "</b><span>");
    html_text(&out->text, fact->title);
    buffer_puts(&out->text, "</span></div>\n");
    return bounded_keep(out, start);
}

/* The headlines; a document without any shows its first numbers. */
static void put_cards(struct bounded *out, const struct document *document)
{
    unsigned headlines = 0, cards = 0;
    for (const struct doc_section *section = document->sections; section; section = section->next)
        for (const struct doc_fact *fact = section->facts; fact; fact = fact->next)
            headlines += fact->headline;
    buffer_puts(&out->text, "<section class=cards aria-label=Overview>\n");
    for (const struct doc_section *section = document->sections; section; section = section->next)
        for (const struct doc_fact *fact = section->facts; fact; fact = fact->next) {
            bool first = !headlines && cards < CARDS_WITHOUT_HEADLINES && value_kind(fact->value.kind)->is_number;
            if (fact->headline || first)
                cards += put_card(out, fact);
        }
    buffer_puts(&out->text, "</section>\n");
}

static void put_paste(struct buffer *text, const char *lines)
{
    if (lines == NULL)
        return;
    buffer_puts(text, "<div class=paste><code>");
    html_text(text, lines);
    buffer_puts(text, "</code></div>");
}

static void put_action(struct bounded *out, const struct doc_action *action)
{
    struct buffer *text = &out->text;
    size_t start = text->len;
    struct doc_value saves = doc_bytes(action->saves_bytes);
    buffer_puts(text, "<li><h3>");
    html_text(text, action->title);
    buffer_puts(text, "</h3><span class=saves>");
    if (action->saves_bytes) {
        buffer_puts(text, "saves ");
        html_value(text, &saves);
    }
    buffer_puts(text, "</span><p>");
    html_text(text, action->why);
    buffer_puts(text, "</p>");
    put_paste(text, action->paste);
    put_paste(text, action->commands);
    buffer_puts(text, "</li>\n");
    bounded_keep(out, start);
}

static void put_actions(struct bounded *out, const struct document *document)
{
    if (!document->actions)
        return;
    buffer_puts(&out->text, "<section id=what-to-change><h2>What to change</h2><ol class=actions>\n");
    for (const struct doc_action *action = document->actions; action; action = action->next)
        put_action(out, action);
    buffer_puts(&out->text, "</ol></section>\n");
}

static void put_note(struct bounded *out, const struct doc_note *note)
{
    size_t start = out->text.len;
    const struct severity_words *words = severity_words(note->severity);
    buffer_printf(&out->text, "<p class=\"note %s\">%s%s", words->name, words->mark, *words->mark ? " " : "");
    html_text(&out->text, note->text);
    buffer_puts(&out->text, "</p>\n");
    bounded_keep(out, start);
}

static void put_facts(struct bounded *out, const struct doc_section *section)
{
    if (!section->facts)
        return;
    buffer_puts(&out->text, "<dl class=facts>\n");
    for (const struct doc_fact *fact = section->facts; fact; fact = fact->next) {
        size_t start = out->text.len;
        char plain[VALUE_MAX] = "";
        value_kind(fact->value.kind)->plain(plain, &fact->value);
        buffer_puts(&out->text, "<div><dt>");
        html_text(&out->text, fact->title);
        buffer_printf(&out->text, "</dt><dd%s title=\"%s\">", value_kind(fact->value.kind)->is_number ? " class=n" : "",
                      plain);
        html_value(&out->text, &fact->value);
        buffer_puts(&out->text, fact->value.kind == DOC_NONE ? "-</dd></div>\n" : "</dd></div>\n");
        bounded_keep(out, start);
    }
    buffer_puts(&out->text, "</dl>\n");
}

static void put_section(struct bounded *out, const struct doc_section *section)
{
    size_t start = out->text.len;
    buffer_printf(&out->text, "<section id=\"s-%s\"><h2>", section->id);
    html_text(&out->text, section->title);
    buffer_puts(&out->text, "</h2>\n");
    if (!bounded_keep(out, start))
        return;
    for (const struct doc_note *note = section->notes; note; note = note->next)
        put_note(out, note);
    put_facts(out, section);
    for (const struct doc_table *table = section->tables; table; table = table->next)
        html_table(out, section, table);
    buffer_puts(&out->text, "</section>\n");
}

static void put_body(struct bounded *out, const struct document *document)
{
    put_top(out, document);
    put_nav(out, document);
    buffer_puts(&out->text, "<main>\n");
    put_cards(out, document);
    put_actions(out, document);
    for (const struct doc_section *section = document->sections; section; section = section->next)
        put_section(out, section);
    if (out->cut)
        buffer_puts(&out->text, "<p class=cut>Some of the report is left out to keep this page small; JSON and CSV "
                                "have all of it.</p>\n");
    buffer_puts(&out->text, "<footer>Charts by Apache ECharts (Apache License 2.0).</footer>\n</main>\n");
}

bool render_html(const struct document *document, const struct render_options *options, FILE *out)
{
    (void)options;
    struct buffer head = {0};
    struct bounded body = {0};
    put_head(&head, document);
    bounded_fill(&body, PAGE_LIMIT - head.len - asset_script.len, ROWS_MOST, document, put_body);
    fwrite(head.data, 1, head.len, out);
    fwrite(body.text.data, 1, body.text.len, out);
    fputs("<script>", out);
    fwrite(asset_script.bytes, 1, asset_script.len, out);
    fputs("</script>\n</body>\n</html>\n", out);
    buffer_release(&head);
    buffer_release(&body.text);
    return fflush(out) == 0 && !ferror(out);
}
