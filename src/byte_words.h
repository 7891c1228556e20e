/* Eight bytes of a text as one number, the first byte lowest on every machine; and questions to all of them at once. */
#ifndef BYTE_WORDS_H
#define BYTE_WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const uint64_t words_of_ones = UINT64_C(0x0101010101010101), words_of_highs = UINT64_C(0x8080808080808080);

static inline uint64_t word_load(const void *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline void word_store(void *bytes, uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    memcpy(bytes, &word, sizeof word);
}

static inline void word_store_half(void *bytes, uint32_t half)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    half = __builtin_bswap32(half);
#endif
    memcpy(bytes, &half, sizeof half);
}

/* Fewer than 8 bytes, zeros above them; reads nothing else. */
static inline uint64_t word_load_few(const uint8_t *bytes, size_t len)
{
    uint64_t word = 0;
    if (len >= 4) {
        uint32_t first, last;
        memcpy(&first, bytes, 4);
        memcpy(&last, bytes + len - 4, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        first = __builtin_bswap32(first);
        last = __builtin_bswap32(last);
#endif
        return first | (uint64_t)last << 8 * (len - 4);
    }
    if (len > 0)
        word = bytes[0] | (uint64_t)bytes[len >> 1] << 8 * (len >> 1) | (uint64_t)bytes[len - 1] << 8 * (len - 1);
    return word;
}

/* Not 0 when a byte of `word` is `byte`: subtracting it leaves a zero byte (H. S. Warren, "Hacker's Delight", 6-1). */
static inline uint64_t word_has(uint64_t word, uint8_t byte)
{
    uint64_t without = word ^ words_of_ones * byte;
    return (without - words_of_ones) & ~without & words_of_highs;
}

#endif
