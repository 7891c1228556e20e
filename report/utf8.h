/* UTF-8 as it may be shown: what is valid, what a terminal or a reader must not be given, how wide it is. */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length (1 to 4) of the sequence that begins `bytes` and its code point; 0 when those bytes are not UTF-8 (RFC 3629:
 * shortest form, no surrogates, at most U+10FFFF). */
unsigned utf8_decode(const uint8_t *bytes, size_t len, uint32_t *point);

/* Whether a code point does something instead of being seen: control characters of ASCII and of C1 (a terminal obeys
 * both), invisible marks and those that reorder the text around them. */
bool utf8_is_control(uint32_t point);

/* Columns a terminal gives the code point: 0, 1 or 2. By the C library's wcwidth under the calling thread's locale,
 * which must be UTF-8 (utf8_locale_enter). */
unsigned utf8_width(uint32_t point);

/* Makes the calling thread's character type UTF-8 for utf8_width; returns what utf8_locale_leave takes to undo it. */
struct utf8_locale {
    void *before, *mine;
};
struct utf8_locale utf8_locale_enter(void);
void utf8_locale_leave(struct utf8_locale *locale);

#endif
