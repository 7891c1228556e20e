#include "primitives.h"

#include <math.h>
#include <stdlib.h>

#include "lzf_check.h"
#include "unpack.h"

unsigned rdb_decimal_digits(uint64_t number)
{
    static const uint64_t powers[] = {0, /* so that 0 has one digit */
                                      10,
                                      100,
                                      1000,
                                      10000,
                                      100000,
                                      1000000,
                                      10000000,
                                      100000000,
                                      1000000000,
                                      10000000000,
                                      100000000000,
                                      1000000000000,
                                      10000000000000,
                                      100000000000000,
                                      1000000000000000,
                                      10000000000000000,
                                      100000000000000000,
                                      1000000000000000000,
                                      UINT64_C(10000000000000000000)};
    unsigned bits = 64 - (unsigned)__builtin_clzll(number | 1);
    unsigned guess = bits * 1233 >> 12; /* log10(2) in 12 bits: right or one too low */
    return guess + (number >= powers[guess]);
}

/* ---- lengths and numbers ---- */

enum { LEN_32 = 0x80, LEN_64 = 0x81, STRING_INT8 = 0xC0, STRING_INT16, STRING_INT32, STRING_LZF };

/* Bytes of a length that starts with `first`, 0 where none does. */
static inline unsigned len_size(uint8_t first)
{
    if (first < 0x80)
        return 1 + (first >> 6);
    return first == LEN_32 ? 5 : first == LEN_64 ? 9 : 0;
}

static inline uint64_t len_value(const uint8_t *p, unsigned size)
{
    switch (size) {
    case 1:
        return *p;
    case 2:
        return (uint64_t)(*p & 0x3F) << 8 | p[1];
    case 5:
        return rdb_be32(p + 1);
    default:
        return rdb_be64(p + 1);
    }
}

enum rdb_status rdb_read_len_slow(struct rdb_input *in, uint64_t *value, const char *what)
{
    *value = 0;
    RDB_TRY(rdb_input_need(in, 1, what));
    unsigned size = len_size(*in->pos);
    if (size == 0)
        return rdb_input_fail(in, RDB_ERR_CORRUPT, "%s was expected, but 0x%02x starts no length", what, *in->pos);
    RDB_TRY(rdb_input_need(in, size, what));
    *value = len_value(in->pos, size);
    in->pos += size;
    return RDB_OK;
}

enum rdb_status rdb_read_le32(struct rdb_input *in, uint32_t *value, const char *what)
{
    RDB_TRY(rdb_input_need(in, 4, what));
    *value = rdb_le32(in->pos);
    in->pos += 4;
    return RDB_OK;
}

enum rdb_status rdb_read_le64(struct rdb_input *in, uint64_t *value, const char *what)
{
    RDB_TRY(rdb_input_need(in, 8, what));
    *value = rdb_le64(in->pos);
    in->pos += 8;
    return RDB_OK;
}

enum rdb_status rdb_read_double(struct rdb_input *in, double *value, const char *what)
{
    RDB_TRY(rdb_input_need(in, 8, what));
    *value = rdb_le_double(in->pos);
    in->pos += 8;
    return RDB_OK;
}

enum rdb_status rdb_read_float(struct rdb_input *in, double *value, const char *what)
{
    uint32_t bits;
    float number;
    RDB_TRY(rdb_read_le32(in, &bits, what));
    memcpy(&number, &bits, sizeof number);
    *value = (double)number;
    return RDB_OK;
}

enum rdb_status rdb_read_raw_id(struct rdb_input *in, struct rdb_id *id, const char *what)
{
    RDB_TRY(rdb_input_need(in, 16, what));
    *id = (struct rdb_id){rdb_be64(in->pos), rdb_be64(in->pos + 8)};
    in->pos += 16;
    return RDB_OK;
}

/* strtod takes more than the servers write: blanks, hexadecimal, a locale's decimal sign. */
double rdb_text_double(const char *text)
{
    char *behind;
    if (!*text || strspn(text, "+-.0123456789eEinfINFaA") != strlen(text))
        return NAN;
    double number = strtod(text, &behind);
    return *behind ? NAN : number;
}

enum rdb_status rdb_read_text_double(struct rdb_input *in, double *value)
{
    enum { IS_NAN = 253, IS_PLUS_INFINITY, IS_MINUS_INFINITY };
    static const char what[] = "a score";
    uint8_t len;
    char text[256];
    RDB_TRY(rdb_read_u8(in, &len, what));
    if (len >= IS_NAN) {
        *value = len == IS_NAN ? NAN : len == IS_PLUS_INFINITY ? INFINITY : -INFINITY;
        return RDB_OK;
    }
    for (size_t i = 0; i < len; i++) {
        uint8_t c;
        RDB_TRY(rdb_read_u8(in, &c, what));
        text[i] = (char)c;
    }
    text[len] = '\0';
    *value = strlen(text) == len ? rdb_text_double(text) : NAN;
    return RDB_OK;
}

/* ---- strings ---- */

static inline void set_int(struct rdb_input *in, struct rdb_string *string, const uint8_t *p)
{
    unsigned size = 1u << (*p - STRING_INT8);
    string->value = size == 1 ? (int8_t)p[1] : size == 2 ? (int16_t)rdb_le16(p + 1) : (int32_t)rdb_le32(p + 1);
    string->len = rdb_decimal_len(string->value);
    string->stored_len = size;
    string->bytes = NULL;
    string->bytes_len = 0;
    string->form = RDB_STRING_INT;
    string->input = in;
}

static inline void set_lzf(struct rdb_input *in, struct rdb_string *string, uint64_t stored_len, uint64_t len)
{
    string->len = len;
    string->stored_len = stored_len;
    string->bytes = NULL;
    string->bytes_len = 0;
    string->form = RDB_STRING_LZF;
    string->input = in;
}

/* How many of a compressed string's bytes are at hand: in the window up to its end, or held up to the bound. */
static size_t present_of(const struct rdb_string *string)
{
    const struct rdb_input *in = string->input;
    bool in_window = string->stored >= in->window && string->stored <= in->end;
    size_t most = in_window ? (size_t)(in->end - string->stored) : in->max_name_bytes;
    return string->stored_len < most ? (size_t)string->stored_len : most;
}

/* A compressed string that cannot be unpacked costs its key, not the parse: noted here, reported with the record. */
static void end_lzf_check(struct rdb_input *in, const struct rdb_lzf_check *check, const struct rdb_string *string)
{
    if (!rdb_lzf_check_end(check, string->len))
        rdb_input_damage(in, "a compressed string of %llu bytes does not unpack to its %llu bytes",
                         (unsigned long long)string->stored_len, (unsigned long long)string->len);
}

/* Likewise; of a string that is not there whole only what its lengths tell. */
static void check_lzf_closely(struct rdb_input *in, const struct rdb_string *string)
{
    struct rdb_lzf_check check = {0};
    if (!rdb_lzf_plausible(string->stored_len, string->len)) {
        rdb_input_damage(in, "a compressed string claims more bytes than its %llu can hold, or none",
                         (unsigned long long)string->stored_len);
    } else if (in->deep && present_of(string) == string->stored_len) {
        rdb_lzf_check_bytes(&check, string->stored, (size_t)string->stored_len);
        end_lzf_check(in, &check, string);
    }
}

/* Passes over the last `left` bytes of a compressed string and checks them on the way. */
static enum rdb_status skip_checked(struct rdb_input *in, struct rdb_lzf_check *check, const struct rdb_string *string,
                                    uint64_t left, const char *what)
{
    while (left) {
        RDB_TRY(rdb_input_need(in, 1, what));
        size_t part = rdb_input_present(in) < left ? rdb_input_present(in) : (size_t)left;
        rdb_lzf_check_bytes(check, in->pos, part);
        in->pos += part;
        left -= part;
    }
    end_lzf_check(in, check, string);
    return RDB_OK;
}

enum rdb_status rdb_string_prefix(struct rdb_input *in, struct rdb_string *string, const char *what)
{
    RDB_TRY(rdb_input_need(in, 1, what));
    uint8_t first = *in->pos;
    uint64_t len, stored_len;
    if (first < STRING_INT8) {
        RDB_TRY(rdb_read_len(in, &len, what));
        rdb_string_set_raw(string, NULL, len);
        string->bytes_len = 0;
        return RDB_OK;
    }
    if (first > STRING_LZF)
        return rdb_input_fail(in, RDB_ERR_CORRUPT, "%s was expected, but 0x%02x starts no string", what, first);
    if (first < STRING_LZF) {
        size_t size = 1u << (first - STRING_INT8);
        RDB_TRY(rdb_input_need(in, 1 + size, what));
        set_int(in, string, in->pos);
        in->pos += 1 + size;
        return RDB_OK;
    }
    in->pos++;
    RDB_TRY(rdb_read_len(in, &stored_len, what));
    RDB_TRY(rdb_read_len(in, &len, what));
    set_lzf(in, string, stored_len, len);
    return RDB_OK;
}

static inline void check_lzf(struct rdb_input *in, const struct rdb_string *string)
{
    if (__builtin_expect(in->deep || !rdb_lzf_plausible(string->stored_len, string->len), 0))
        check_lzf_closely(in, string);
}

static void set_present(struct rdb_input *in, struct rdb_string *string, const uint8_t *bytes, uint64_t present)
{
    if (string->form == RDB_STRING_RAW) {
        string->bytes = bytes;
        string->bytes_len = present < UINT32_MAX ? (uint32_t)present : UINT32_MAX;
    } else {
        string->stored = bytes;
        check_lzf(in, string);
    }
}

enum rdb_status rdb_string_hold(struct rdb_input *in, enum rdb_hold place, struct rdb_string *string, const char *what)
{
    RDB_TRY(rdb_string_prefix(in, string, what));
    if (string->form == RDB_STRING_INT)
        return RDB_OK;
    size_t part = string->stored_len < in->max_name_bytes ? (size_t)string->stored_len : in->max_name_bytes;
    RDB_TRY(rdb_input_copy(in, place, part, what));
    set_present(in, string, in->hold[place].bytes, part);
    uint64_t left = string->stored_len - part;
    if (!in->deep || string->form != RDB_STRING_LZF || left == 0)
        return rdb_input_skip(in, left, what);
    struct rdb_lzf_check check = {0};
    rdb_lzf_check_bytes(&check, in->hold[place].bytes, part);
    return skip_checked(in, &check, string, left, what);
}

enum rdb_status rdb_string_open(struct rdb_input *in, struct rdb_string *string, const char *what)
{
    RDB_TRY(rdb_string_prefix(in, string, what));
    if (string->form == RDB_STRING_INT)
        return RDB_OK;
    RDB_TRY(rdb_input_want(in, string->stored_len));
    size_t present = rdb_input_present(in);
    if (present < in->capacity && present < string->stored_len) {
        in->pos = in->end;
        return rdb_input_truncated(in, string->stored_len - present, what);
    }
    set_present(in, string, in->pos, present < string->stored_len ? present : string->stored_len);
    return RDB_OK;
}

enum rdb_status rdb_string_close(struct rdb_input *in, const struct rdb_string *string, const char *what)
{
    if (string->form == RDB_STRING_INT)
        return RDB_OK;
    if (!in->deep || string->form != RDB_STRING_LZF || rdb_input_present(in) >= string->stored_len)
        return rdb_input_skip(in, string->stored_len, what);
    struct rdb_lzf_check check = {0};
    return skip_checked(in, &check, string, string->stored_len, what);
}

enum rdb_status rdb_string_pass(struct rdb_input *in, const char *what)
{
    struct rdb_string string = {0};
    RDB_TRY(rdb_string_prefix(in, &string, what));
    if (string.form == RDB_STRING_LZF && !in->deep)
        check_lzf(in, &string);
    return rdb_string_close(in, &string, what);
}

__attribute__((always_inline)) static inline bool peek_len(const uint8_t **at, const uint8_t *end, uint64_t *len)
{
    unsigned size = *at < end ? len_size(**at) : 0;
    if (size == 0 || (size_t)(end - *at) < size)
        return false;
    *len = len_value(*at, size);
    *at += size;
    return true;
}

static bool peek_int(struct rdb_input *in, const uint8_t **at, struct rdb_string *string)
{
    const uint8_t *p = *at;
    size_t size = 1 + (1u << (*p - STRING_INT8));
    if ((size_t)(in->end - p) < size)
        return false;
    set_int(in, string, p);
    *at = p + size;
    return true;
}

static bool peek_lzf(struct rdb_input *in, const uint8_t **at, struct rdb_string *string)
{
    const uint8_t *p = *at + 1, *end = in->end;
    uint64_t len, stored_len;
    p = end - p >= 2 * RDB_SHORT_LEN_MAX ? rdb_short_len(p, &stored_len) : NULL;
    p = p != NULL ? rdb_short_len(p, &len) : NULL;
    if (p == NULL) {
        p = *at + 1;
        if (!peek_len(&p, end, &stored_len) || !peek_len(&p, end, &len))
            return false;
    }
    if (stored_len > (size_t)(end - p))
        return false;
    set_lzf(in, string, stored_len, len);
    string->stored = p;
    check_lzf(in, string);
    *at = p + stored_len;
    return true;
}

bool rdb_string_peek_slow(struct rdb_input *in, const uint8_t **at, struct rdb_string *string)
{
    const uint8_t *p = *at, *end = in->end;
    uint64_t len;
    if (p == end || *p > STRING_LZF)
        return false;
    if (*p == STRING_LZF)
        return peek_lzf(in, at, string);
    if (*p >= STRING_INT8)
        return peek_int(in, at, string);
    if (!peek_len(&p, end, &len) || len > (size_t)(end - p))
        return false;
    rdb_string_set_raw(string, p, len);
    *at = p + len;
    return true;
}

/* ---- for the sink ---- */

enum { INT_TEXT_SIZE = 24, INT_TEXTS = 1024 };

static size_t print_int(struct rdb_input *in, int64_t value, unsigned len, const uint8_t **bytes)
{
    uint8_t *text = rdb_input_hold(in, RDB_HOLD_INT_TEXTS, INT_TEXT_SIZE * INT_TEXTS);
    if (!text)
        return 0;
    text += (size_t)INT_TEXT_SIZE * (in->int_texts++ % INT_TEXTS);
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    unsigned at = len;
    do {
        text[--at] = (uint8_t)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        text[--at] = '-';
    *bytes = text;
    return len;
}

size_t rdb_string_bytes(const struct rdb_string *string, size_t max, const uint8_t **bytes)
{
    static const uint8_t nothing[1];
    size_t got = string->bytes_len;
    struct rdb_input *in = string->input;
    *bytes = string->bytes ? string->bytes : nothing;
    if (string->form == RDB_STRING_INT) {
        got = print_int(in, string->value, (unsigned)string->len, bytes);
    } else if (string->form == RDB_STRING_LZF) {
        struct rdb_lzf lzf = {string->stored, present_of(string), string->stored_len, string->len};
        enum rdb_hold place = in->lzf_texts++ % 2 ? RDB_HOLD_LZF_ODD : RDB_HOLD_LZF_EVEN;
        if (rdb_lzf_unpack(in, &lzf, place, max, &got) == RDB_OK && got)
            *bytes = in->hold[place].bytes;
    }
    return got < max ? got : max;
}

int rdb_string_first_byte(const struct rdb_string *string)
{
    enum { LITERALS = 32 }; /* control bytes below it: so many literal bytes, and one, follow */
    if (string->form == RDB_STRING_RAW)
        return string->bytes_len ? string->bytes[0] : -1;
    if (string->form != RDB_STRING_LZF || present_of(string) < 2 || string->len == 0)
        return -1;
    return string->stored[0] < LITERALS ? string->stored[1] : -1; /* a stream begins with literals */
}
