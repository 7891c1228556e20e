/* GitLab's code quality report (docs.gitlab.com, "Code Quality report format"): an array of issues, one for each key
 * that breaks a rule, or for the rule where no key does. The fingerprint tells GitLab whether it is a new one. */
#include <inttypes.h>
#include <string.h>

#include "renderers.h"
#include "verdicts.h"

/* FNV-1a, 64 bit. */
static uint64_t add_hash(uint64_t hash, const char *text, size_t len)
{
    for (size_t i = 0; i <= len; i++)
        hash = (hash ^ (i < len ? (uint8_t)text[i] : 0)) * UINT64_C(0x100000001B3);
    return hash;
}

static void put_string(FILE *out, const char *name, const char *text, size_t len)
{
    fprintf(out, "    \"%s\": ", name);
    json_string(out, (const uint8_t *)text, len, NULL);
    fputs(",\n", out);
}

static void put_issue(FILE *out, const struct verdicts *verdicts, const struct verdict *verdict,
                      const struct buffer *key)
{
    struct buffer words = {0};
    uint64_t hash = add_hash(UINT64_C(0xCBF29CE484222325), verdict->rule, strlen(verdict->rule));
    hash = add_hash(hash, verdict->pattern, strlen(verdict->pattern));
    hash = add_hash(hash, key->len ? key->data : "", key->len);
    bool in_policy = *verdicts->policy && verdict->line;
    const char *path = in_policy ? verdicts->policy : verdicts->subject;
    buffer_printf(&words, "%s%s%s: %s", verdict->rule, *verdict->pattern ? " of " : "", verdict->pattern,
                  verdict->message);
    if (key->len) {
        buffer_puts(&words, ": ");
        buffer_add(&words, key->data, key->len);
    }
    fputs("  {\n", out);
    put_string(out, "description", words.data, words.len);
    put_string(out, "check_name", verdict->rule, strlen(verdict->rule));
    fprintf(
        out,
        "    \"fingerprint\": \"%016" PRIx64 "\",\n    \"severity\": \"major\",\n    \"location\": {\"path\": ", hash);
    json_string(out, (const uint8_t *)path, strlen(path), NULL);
    fprintf(out, ", \"lines\": {\"begin\": %u}}\n  }", in_policy ? verdict->line : 1);
    buffer_release(&words);
}

/* Returns whether it wrote anything; `first`: nothing has been. */
static bool put_issues(FILE *out, const struct verdicts *verdicts, const struct verdict *verdict, bool first)
{
    struct buffer key = {0};
    const struct doc_row *row = verdict_next_key(verdicts, verdict, NULL, &key);
    do {
        fputs(first ? "\n" : ",\n", out);
        first = false;
        put_issue(out, verdicts, verdict, &key);
        key.len = 0;
        if (row)
            row = verdict_next_key(verdicts, verdict, row, &key);
    } while (row);
    buffer_release(&key);
    return true;
}

bool render_gitlab(const struct document *document, const struct render_options *options, FILE *out)
{
    struct verdicts verdicts;
    bool any = false;
    (void)options;
    if (!verdicts_find(&verdicts, document))
        return false;
    putc('[', out);
    for (const struct doc_row *row = verdicts.rules->rows; row; row = row->next) {
        struct verdict verdict;
        verdict_read(&verdict, &verdicts, row);
        if (verdict.status == VERDICT_FAILED)
            any |= put_issues(out, &verdicts, &verdict, !any);
        verdict_release(&verdict);
    }
    fputs(any ? "\n]\n" : "]\n", out);
    verdicts_release(&verdicts);
    return fflush(out) == 0 && !ferror(out);
}
