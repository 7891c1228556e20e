/* Annotations of GitHub Actions: workflow commands, one a broken rule (docs.github.com, "Workflow commands for GitHub
 * Actions"). A step shows ten errors; the worst come first as the document has them. */
#include <string.h>

#include "renderers.h"
#include "verdicts.h"

/* The runner undoes %25, %0D and %0A; in properties %3A and %2C as well (actions/toolkit command.ts). */
static void put_command(FILE *out, const char *text, size_t len, bool is_property)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '%' || c == '\r' || c == '\n' || (is_property && (c == ':' || c == ',')))
            fprintf(out, "%%%02X", c);
        else
            putc(c, out);
    }
}

static void put_property(FILE *out, const char *name, const char *text, bool first)
{
    fprintf(out, "%s%s=", first ? " " : ",", name);
    put_command(out, text, strlen(text), true);
}

static void put_keys(FILE *out, const struct verdicts *verdicts, const struct verdict *verdict)
{
    enum { KEYS_SHOWN = 10 };
    struct buffer key = {0};
    const struct doc_row *row = NULL;
    for (unsigned i = 0; i < KEYS_SHOWN; i++) {
        key.len = 0;
        row = verdict_next_key(verdicts, verdict, row, &key);
        if (!row)
            break;
        fputs("%0A", out);
        put_command(out, key.data, key.len, false);
    }
    buffer_release(&key);
}

static void put_error(FILE *out, const struct verdicts *verdicts, const struct verdict *verdict)
{
    struct buffer title = {0};
    buffer_printf(&title, "%s%s%s", verdict->rule, *verdict->pattern ? " of " : "", verdict->pattern);
    buffer_add(&title, "", 1);
    fputs("::error", out);
    put_property(out, "title", title.data, true);
    if (*verdicts->policy && verdict->line) {
        char line[16];
        snprintf(line, sizeof line, "%u", verdict->line);
        put_property(out, "file", verdicts->policy, false);
        put_property(out, "line", line, false);
    }
    fputs("::", out);
    put_command(out, verdict->message, strlen(verdict->message), false);
    put_keys(out, verdicts, verdict);
    putc('\n', out);
    buffer_release(&title);
}

bool render_github(const struct document *document, const struct render_options *options, FILE *out)
{
    struct verdicts verdicts;
    (void)options;
    if (!verdicts_find(&verdicts, document))
        return false;
    for (const struct doc_row *row = verdicts.rules->rows; row; row = row->next) {
        struct verdict verdict;
        verdict_read(&verdict, &verdicts, row);
        if (verdict.status == VERDICT_FAILED)
            put_error(out, &verdicts, &verdict);
        verdict_release(&verdict);
    }
    fputs("::notice title=rdbmeter::", out);
    put_command(out, verdicts.subject, strlen(verdicts.subject), false);
    fprintf(out, "; rules broken: %u, kept: %u, skipped: %u\n", verdicts.count[VERDICT_FAILED],
            verdicts.count[VERDICT_PASSED], verdicts.count[VERDICT_SKIPPED]);
    verdicts_release(&verdicts);
    return fflush(out) == 0 && !ferror(out);
}
