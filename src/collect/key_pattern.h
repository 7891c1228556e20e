/* The pattern of a key name: the name with everything that looks like an identifier folded to '*', so that keys of the
 * same kind meet in one group. "user:1000:profile" and "user:31:profile" are both "user:*:profile".
 *
 * A name is cut into tokens of letters, digits and bytes above 127; every other byte stays as it is, hash tags' braces
 * too. Folded are:
 *  - a token of digits only (numbers, timestamps);
 *  - a UUID with its dashes;
 *  - a token of at least 8 hexadecimal digits, one of them 0-9 (hashes, object ids);
 *  - a token of at least 8 with three changes between letters and digits, or of at least 20 with a digit (random ids);
 *  - in other tokens each run of two or more digits ("node17" is "node*", "v2" stays);
 *  - a '-' or '.' between two folded bytes (dates, addresses).
 * Only the first 64 bytes of a name count: of a longer one, what follows the last whole token in them is
 * one '*'. */
#ifndef KEY_PATTERN_H
#define KEY_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEY_PATTERN_MAX = 64 }; /* bytes of a name that count, and of the longest pattern */

/* The last thing that varies in a name: the digits of a number, or an id as a whole. len 0: nothing does, or more of
 * the name than counts. */
struct key_varying {
    uint8_t at, len;
    bool is_id;
    uint8_t id_at; /* of a number in a date or an address: where that begins; else as `at` */
};

struct key_pattern {
    uint64_t folded;                        /* bit i: byte i of the name is folded */
    uint64_t digits;                        /* likewise: is 0-9 */
    uint64_t word[KEY_PATTERN_MAX / 8 + 1]; /* the bytes that count, first one lowest, then at least one zero byte */
    unsigned len;                           /* how many count */
    struct key_varying varying;
};

/* A step of its hash, and of others over the words of a name: `word` into `hash`. */
static inline uint64_t key_pattern_mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
    return hash ^ hash >> 32;
}

void key_pattern_of(struct key_pattern *pattern, const uint8_t *name, size_t len);
/* Equal for equal pattern texts, different for different ones but for one chance in 2^64. */
uint64_t key_pattern_hash(const struct key_pattern *pattern);
/* Both, from what names of the same pattern came to before. */
enum { KEY_PATTERN_MEMO_BITS = 6, KEY_PATTERN_MEMOS = 1 << KEY_PATTERN_MEMO_BITS };
struct key_pattern_memos {
    struct key_pattern_memo {
        uint64_t name; /* hash of the name with all digits alike; 0: none yet */
        uint64_t folded, digits, hash;
        struct key_varying varying;
    } memo[KEY_PATTERN_MEMOS];
};
uint64_t key_pattern_recall(struct key_pattern_memos *memos, struct key_pattern *pattern, const uint8_t *name,
                            size_t len);
/* Bit i: byte i of the name, of those that count, is a letter of ASCII. */
uint64_t key_pattern_letters(const struct key_pattern *pattern);
/* Writes the pattern's text, no NUL, and returns its length. */
size_t key_pattern_text(const struct key_pattern *pattern, uint8_t text[KEY_PATTERN_MAX]);

#endif
