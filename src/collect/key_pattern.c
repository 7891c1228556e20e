/* Names are classified eight bytes at a time into bit masks, one bit a byte; the rules are then a few operations on
 * masks, and only tokens that hold a digit are looked at one by one. */
#include "key_pattern.h"

#include <string.h>

#include "byte_words.h"

enum { UUID_LEN = 36 };

static const uint64_t lows = UINT64_C(0x7f7f7f7f7f7f7f7f);

/* The last `rest` bytes, which begin at `at`. */
static inline uint64_t load_rest(const uint8_t *name, unsigned at, unsigned rest)
{
    if (at == 0)
        return word_load_few(name, rest);
    return rest ? word_load(name + at + rest - 8) >> 8 * (8 - rest) : 0;
}

/* Reads nothing outside the name. */
static inline void load_words(struct key_pattern *pattern, const uint8_t *name, unsigned len)
{
    unsigned at = 0;
    for (; at + 8 <= len; at += 8)
        pattern->word[at / 8] = word_load(name + at);
    pattern->word[at / 8] = load_rest(name, at, len - at);
    pattern->len = len;
}

/* The 8 bytes from `at` on; zero behind the end. */
static inline uint64_t word_at(const struct key_pattern *pattern, unsigned at)
{
    unsigned shift = 8 * (at % 8);
    uint64_t word = pattern->word[at / 8] >> shift;
    return shift && at / 8 < pattern->len / 8 ? word | pattern->word[at / 8 + 1] << (64 - shift) : word;
}

static inline uint8_t byte_at(const struct key_pattern *pattern, unsigned at)
{
    return (uint8_t)(pattern->word[at / 8] >> 8 * (at % 8));
}

/* For words whose bytes are below 128: 0x80 in each byte that is at least `floor`. */
static inline uint64_t at_least(uint64_t word, unsigned floor)
{
    return word + words_of_ones * (0x80 - floor);
}

static inline uint64_t digits_of(uint64_t word)
{
    uint64_t low = word & lows;
    return at_least(low, '0') & ~at_least(low, '9' + 1) & ~word & words_of_highs;
}

/* Letters from 'a' to `last` in either case. */
static inline uint64_t letters_of(uint64_t word, unsigned last)
{
    uint64_t low = (word & lows) | words_of_ones * 0x20;
    return at_least(low, 'a') & ~at_least(low, last + 1) & ~word & words_of_highs;
}

/* The eight high bits of a word's bytes as eight adjacent bits. */
static inline uint64_t gather(uint64_t marks)
{
    return ((marks >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

struct masks {
    uint64_t digit, word; /* word: letters, digits, bytes above 127 */
};

static inline struct masks classify(const struct key_pattern *pattern)
{
    struct masks m = {0};
    for (unsigned at = 0; at < pattern->len; at += 8) {
        uint64_t bytes = pattern->word[at / 8];
        uint64_t digit = digits_of(bytes);
        m.digit |= gather(digit) << at;
        m.word |= gather(digit | letters_of(bytes, 'z') | (bytes & words_of_highs)) << at;
    }
    return m;
}

uint64_t key_pattern_letters(const struct key_pattern *pattern)
{
    uint64_t mask = 0;
    for (unsigned at = 0; at < pattern->len; at += 8)
        mask |= gather(letters_of(pattern->word[at / 8], 'z')) << at;
    return mask;
}

static uint64_t hexadecimal(const struct key_pattern *pattern)
{
    uint64_t mask = 0;
    for (unsigned at = 0; at < pattern->len; at += 8) {
        uint64_t bytes = pattern->word[at / 8];
        mask |= gather(digits_of(bytes) | letters_of(bytes, 'f')) << at;
    }
    return mask;
}

/* Bits first .. end - 1, at most 64 of them and at least one. */
static inline uint64_t bits(unsigned first, unsigned end)
{
    return UINT64_MAX >> (64 - (end - first)) << first;
}

/* Marks every 8-4-4-4-12 group of hexadecimal digits. `starts`: where its first dash may be. */
static uint64_t uuids(const struct key_pattern *pattern, uint64_t starts)
{
    static const uint64_t dashes = UINT64_C(1) << 8 | UINT64_C(1) << 13 | UINT64_C(1) << 18 | UINT64_C(1) << 23;
    uint64_t hex = hexadecimal(pattern), found = 0;
    for (; starts; starts &= starts - 1) {
        unsigned dash = (unsigned)__builtin_ctzll(starts);
        if (dash < 8 || dash - 8 + UUID_LEN > pattern->len)
            continue;
        uint64_t want = bits(0, UUID_LEN) & ~dashes;
        if ((hex >> (dash - 8) & want) == want && byte_at(pattern, dash) == '-' && byte_at(pattern, dash + 5) == '-' &&
            byte_at(pattern, dash + 10) == '-' && byte_at(pattern, dash + 15) == '-')
            found |= bits(dash - 8, dash - 8 + UUID_LEN);
    }
    return found;
}

/* What stands between the numbers of a date or an address: key_pattern.h. */
static inline bool is_mark(uint8_t byte)
{
    return byte == '-' || byte == '.';
}

/* Those of the candidates that are marks. */
static uint64_t joints(const struct key_pattern *pattern, uint64_t candidates)
{
    uint64_t found = 0;
    for (; candidates; candidates &= candidates - 1) {
        unsigned at = (unsigned)__builtin_ctzll(candidates);
        if (is_mark(byte_at(pattern, at)))
            found |= UINT64_C(1) << at;
    }
    return found;
}

/* Whether a token that mixes letters and digits is an identifier as a whole. */
static bool is_identifier(const struct key_pattern *pattern, uint64_t token, uint64_t digits)
{
    unsigned count = (unsigned)__builtin_popcountll(token);
    if (count < 8)
        return false;
    uint64_t changes = (digits ^ digits << 1) & token & token << 1;
    return count >= 20 || __builtin_popcountll(changes) >= 3 || (hexadecimal(pattern) & token) == token;
}

/* What the rules fold of the token that holds the lowest bit of `pending`; *token gets the token's bits. */
static inline uint64_t fold_token(const struct key_pattern *pattern, const struct masks *m, uint64_t pending,
                                  uint64_t *token)
{
    unsigned digit = (unsigned)__builtin_ctzll(pending);
    uint64_t breaks_before = ~m->word & ((UINT64_C(1) << digit) - 1);
    uint64_t breaks_after = ~m->word >> digit;
    unsigned first = breaks_before ? 64 - (unsigned)__builtin_clzll(breaks_before) : 0;
    unsigned end = breaks_after ? digit + (unsigned)__builtin_ctzll(breaks_after) : 64;
    *token = bits(first, end);
    uint64_t digits = m->digit & *token;
    if (digits == *token || is_identifier(pattern, *token, digits))
        return *token;
    return digits & (digits << 1 | digits >> 1);
}

/* Of a name that goes on behind the window: its last token cannot be judged, and at least the last byte is folded to
 * say so. */
static uint64_t fold_end(const struct masks *m)
{
    unsigned end = m->word == UINT64_MAX ? 0 : 64 - (unsigned)__builtin_clzll(~m->word);
    return bits(end < 64 ? end : 63, 64);
}

static struct key_varying find_varying(const struct key_pattern *pattern)
{
    unsigned last = 63 - (unsigned)__builtin_clzll(pattern->folded);
    uint64_t upto = UINT64_MAX >> (63 - last), unfolded = ~pattern->folded & upto, others = ~pattern->digits & upto;
    unsigned start = unfolded ? 64 - (unsigned)__builtin_clzll(unfolded) : 0;
    bool is_id = !(pattern->digits >> last & 1);
    for (uint64_t rest = others >> start << start; rest && !is_id; rest &= rest - 1)
        is_id = !is_mark(byte_at(pattern, (unsigned)__builtin_ctzll(rest)));
    unsigned at = !is_id && others ? 64 - (unsigned)__builtin_clzll(others) : start;
    return (struct key_varying){(uint8_t)at, (uint8_t)(last + 1 - at), is_id, (uint8_t)start};
}

static void fold(struct key_pattern *pattern, size_t name_len)
{
    struct masks m = classify(pattern);
    pattern->digits = m.digit;
    uint64_t folded = name_len > KEY_PATTERN_MAX ? fold_end(&m) : 0;
    uint64_t breaks = pattern->len ? ~m.word & bits(0, pattern->len) : 0;
    uint64_t starts = breaks & breaks >> 5 & breaks >> 10 & breaks >> 15;
    if (starts)
        folded |= uuids(pattern, starts);
    for (uint64_t pending = m.digit & ~folded; pending;) {
        uint64_t token;
        folded |= fold_token(pattern, &m, pending, &token);
        pending &= ~token;
    }
    uint64_t between = breaks & folded << 1 & folded >> 1;
    if (between)
        folded |= joints(pattern, between);
    pattern->folded = folded;
    bool varies = folded != 0 && name_len <= KEY_PATTERN_MAX;
    pattern->varying = varies ? find_varying(pattern) : (struct key_varying){.len = 0};
}

void key_pattern_of(struct key_pattern *pattern, const uint8_t *name, size_t name_len)
{
    load_words(pattern, name, name_len < KEY_PATTERN_MAX ? (unsigned)name_len : KEY_PATTERN_MAX);
    fold(pattern, name_len);
}

/* Length of the run of equal bits of `mask` that starts at `at`. */
static inline unsigned run_length(uint64_t mask, unsigned at, unsigned len)
{
    uint64_t rest = mask >> at & 1 ? ~(mask >> at) : mask >> at;
    unsigned run = rest ? (unsigned)__builtin_ctzll(rest) : 64;
    return run < len - at ? run : len - at;
}

/* The bytes of one run that is not folded. Words are cut at its end, so that the text alone decides; the number of
 * bytes in the last word (0 to 7) stands in its highest byte, so that zero bytes count. */
static inline uint64_t mix_run(uint64_t hash, const struct key_pattern *pattern, unsigned at, unsigned run)
{
    for (; run >= 8; run -= 8, at += 8)
        hash = key_pattern_mix(hash, word_at(pattern, at));
    return key_pattern_mix(hash, (word_at(pattern, at) & ((UINT64_C(1) << 8 * run) - 1)) | (uint64_t)run << 56);
}

uint64_t key_pattern_hash(const struct key_pattern *pattern)
{
    uint64_t hash = UINT64_C(0x2545f4914f6cdd1d);
    for (unsigned at = 0; at < pattern->len;) {
        unsigned run = run_length(pattern->folded, at, pattern->len);
        if (pattern->folded >> at & 1)
            hash += UINT64_C(0x5851f42d4c957f2d);
        else
            hash = mix_run(hash, pattern, at, run);
        at += run;
    }
    return hash * UINT64_C(0x9e3779b97f4a7c15) ^ hash >> 29;
}

/* The bytes that are digits as zero, all others as something else. */
static inline uint64_t without_digits(uint64_t word)
{
    uint64_t distance = word ^ words_of_ones * '0';
    uint64_t others = (at_least(distance & lows, 10) | distance) & words_of_highs;
    return distance & ((others - (others >> 7)) | others);
}

/* Loads the words; returns a hash of them with all digits alike, which is never 0: a sum of products, so that no step
 * waits for the one before it. */
static inline uint64_t load_shape(struct key_pattern *pattern, const uint8_t *name, unsigned len)
{
    static const uint64_t factor[KEY_PATTERN_MAX / 8 + 1] = {
        UINT64_C(0x910a2dec89025cc1), UINT64_C(0xbeeb8da1658eec67), UINT64_C(0xf893a2eefb32555f),
        UINT64_C(0x71c18690ee42c90b), UINT64_C(0x71bb54d8d101b5b9), UINT64_C(0xc34d0bff90150281),
        UINT64_C(0xe099ec6cd7363ca5), UINT64_C(0x85e7bb0f12278575), UINT64_C(0x491718de357e3da9),
    };
    uint64_t hash = len;
    unsigned i = 0;
    for (; 8 * i + 8 <= len; i++) {
        pattern->word[i] = word_load(name + 8 * i);
        hash += without_digits(pattern->word[i]) * factor[i];
    }
    pattern->word[i] = load_rest(name, 8 * i, len - 8 * i);
    pattern->len = len;
    return (hash + without_digits(pattern->word[i]) * factor[i]) | 1;
}

/* No rule asks which digit it is: names that differ only in digits that are folded have one pattern. */
uint64_t key_pattern_recall(struct key_pattern_memos *memos, struct key_pattern *pattern, const uint8_t *name,
                            size_t name_len)
{
    if (name_len > KEY_PATTERN_MAX) {
        key_pattern_of(pattern, name, name_len);
        return key_pattern_hash(pattern);
    }
    uint64_t shape = load_shape(pattern, name, (unsigned)name_len);
    struct key_pattern_memo *memo = &memos->memo[shape >> (64 - KEY_PATTERN_MEMO_BITS)];
    if (memo->name == shape) {
        pattern->folded = memo->folded;
        pattern->digits = memo->digits;
        pattern->varying = memo->varying;
        return memo->hash;
    }
    fold(pattern, name_len);
    uint64_t hash = key_pattern_hash(pattern);
    if ((pattern->digits & ~pattern->folded) == 0)
        *memo = (struct key_pattern_memo){shape, pattern->folded, pattern->digits, hash, pattern->varying};
    return hash;
}

size_t key_pattern_text(const struct key_pattern *pattern, uint8_t text[KEY_PATTERN_MAX])
{
    uint8_t copy[KEY_PATTERN_MAX + 8]; /* words are stored whole */
    size_t len = 0;
    for (unsigned at = 0; at < pattern->len;) {
        unsigned run = run_length(pattern->folded, at, pattern->len);
        if (pattern->folded >> at & 1) {
            copy[len++] = '*';
        } else {
            for (unsigned i = 0; i < run; i += 8)
                word_store(copy + len + i, word_at(pattern, at + i));
            len += run;
        }
        at += run;
    }
    memcpy(text, copy, len);
    return len;
}
