/* Redis globs as PCRE2 patterns, and beside patterns of names. Declared in filter.h. */
#include <stdio.h>
#include <string.h>

#include "filter.h"

struct writer {
    char *text;
    size_t size, used;
};

static void put(struct writer *writer, const char *text)
{
    size_t len = strlen(text);
    if (writer->used < writer->size && len < writer->size - writer->used)
        memcpy(writer->text + writer->used, text, len + 1);
    writer->used += len;
}

static void put_byte(struct writer *writer, unsigned byte)
{
    char text[8];
    snprintf(text, sizeof text, "\\x%02x", byte);
    put(writer, text);
}

/* Reads the members of a class behind its "[" or "[^"; returns where the pattern goes on. A class that nobody closes
 * ends with the pattern, and a "]" after "x-" ends a range, as in the server. */
static const char *read_class(const char *at, const char *end, bool member[256])
{
    while (at < end && *at != ']') {
        if (*at == '\\' && end - at >= 2) {
            member[(uint8_t)at[1]] = true;
            at += 2;
        } else if (end - at >= 3 && at[1] == '-') {
            unsigned low = (uint8_t)at[0], high = (uint8_t)at[2];
            for (unsigned byte = low < high ? low : high; byte <= (low < high ? high : low); byte++)
                member[byte] = true;
            at += 3;
        } else {
            member[(uint8_t)*at++] = true;
        }
    }
    return at < end ? at + 1 : end;
}

/* Likewise behind its "[", with what a "^" there means. */
static const char *read_members(const char *at, const char *end, bool member[256])
{
    bool negated = at < end && *at == '^';
    at = read_class(at + negated, end, member);
    for (unsigned byte = 0; byte < 256; byte++)
        member[byte] ^= negated;
    return at;
}

static const char *put_class(struct writer *writer, const char *at, const char *end)
{
    bool member[257] = {false};
    at = read_members(at, end, member);
    bool any = false;
    for (unsigned byte = 0; byte < 256; byte++) {
        if (!member[byte])
            continue;
        put(writer, any ? "" : "[");
        any = true;
        put_byte(writer, byte);
        while (member[byte + 1])
            byte++;
        put(writer, "-");
        put_byte(writer, byte);
    }
    put(writer, any ? "]" : "(?!)");
    return at;
}

/* Whether another "*" follows, outside of classes. */
static bool has_star(const char *at, const char *end)
{
    while (at < end) {
        if (*at == '*')
            return true;
        if (*at == '[') {
            bool unused[256];
            at++;
            at = read_class(at + (at < end && *at == '^'), end, unused);
        } else {
            at += *at == '\\' && end - at >= 2 ? 2 : 1;
        }
    }
    return false;
}

/* What stands between two stars is taken where it first fits: trying a later place could not help, so each such piece
 * is atomic and a name is walked once per star. Only the last piece is searched from the end. */
size_t glob_to_regex(const char *glob, char *regex, size_t size)
{
    struct writer writer = {regex, size, 0};
    const char *at = glob, *end = glob + strlen(glob);
    bool open = false;
    if (end - at > GLOB_MAX_PATTERN)
        return 0;
    put(&writer, "\\A");
    while (at < end) {
        if (*at == '*') {
            while (at < end && *at == '*')
                at++;
            put(&writer, open ? ")" : "");
            open = has_star(at, end);
            put(&writer, open ? "(?>.*?" : ".*");
        } else if (*at == '?') {
            put(&writer, ".");
            at++;
        } else if (*at == '[') {
            at = put_class(&writer, at + 1, end);
        } else {
            at += *at == '\\' && end - at >= 2;
            put_byte(&writer, (uint8_t)*at++);
        }
    }
    put(&writer, "\\z");
    return writer.used < size ? writer.used : 0;
}

/* What one byte of a name must be to match the piece of a glob at `at`, no star; returns where the glob goes on. */
static const char *read_piece(const char *at, const char *end, bool member[256])
{
    memset(member, *at == '?', 256 * sizeof *member);
    if (*at == '[')
        return read_members(at + 1, end, member);
    if (*at != '?') {
        at += *at == '\\' && end - at >= 2;
        member[(uint8_t)*at] = true;
    }
    return at + 1;
}

static bool holds_any(const bool member[256])
{
    return memchr(member, true, 256 * sizeof *member) != NULL;
}

/* Walks the glob with all places in `names` where it may stand. With `all` a star of the names is met by a star of the
 * glob only, so that whatever it stands for matches; else by anything that it may stand for, nothing included. */
static bool can_match(const char *at, const char *end, const uint8_t *names, size_t len, bool all)
{
    bool is_at[GLOB_MAX_NAMES + 1] = {true}, member[256];
    for (size_t i = 0; !all && i < len && names[i] == '*'; i++)
        is_at[i + 1] = true;
    while (at < end) {
        bool next[GLOB_MAX_NAMES + 1] = {false};
        bool is_star = *at == '*';
        at = is_star ? at + 1 : read_piece(at, end, member);
        for (size_t i = 0; i <= len; i++) {
            bool is_any = i < len && names[i] == '*' && !all;
            if (is_star)
                next[i] = is_at[i] || (i > 0 && next[i - 1]);
            else if (is_at[i] && is_any)
                next[i] |= holds_any(member);
            else if (is_at[i] && i < len && names[i] != '*')
                next[i + 1] |= member[names[i]];
            if (next[i] && is_any)
                next[i + 1] = true;
        }
        memcpy(is_at, next, sizeof is_at);
    }
    return is_at[len];
}

enum glob_meets glob_meets(const char *glob, const uint8_t *names, size_t len)
{
    const char *end = glob + strlen(glob);
    if (can_match(glob, end, names, len, true))
        return GLOB_MEETS_ALL;
    return can_match(glob, end, names, len, false) ? GLOB_MEETS_SOME : GLOB_MEETS_NONE;
}
