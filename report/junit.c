/* JUnit XML, as test reports of CI systems read it: the rules of a document are its test cases. */
#include <string.h>

#include "renderers.h"
#include "verdicts.h"

/* In attributes and in text alike. The texts are printable already: nothing that XML 1.0 excludes is in them. */
static void put_xml(FILE *out, const char *text, size_t len)
{
    static const char *const entities[256] = {
        ['<'] = "&lt;", ['>'] = "&gt;", ['&'] = "&amp;", ['"'] = "&quot;", ['\n'] = "&#10;", ['\t'] = "&#9;"};
    for (size_t i = 0; i < len; i++) {
        const char *entity = entities[(unsigned char)text[i]];
        if (entity)
            fputs(entity, out);
        else
            putc(text[i], out);
    }
}

static void put_attribute(FILE *out, const char *name, const char *text)
{
    fprintf(out, " %s=\"", name);
    put_xml(out, text, strlen(text));
    putc('"', out);
}

static void put_counts(FILE *out, const struct verdicts *verdicts)
{
    const unsigned *count = verdicts->count;
    fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\" time=\"0\"",
            count[VERDICT_PASSED] + count[VERDICT_FAILED] + count[VERDICT_SKIPPED], count[VERDICT_FAILED],
            count[VERDICT_SKIPPED]);
}

static void put_keys(FILE *out, const struct verdicts *verdicts, const struct verdict *verdict)
{
    struct buffer key = {0};
    const struct doc_row *row = NULL;
    while ((row = verdict_next_key(verdicts, verdict, row, &key)) != NULL) {
        put_xml(out, key.data, key.len);
        putc('\n', out);
        key.len = 0;
    }
    buffer_release(&key);
}

static void put_case(FILE *out, const struct verdicts *verdicts, const struct verdict *verdict)
{
    fputs("    <testcase", out);
    put_attribute(out, "classname", *verdict->pattern ? verdict->pattern : "all keys");
    put_attribute(out, "name", verdict->rule);
    if (*verdicts->policy && verdict->line) {
        put_attribute(out, "file", verdicts->policy);
        fprintf(out, " line=\"%u\"", verdict->line);
    }
    fputs(" time=\"0\"", out);
    if (verdict->status == VERDICT_PASSED) {
        fputs("/>\n", out);
        return;
    }
    const char *element = verdict->status == VERDICT_FAILED ? "failure" : "skipped";
    fprintf(out, ">\n      <%s", element);
    put_attribute(out, "message", verdict->message);
    if (verdict->status == VERDICT_FAILED) {
        put_attribute(out, "type", verdict->rule);
        putc('>', out);
        put_keys(out, verdicts, verdict);
        fprintf(out, "</%s>", element);
    } else {
        fputs("/>", out);
    }
    fputs("\n    </testcase>\n", out);
}

bool render_junit(const struct document *document, const struct render_options *options, FILE *out)
{
    struct verdicts verdicts;
    (void)options;
    if (!verdicts_find(&verdicts, document))
        return false;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", out);
    put_attribute(out, "name", "rdbmeter");
    put_counts(out, &verdicts);
    fputs(">\n  <testsuite", out);
    put_attribute(out, "name", verdicts.subject);
    put_counts(out, &verdicts);
    fputs(">\n", out);
    for (const struct doc_row *row = verdicts.rules->rows; row; row = row->next) {
        struct verdict verdict;
        verdict_read(&verdict, &verdicts, row);
        put_case(out, &verdicts, &verdict);
        verdict_release(&verdict);
    }
    fputs("  </testsuite>\n</testsuites>\n", out);
    verdicts_release(&verdicts);
    return fflush(out) == 0 && !ferror(out);
}
