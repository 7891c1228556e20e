#include "score_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "score_powers.h"

bool score_is_small_integer(double score, struct shape_text *text)
{
    if (!(fabs(score) < 4503599627370496.0) || score != (double)(int64_t)score || (score == 0 && signbit(score)))
        return false;
    *text = (struct shape_text){.integer = (int64_t)score, .is_integer = true};
    return true;
}

struct shape_text score_text_integral(double score, struct shape_text otherwise)
{
    const double most = 4611686018427387904.0; /* 2^62 */
    if (!(fabs(score) <= most) || score != (double)(int64_t)score)
        return otherwise;
    return (struct shape_text){.integer = (int64_t)score, .is_integer = true};
}

/* Texts that read as an integer are packed as one. */
static struct shape_text text_of(const char *text, size_t len)
{
    struct shape_text shape = shape_text_of((const uint8_t *)text, len);
    return shape;
}

/* ---- %.17g ---------------------------------------------------------------------------------------------------------
 * A double of a common size is a fraction of few enough bits that its 17 digits are had exactly with 128-bit integers;
 * printf, which is right for all of them, takes many times as long. */

enum { PRINTED_DIGITS = 17, EXACT_LEAST = -4, EXACT_END = 17 }; /* powers of ten between which that holds */

static const double powers_of_ten[] = {1e-4, 1e-3, 1e-2, 1e-1, 1e0,  1e1,  1e2,  1e3,  1e4,  1e5, 1e6,
                                       1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};

static unsigned __int128 power_of_ten(int exponent)
{
    static const uint64_t small[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
    unsigned __int128 power = 1;
    for (; exponent > 9; exponent -= 9)
        power *= small[9];
    return power * small[exponent];
}

/* value * 10^scale, rounded as printf rounds: to nearest, ties to even. */
static uint64_t scaled_digits(double value, int scale)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t mantissa = (bits & (((uint64_t)1 << 52) - 1)) | (uint64_t)1 << 52;
    int shift = 1075 - (int)(bits >> 52 & 0x7ff); /* value = mantissa / 2^shift */
    unsigned __int128 product = mantissa * power_of_ten(scale);
    if (shift <= 0)
        return (uint64_t)(product << -shift);
    unsigned __int128 digits = product >> shift, rest = product - (digits << shift);
    unsigned __int128 half = (unsigned __int128)1 << (shift - 1);
    return (uint64_t)digits + (rest > half || (rest == half && (digits & 1)));
}

/* Of a number of 17 digits. */
static int trailing_zeros(uint64_t digits)
{
    static const uint64_t power[] = {100000000, 10000, 100, 10};
    int zeros = 0;
    if (digits % 10 != 0)
        return 0;
    for (int i = 0, count = 8; i < 4; i++, count /= 2)
        if (digits % power[i] == 0) {
            digits /= power[i];
            zeros += count;
        }
    return zeros + (digits % 10 == 0);
}

/* The length of what %.17g prints for 1e-4 <= value < 1e16, no whole number; 0: not known. A power of ten that is off
 * by its own rounding shows in the number of digits. */
static int printed_len(double value)
{
    const uint64_t least = 10000000000000000, end = 100000000000000000; /* 17 digits */
    int exponent = EXACT_LEAST;
    if (!(value >= 1e-4 && value < 1e16))
        return 0;
    while (exponent + 1 < EXACT_END && value >= powers_of_ten[exponent + 1 - EXACT_LEAST])
        exponent++;
    uint64_t digits = scaled_digits(value, PRINTED_DIGITS - 1 - exponent);
    if (digits < least || digits >= end)
        return 0;
    int count = PRINTED_DIGITS - trailing_zeros(digits);
    if (exponent < 0)
        return count + 1 - exponent;
    return count > exponent + 1 ? count + 1 : 0;
}

/* Rounded to 17 digits: value * 10^scale, which is about that long. The power is off by half a unit of its 64 bits, so
 * what is that near to the middle between two numbers is not known. */
static bool far_digits(uint64_t fraction, int exponent, int scale, uint64_t *digits)
{
    static const uint32_t small[POWER_STEP] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    const struct power power = powers[(scale - POWER_FIRST) / POWER_STEP];
    unsigned __int128 product = (unsigned __int128)fraction * power.fraction;
    product = (product >> 32) * small[(scale - POWER_FIRST) % POWER_STEP];
    int shift = -(exponent + power.exponent + 32);
    if (shift < 32 || shift > 72)
        return false;
    unsigned __int128 whole = product >> shift, rest = product - (whole << shift);
    unsigned __int128 half = (unsigned __int128)1 << (shift - 1), off = product >> 62;
    *digits = (uint64_t)whole + (rest > half);
    return rest + off < half || rest > half + off;
}

/* The length of what %.17g prints with an exponent, for values that are not subnormal; 0: not known. */
static int printed_far_len(double value)
{
    const uint64_t end = 100000000000000000, hidden = (uint64_t)1 << 52;
    uint64_t bits, digits;
    memcpy(&bits, &value, sizeof bits);
    int biased = (int)(bits >> 52);
    if (biased == 0 || biased == 0x7ff)
        return 0;
    uint64_t fraction = ((bits & (hidden - 1)) | hidden) << 11; /* value = fraction * 2^(biased - 1086) */
    int exponent = (int)floor((biased - 1023) * 0.30102999566398120);
    if (!far_digits(fraction, biased - 1086, PRINTED_DIGITS - 1 - exponent, &digits))
        return 0;
    if (digits >= end && !far_digits(fraction, biased - 1086, PRINTED_DIGITS - 1 - ++exponent, &digits))
        return 0;
    int count = PRINTED_DIGITS - trailing_zeros(digits);
    return count + (count > 1) + (exponent <= -100 || exponent >= 100 ? 5 : 4);
}

struct shape_text score_text_printed(double score)
{
    char text[40];
    double value = fabs(score);
    int known = value < 1e-4 || value >= 1e17 ? printed_far_len(value) : printed_len(value);
    if (known)
        return (struct shape_text){.len = (uint64_t)known + (score < 0)};
    if (score == 0)
        return text_of("-0", signbit(score) ? 2 : 1);
    if (isinf(score))
        return (struct shape_text){.len = score < 0 ? 4 : 3};
    int len = snprintf(text, sizeof text, "%.17g", score);
    return text_of(text, (size_t)len);
}

/* ---- Grisu2 (Loitsch, "Printing floating-point numbers quickly and accurately with integers", 2010), as fpconv_dtoa
 * has it: all that is needed is how many digits it gives and the exponent of the last one. It misses the shortest form
 * in about one of 2000 doubles, so nothing simpler gives the same lengths. --------------------------------------------
 */

struct scaled {
    uint64_t fraction;
    int exponent;
};

static struct scaled multiply(struct scaled a, struct power b)
{
    unsigned __int128 product = (unsigned __int128)a.fraction * b.fraction + ((uint64_t)1 << 63);
    return (struct scaled){(uint64_t)(product >> 64), a.exponent + b.exponent + 64};
}

/* The power that brings an exponent into -60 .. -32, nearest to the one that fpconv tries first. */
static int choose_power(int exponent)
{
    enum { LEAST = -60, MOST = -32 };
    int approximate = (int)(-(exponent + POWER_COUNT) * 0.30102999566398114);
    int index = (approximate - POWER_FIRST) / POWER_STEP;
    for (;;) {
        int current = exponent + powers[index].exponent + 64;
        if (current < LEAST)
            index++;
        else if (current > MOST)
            index--;
        else
            return index;
    }
}

struct digits {
    int count;
    int exponent; /* of the last digit */
};

/* Digits of `upper` until what is left is within `delta` of it. */
static struct digits generate(struct scaled upper, uint64_t delta, int exponent)
{
    int shift = -upper.exponent;
    uint64_t one = (uint64_t)1 << shift, whole = upper.fraction >> shift, part = upper.fraction & (one - 1);
    uint64_t divisor = 1000000000;
    struct digits digits = {0, exponent};
    for (int left = 10; left > 0; divisor /= 10) {
        uint64_t digit = whole / divisor;
        digits.count += digit || digits.count;
        whole -= digit * divisor;
        left--;
        if ((whole << shift) + part <= delta) {
            digits.exponent += left;
            return digits;
        }
    }
    for (;;) {
        part *= 10;
        delta *= 10;
        digits.exponent--;
        uint64_t digit = part >> shift;
        digits.count += digit || digits.count;
        part &= one - 1;
        if (part < delta)
            return digits;
    }
}

static struct digits grisu2(double value)
{
    const uint64_t hidden = (uint64_t)1 << 52;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t mantissa = bits & (hidden - 1);
    int biased = (int)(bits >> 52 & 0x7ff);
    struct scaled w = {mantissa + (biased ? hidden : 0), (biased ? biased : 1) - 1075};
    struct scaled upper = {2 * w.fraction + 1, w.exponent - 1};
    int lower_shift = w.fraction == hidden ? 2 : 1;
    struct scaled lower = {(w.fraction << lower_shift) - 1, w.exponent - lower_shift};
    int up = __builtin_clzll(upper.fraction);
    upper = (struct scaled){upper.fraction << up, upper.exponent - up};
    lower = (struct scaled){lower.fraction << (lower.exponent - upper.exponent), upper.exponent};
    int index = choose_power(upper.exponent);
    upper = multiply(upper, powers[index]);
    lower = multiply(lower, powers[index]);
    upper.fraction--;
    lower.fraction++;
    return generate(upper, upper.fraction - lower.fraction, -(POWER_FIRST + POWER_STEP * index));
}

/* The length of fpconv's text: plain, with a decimal point, or with an exponent that is not padded. */
static int shortest_len(struct digits digits, bool negative)
{
    enum { MOST_DIGITS = 18 };
    int count = digits.count, last = digits.exponent;
    int exponent = last + count - 1, magnitude = exponent < 0 ? -exponent : exponent;
    if (last >= 0 && magnitude < count + 7)
        return count + last;
    if (last < 0 && (last > -7 || magnitude < 4))
        return count + last <= 0 ? 2 - last : count + 1;
    if (count > MOST_DIGITS - negative)
        count = MOST_DIGITS - negative;
    int exponent_digits = magnitude >= 100 ? 3 : magnitude >= 10 ? 2 : 1;
    return count + (count > 1) + 2 + exponent_digits;
}

struct shape_text score_text_shortest(double score)
{
    bool negative = signbit(score);
    if (isinf(score) || score == 0)
        return (struct shape_text){.len = (isinf(score) ? 3u : 1u) + negative};
    struct digits digits = grisu2(fabs(score));
    int len = shortest_len(digits, negative) + negative;
    /* A plain whole number above 2^62 is text that reads as an integer, as far as 64 bits go. */
    const double integers_end = 9223372036854775808.0;
    if (digits.exponent >= 0 && len == digits.count + digits.exponent + negative && fabs(score) < integers_end)
        return (struct shape_text){.len = (uint64_t)len, .integer = (int64_t)score, .is_integer = true};
    return (struct shape_text){.len = (uint64_t)len};
}
