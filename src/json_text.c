#include "json_text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"

/* ---- comments ------------------------------------------------------------------------------------------------------
 */

/* The end of a string literal whose quote is at `at`. */
static size_t skip_string(const char *text, size_t len, size_t at)
{
    for (at++; at < len && text[at] != '"'; at++)
        at += text[at] == '\\';
    return at < len ? at + 1 : len;
}

/* The end of a comment at `at`; `at` itself when none begins there. */
static size_t skip_comment(const char *text, size_t len, size_t at)
{
    const char *rest = text + at;
    size_t left = len - at;
    if (left >= 2 && rest[0] == '/' && rest[1] == '/') {
        const char *end = memchr(rest, '\n', left);
        return end != NULL ? (size_t)(end - text) : len;
    }
    if (left >= 2 && rest[0] == '/' && rest[1] == '*') {
        for (size_t i = at + 2; i + 1 < len; i++)
            if (text[i] == '*' && text[i + 1] == '/')
                return i + 2;
    }
    return at;
}

/* Lines stay where they are. */
static void blank_comments(char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t end = text[at] == '"' ? at : skip_comment(text, len, at);
        if (end == at) {
            at = text[at] == '"' ? skip_string(text, len, at) : at + 1;
            continue;
        }
        for (; at < end; at++)
            text[at] = text[at] == '\n' ? '\n' : ' ';
    }
}

/* ---- reading -------------------------------------------------------------------------------------------------------
 */

static unsigned line_at(const char *text, size_t offset)
{
    unsigned line = 1;
    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}

bool json_text_parse(struct json_text *json, const char *text, size_t len, char *message, size_t size)
{
    const char *end = NULL;
    json->text = xmalloc(len + 1);
    memcpy(json->text, text, len);
    json->text[len] = '\0';
    blank_comments(json->text, len);
    json->root = memchr(text, '\0', len) == NULL ? cJSON_ParseWithLengthOpts(json->text, len + 1, &end, true) : NULL;
    if (json->root != NULL)
        return true;
    size_t offset = end != NULL ? (size_t)(end - json->text) : 0;
    snprintf(message, size, "line %u: this is not JSON", line_at(json->text, offset < len ? offset : len));
    json_text_release(json);
    return false;
}

void json_text_release(struct json_text *json)
{
    cJSON_Delete(json->root);
    free(json->text);
    *json = (struct json_text){NULL, NULL};
}

/* ---- lines ---------------------------------------------------------------------------------------------------------
 */

/* The number of values in front of `wanted`, counted on in *ordinal; false while it has not been met. cJSON has bounded
 * the depth. */
static bool find_ordinal(const cJSON *value, const cJSON *wanted, size_t *ordinal)
{
    for (; value != NULL; value = value->next) {
        if (value == wanted)
            return true;
        ++*ordinal;
        if (find_ordinal(value->child, wanted, ordinal))
            return true;
    }
    return false;
}

static bool is_name(const char *text, size_t len, size_t behind)
{
    while (behind < len && (uint8_t)text[behind] <= ' ')
        behind++;
    return behind < len && text[behind] == ':';
}

/* cJSON keeps no positions, but the text is known to be JSON: what begins with a quote, a bracket, a digit or a letter
 * is a value, unless it is the name of a member. */
size_t json_text_offset(const struct json_text *json, size_t ordinal)
{
    const char *text = json->text;
    size_t len = strlen(text);
    for (size_t at = strncmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; at < len;) {
        size_t start = at;
        if ((uint8_t)text[at] <= ' ' || strchr(",:]}", text[at]) != NULL) {
            at++;
            continue;
        }
        if (text[at] == '"')
            at = skip_string(text, len, at);
        else if (text[at] == '{' || text[at] == '[')
            at++;
        else
            at += strcspn(text + at, ",:]} \t\r\n");
        if (text[start] == '"' && is_name(text, len, at))
            continue;
        if (ordinal-- == 0)
            return start;
    }
    return len;
}

unsigned json_text_line(const struct json_text *json, const cJSON *value)
{
    size_t ordinal = 0;
    (void)find_ordinal(json->root, value, &ordinal);
    return line_at(json->text, json_text_offset(json, ordinal));
}
