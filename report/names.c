/* Key names are anybody's bytes. Each form here is printable and can be turned back into exactly those bytes. */
#include <string.h>

#include "base64.h"
#include "names.h"
#include "render.h"
#include "utf8.h"

static const char hex_digits[] = "0123456789abcdef";

static size_t escape_bytes(char *out, const uint8_t *bytes, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        *out++ = '\\';
        *out++ = 'x';
        *out++ = hex_digits[bytes[i] >> 4];
        *out++ = hex_digits[bytes[i] & 15];
    }
    return (size_t)count * 4;
}

/* Whether the character at the front stands for itself, if it is no backslash. `size`: its bytes; those that are no
 * character come one by one. */
static inline bool is_shown(const uint8_t *bytes, size_t len, bool ascii, unsigned *size)
{
    uint32_t point;
    *size = 1;
    if (bytes[0] < 0x80)
        return bytes[0] >= 0x20 && bytes[0] != 0x7F;
    unsigned decoded = utf8_decode(bytes, len, &point);
    if (decoded == 0)
        return false;
    *size = decoded;
    return !ascii && !utf8_is_control(point);
}

/* Bytes of the text of such a unit. */
static inline unsigned unit_len(uint8_t first, bool shown, unsigned size)
{
    return !shown ? 4 * size : first == '\\' ? 2 : size;
}

static inline void put_unit(char *out, const uint8_t *bytes, bool shown, unsigned size)
{
    if (!shown) {
        escape_bytes(out, bytes, size);
        return;
    }
    if (bytes[0] == '\\')
        *out++ = '\\';
    for (unsigned i = 0; i < size; i++)
        out[i] = (char)bytes[i];
}

struct name_unit name_next_unit(const uint8_t *bytes, size_t len, bool ascii)
{
    struct name_unit unit;
    bool shown = is_shown(bytes, len, ascii, &unit.size);
    unit.text_len = unit_len(bytes[0], shown, unit.size);
    put_unit(unit.text, bytes, shown, unit.size);
    return unit;
}

static size_t print_escaped(char *out, size_t capacity, const uint8_t *bytes, size_t len)
{
    size_t written = 0;
    for (size_t at = 0; at < len;) {
        unsigned size;
        bool shown = is_shown(bytes + at, len - at, false, &size);
        unsigned text_len = unit_len(bytes[at], shown, size);
        if (text_len > capacity - written)
            break;
        put_unit(out + written, bytes + at, shown, size);
        written += text_len;
        at += size;
    }
    return written;
}

size_t text_print(char *out, size_t capacity, const char *text, size_t len)
{
    size_t written = 0;
    for (size_t at = 0; at < len;) {
        struct name_unit unit = {.size = 1, .text_len = 1, .text = "\\"};
        if (text[at] != '\\')
            unit = name_next_unit((const uint8_t *)text + at, len - at, false);
        if (unit.text_len > capacity - written)
            break;
        memcpy(out + written, unit.text, unit.text_len);
        written += unit.text_len;
        at += unit.size;
    }
    return written;
}

static size_t print_hex(char *out, size_t capacity, const uint8_t *bytes, size_t len)
{
    if (len > capacity / 2)
        len = capacity / 2;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = hex_digits[bytes[i] >> 4];
        out[2 * i + 1] = hex_digits[bytes[i] & 15];
    }
    return 2 * len;
}

/* 16 and more when `c` is no hex digit. */
static unsigned hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a' + 10);
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A' + 10);
    return 16;
}

static size_t parse_hex(uint8_t *out, size_t capacity, const char *text, size_t len)
{
    if (len % 2 || len / 2 > capacity)
        return SIZE_MAX;
    for (size_t i = 0; i < len; i += 2) {
        unsigned high = hex_value(text[i]), low = hex_value(text[i + 1]);
        if (high > 15 || low > 15)
            return SIZE_MAX;
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    return len / 2;
}

static size_t parse_escaped(uint8_t *out, size_t capacity, const char *text, size_t len)
{
    size_t at = 0, written = 0;
    while (at < len) {
        if (written == capacity)
            return SIZE_MAX;
        if (text[at] != '\\') {
            out[written++] = (uint8_t)text[at++];
        } else if (len - at >= 2 && text[at + 1] == '\\') {
            out[written++] = '\\';
            at += 2;
        } else if (len - at >= 4 && text[at + 1] == 'x' && parse_hex(out + written, 1, text + at + 2, 2) == 1) {
            written++;
            at += 4;
        } else {
            return SIZE_MAX;
        }
    }
    return written;
}

/* One row a form, in the order of enum name_format. */
static const struct name_form {
    size_t (*print)(char *out, size_t capacity, const uint8_t *bytes, size_t len);
    size_t (*parse)(uint8_t *out, size_t capacity, const char *text, size_t len);
} forms[] = {
    [NAME_ESCAPED] = {print_escaped, parse_escaped},
    [NAME_HEX] = {print_hex, parse_hex},
    [NAME_BASE64] = {base64_print, base64_parse},
};

size_t name_print(char *out, size_t capacity, enum name_format format, const uint8_t *bytes, size_t len)
{
    return forms[format].print(out, capacity, bytes, len);
}

size_t name_parse(uint8_t *out, size_t capacity, enum name_format format, const char *text, size_t len)
{
    return forms[format].parse(out, capacity, text, len);
}

bool name_is_utf8(const uint8_t *bytes, size_t len)
{
    uint32_t point;
    for (size_t at = 0; at < len;) {
        unsigned unit = bytes[at] < 0x80 ? 1 : utf8_decode(bytes + at, len - at, &point);
        if (unit == 0)
            return false;
        at += unit;
    }
    return true;
}
