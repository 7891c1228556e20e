#include "json_object.h"

#include <string.h>

#include "byte_words.h"

struct reader {
    const uint8_t *at, *end;
};

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && is_blank(*r->at))
        r->at++;
}

static bool take(struct reader *r, uint8_t byte)
{
    if (r->at == r->end || *r->at != byte)
        return false;
    r->at++;
    return true;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Behind "\u": bytes of UTF-8 that the unit becomes; half a surrogate pair counts two, of the pair's four. 0: none. */
static unsigned unit_bytes(struct reader *r)
{
    unsigned unit = 0;
    if (r->end - r->at < 4)
        return 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(*r->at++);
        if (digit < 0)
            return 0;
        unit = unit << 4 | (unsigned)digit;
    }
    if (unit < 0x80)
        return 1;
    return unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
}

/* Behind a backslash. */
static unsigned escape_bytes(struct reader *r)
{
    if (r->at == r->end)
        return 0;
    uint8_t byte = *r->at++;
    if (byte == 'u')
        return unit_bytes(r);
    return byte && strchr("\"\\/bfnrt", byte) ? 1 : 0;
}

/* Bytes that end or change a run of plain text: quotes, backslashes, control characters. */
static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\';
}

/* The first byte that is not plain, or the end. Of bytes below 128 subtracting leaves a high bit where it goes below
 * zero, and perhaps in bytes above such a one: the lowest is right. */
static const uint8_t *plain_end(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t word = word_load(at), quote = word ^ words_of_ones * '"', backslash = word ^ words_of_ones * '\\';
        uint64_t below = (word - words_of_ones * 0x20) | (quote - words_of_ones) | (backslash - words_of_ones);
        uint64_t marks = below & ~word & words_of_highs;
        if (marks != 0)
            return at + __builtin_ctzll(marks) / 8;
    }
    while (at < end && is_plain(*at))
        at++;
    return at;
}

static bool read_string(struct reader *r, struct json_text *text)
{
    if (!take(r, '"'))
        return false;
    text->bytes = r->at;
    text->len = 0;
    for (;;) {
        const uint8_t *start = r->at;
        r->at = plain_end(r->at, r->end);
        text->len += (uint64_t)(r->at - start);
        if (r->at == r->end || *r->at < 0x20)
            return false;
        if (*r->at == '"')
            break;
        r->at++;
        unsigned bytes = escape_bytes(r);
        if (bytes == 0)
            return false;
        text->len += bytes;
    }
    text->bytes_len = (size_t)(r->at - text->bytes);
    r->at++;
    return true;
}

static size_t digits(struct reader *r)
{
    const uint8_t *start = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
    return (size_t)(r->at - start);
}

static bool read_number(struct reader *r)
{
    (void)take(r, '-');
    if (!take(r, '0') && digits(r) == 0)
        return false;
    if (take(r, '.') && digits(r) == 0)
        return false;
    if (r->at < r->end && (*r->at | 0x20) == 'e') {
        r->at++;
        if (!take(r, '+'))
            (void)take(r, '-');
        return digits(r) != 0;
    }
    return true;
}

static bool read_word(struct reader *r, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
        return false;
    r->at += len;
    return true;
}

static bool read_scalar(struct reader *r, struct json_text *text)
{
    if (r->at == r->end)
        return false;
    if (*r->at == '"')
        return read_string(r, text);
    const uint8_t *start = r->at;
    bool is_word = read_word(r, "true") || read_word(r, "false") || read_word(r, "null");
    if (!is_word && !read_number(r))
        return false;
    *text = (struct json_text){start, (size_t)(r->at - start), (uint64_t)(r->at - start)};
    return true;
}

/* An array or object inside: skipped, its brackets kept on a stack of bits. */
static bool read_nested(struct reader *r)
{
    struct json_text text;
    uint64_t is_object = 0;
    unsigned depth = 0;
    for (;;) {
        skip_blanks(r);
        bool opens_object = r->at < r->end && *r->at == '{', opens_array = r->at < r->end && *r->at == '[';
        bool is_empty = false;
        if (opens_object || opens_array) {
            if (depth == JSON_OBJECT_DEPTH)
                return false;
            r->at++;
            depth++;
            is_object = is_object << 1 | opens_object;
            skip_blanks(r);
            is_empty = r->at < r->end && *r->at == (opens_object ? '}' : ']');
        } else if (!read_scalar(r, &text)) {
            return false;
        }
        /* Behind a value, or in front of the first one of what was just opened. */
        bool wants_value = (opens_object || opens_array) && !is_empty;
        while (!wants_value) {
            skip_blanks(r);
            if (take(r, ',')) {
                skip_blanks(r);
                wants_value = true;
            } else if (take(r, is_object & 1 ? '}' : ']')) {
                is_object >>= 1;
                if (--depth == 0)
                    return true;
            } else {
                return false;
            }
        }
        if (is_object & 1) {
            if (!read_string(r, &text))
                return false;
            skip_blanks(r);
            if (!take(r, ':'))
                return false;
        }
    }
}

static bool read_value(struct reader *r, struct json_text *text)
{
    skip_blanks(r);
    const uint8_t *start = r->at;
    if (r->at == r->end || (*r->at != '{' && *r->at != '['))
        return read_scalar(r, text);
    if (!read_nested(r))
        return false;
    *text = (struct json_text){start, (size_t)(r->at - start), (uint64_t)(r->at - start)};
    return true;
}

static bool read_member(struct reader *r, json_member *member, void *self)
{
    struct json_text name, value;
    skip_blanks(r);
    if (!read_string(r, &name))
        return false;
    skip_blanks(r);
    if (!take(r, ':') || !read_value(r, &value))
        return false;
    if (member)
        member(self, &name, &value);
    skip_blanks(r);
    return true;
}

bool json_object_read(const uint8_t *bytes, size_t len, json_member *member, void *self)
{
    struct reader r = {bytes, bytes + len};
    skip_blanks(&r);
    if (!take(&r, '{'))
        return false;
    skip_blanks(&r);
    if (!take(&r, '}')) {
        do {
            if (!read_member(&r, member, self))
                return false;
        } while (take(&r, ','));
        if (!take(&r, '}'))
            return false;
    }
    skip_blanks(&r);
    return r.at == r.end;
}

struct shape_text json_text_shape(const struct json_text *text)
{
    if (text->len <= 20 && text->bytes_len == text->len)
        return shape_text_of(text->bytes, text->len);
    return (struct shape_text){.len = text->len};
}
