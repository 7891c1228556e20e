#include "redact.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "collect/key_pattern.h"
#include "complain.h"

_Static_assert(REDACT_KEY_BYTES == crypto_shorthash_KEYBYTES, "SipHash-2-4");

/* ---- the key -------------------------------------------------------------------------------------------------------
 */

static void key_of(struct redactor *redactor, const void *secret, size_t len)
{
    crypto_generichash(redactor->key, sizeof redactor->key, secret, len, NULL, 0);
}

static bool read_key(struct redactor *redactor, const char *path)
{
    uint8_t secret[4096];
    FILE *file = fopen(path, "rb");
    size_t len = file != NULL ? fread(secret, 1, sizeof secret, file) : 0;
    if (file == NULL || ferror(file))
        complain("--redact-key: cannot read '%s': %s", path, strerror(errno));
    else if (len == 0)
        complain("--redact-key: '%s' is empty", path);
    bool usable = file != NULL && !ferror(file) && len != 0;
    if (usable)
        key_of(redactor, secret, len);
    if (file != NULL)
        fclose(file);
    sodium_memzero(secret, sizeof secret);
    return usable;
}

bool redactor_init(struct redactor *redactor, const char *path, const char *secret)
{
    *redactor = (struct redactor){.is_random = false};
    if (sodium_init() < 0) {
        complain("--redact: there are no random numbers");
        return false;
    }
    if (path != NULL)
        return read_key(redactor, path);
    if (secret != NULL && *secret != '\0') {
        key_of(redactor, secret, strlen(secret));
        return true;
    }
    redactor->is_random = true;
    randombytes_buf(redactor->key, sizeof redactor->key);
    return true;
}

static uint64_t hash_of(const struct redactor *redactor, const uint8_t *bytes, size_t len)
{
    uint8_t hash[crypto_shorthash_BYTES];
    uint64_t number = 0;
    crypto_shorthash(hash, bytes, len, redactor->key);
    for (size_t i = 0; i < sizeof hash; i++)
        number = number << 8 | hash[i];
    return number;
}

void redactor_fingerprint(const struct redactor *redactor, char text[REDACT_FINGERPRINT_SIZE])
{
    static const uint8_t purpose[] = "fingerprint";
    snprintf(text, REDACT_FINGERPRINT_SIZE, "%08x", (unsigned)(hash_of(redactor, purpose, sizeof purpose) >> 32));
}

/* ---- names ---------------------------------------------------------------------------------------------------------
 */

enum { WORD_LETTERS = 7, IDENTIFIER_DIGITS = 16 };

/* Digits of a hash in a base, the lowest first. */
static size_t put_hash(uint8_t *out, uint64_t hash, const char *digits, unsigned base, size_t count)
{
    for (size_t i = 0; i < count; i++, hash /= base)
        out[i] = (uint8_t)digits[hash % base];
    return count;
}

static bool is_number(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] < '0' || bytes[i] > '9')
            return false;
    }
    return true;
}

static bool is_word(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || byte >= 0x80;
}

static size_t put_folded(const struct redactor *redactor, const uint8_t *bytes, size_t len, uint8_t *out)
{
    unsigned base = is_number(bytes, len) ? 10 : 16;
    return put_hash(out, hash_of(redactor, bytes, len), "0123456789abcdef", base, IDENTIFIER_DIGITS);
}

static size_t put_word(const struct redactor *redactor, const uint8_t *bytes, size_t len, uint8_t *out)
{
    enum { LETTERS = 26 };
    return put_hash(out, hash_of(redactor, bytes, len), "abcdefghijklmnopqrstuvwxyz", LETTERS, WORD_LETTERS);
}

size_t redact_name(const void *self, const uint8_t *name, size_t len, uint8_t *out)
{
    const struct redactor *redactor = self;
    struct key_pattern pattern;
    size_t used = 0;
    key_pattern_of(&pattern, name, len);
    for (unsigned at = 0, end; at < pattern.len; at = end) {
        bool folded = pattern.folded >> at & 1;
        end = at + 1;
        if (!folded && !is_word(name[at])) {
            out[used++] = name[at];
            continue;
        }
        while (end < pattern.len && (pattern.folded >> end & 1) == folded && (folded || is_word(name[end])))
            end++;
        if (folded)
            used += put_folded(redactor, name + at, end == pattern.len ? len - at : end - at, out + used);
        else
            used += put_word(redactor, name + at, end - at, out + used);
    }
    return used;
}
