/* Names made unreadable: under one key a name always becomes the same name, so that reports can be joined, and nobody
 * without the key can tell or guess which it was. The shape stays: separators, and what the patterns of names fold. */
#ifndef REDACT_H
#define REDACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REDACT_KEY_BYTES = 16, REDACT_FINGERPRINT_SIZE = 9 };

struct redactor {
    uint8_t key[REDACT_KEY_BYTES];
    bool is_random; /* made for this run alone */
};

/* With the key that the file at `path` holds, else the one in `secret` (a text; may be NULL), else a random one.
 * Complains and returns false when the file cannot be read or there is nothing in it. */
bool redactor_init(struct redactor *redactor, const char *path, const char *secret);
/* Eight hexadecimal digits that are the same for the same key; with their NUL. */
void redactor_fingerprint(const struct redactor *redactor, char text[REDACT_FINGERPRINT_SIZE]);

/* Writes the name in place of `name` and returns its length; `out` has room for REDACT_MAX(len) bytes. Every run of
 * letters, digits and bytes above 127 becomes 7 letters, but for what key_pattern.h folds: 16 digits, or hexadecimal
 * digits where it was not a number. A '*' stays, so that the pattern of a name becomes that of the name's. Behind the
 * first 64 bytes everything is one run. */
size_t redact_name(const void *redactor, const uint8_t *name, size_t len, uint8_t *out);
enum { REDACT_TIMES = 16, REDACT_MORE = 16 };
#define REDACT_MAX(len) (REDACT_TIMES * (len) + REDACT_MORE)

#endif
