/* RFC 4648 base64 with padding. */
#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Writes 4 * ((len + 2) / 3) characters, no NUL, or as many whole groups as `capacity` holds; returns their number. */
size_t base64_print(char *out, size_t capacity, const uint8_t *bytes, size_t len);
/* The number of bytes, or SIZE_MAX when `text` is malformed (length, alphabet, padding, bits left over) or does not
 * fit. */
size_t base64_parse(uint8_t *out, size_t capacity, const char *text, size_t len);

#endif
