#include "base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t base64_print(char *out, size_t capacity, const uint8_t *bytes, size_t len)
{
    size_t written = 0;
    for (size_t at = 0; at < len && capacity - written >= 4; at += 3) {
        size_t have = len - at < 3 ? len - at : 3;
        uint32_t group = (uint32_t)bytes[at] << 16;
        if (have > 1)
            group |= (uint32_t)bytes[at + 1] << 8;
        if (have > 2)
            group |= bytes[at + 2];
        out[written++] = alphabet[group >> 18];
        out[written++] = alphabet[group >> 12 & 63];
        out[written++] = have > 1 ? alphabet[group >> 6 & 63] : '=';
        out[written++] = have > 2 ? alphabet[group & 63] : '=';
    }
    return written;
}

/* Value of one character, 64 and more when it is none of the alphabet. */
static uint32_t digit(char c)
{
    const char *place = c ? strchr(alphabet, c) : NULL;
    return place ? (uint32_t)(place - alphabet) : 64;
}

size_t base64_parse(uint8_t *out, size_t capacity, const char *text, size_t len)
{
    if (len % 4)
        return SIZE_MAX;
    size_t written = 0;
    for (size_t at = 0; at < len; at += 4) {
        unsigned padding = 0;
        if (at + 4 == len && text[at + 3] == '=')
            padding = text[at + 2] == '=' ? 2 : 1;
        uint32_t group = 0;
        for (unsigned i = 0; i < 4; i++) {
            uint32_t value = i < 4 - padding ? digit(text[at + i]) : 0;
            if (value > 63)
                return SIZE_MAX;
            group = group << 6 | value;
        }
        unsigned count = 3 - padding;
        if ((group & ((1u << 8 * padding) - 1)) || capacity - written < count)
            return SIZE_MAX;
        for (unsigned i = 0; i < count; i++)
            out[written++] = (uint8_t)(group >> (16 - 8 * i));
    }
    return written;
}
