#include "decimal.h"

#include <rdbparse.h>
#include <string.h>

static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                            "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                            "8081828384858687888990919293949596979899";

#define THREE(a, b, c)                                                                                                 \
    ((uint32_t)('0' + (a)) | (uint32_t)('0' + (b)) << 8 | (uint32_t)('0' + (c)) << 16 |                                \
     (uint32_t)((a) != 0   ? 0                                                                                         \
                : (b) != 0 ? 8                                                                                         \
                           : 16)                                                                                       \
         << 24)
#define TEN(a, b)                                                                                                      \
    THREE(a, b, 0), THREE(a, b, 1), THREE(a, b, 2), THREE(a, b, 3), THREE(a, b, 4), THREE(a, b, 5), THREE(a, b, 6),    \
        THREE(a, b, 7), THREE(a, b, 8), THREE(a, b, 9)
#define HUNDRED(a)                                                                                                     \
    TEN(a, 0), TEN(a, 1), TEN(a, 2), TEN(a, 3), TEN(a, 4), TEN(a, 5), TEN(a, 6), TEN(a, 7), TEN(a, 8), TEN(a, 9)

const uint32_t decimal_threes[] = {HUNDRED(0), HUNDRED(1), HUNDRED(2), HUNDRED(3), HUNDRED(4),
                                   HUNDRED(5), HUNDRED(6), HUNDRED(7), HUNDRED(8), HUNDRED(9)};

static inline char *put_pair(char *out, unsigned number)
{
    memcpy(out, pairs + (size_t)number * 2, 2);
    return out + 2;
}

char *decimal_print(char *out, uint64_t number)
{
    char *end = out + rdb_decimal_digits(number), *at = end;
    while (number >= 100) {
        at -= 2;
        put_pair(at, (unsigned)(number % 100));
        number /= 100;
    }
    if (number >= 10)
        put_pair(at - 2, (unsigned)number);
    else
        at[-1] = (char)('0' + number);
    return end;
}

/* The date of a day counted from 1970 (H. Hinnant, "chrono-compatible low-level date algorithms"). */
static char *put_date(char *out, int64_t days)
{
    uint64_t shifted = (uint64_t)(days + 719468);
    unsigned day_of_era = (unsigned)(shifted % 146097);
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month = (5 * day_of_year + 2) / 153;
    unsigned day = day_of_year - (153 * month + 2) / 5 + 1;
    unsigned year = (unsigned)(shifted / 146097) * 400 + year_of_era + (month >= 10);
    out = put_pair(put_pair(out, year / 100), year % 100);
    *out++ = '-';
    out = put_pair(out, month < 10 ? month + 3 : month - 9);
    *out++ = '-';
    return put_pair(out, day);
}

static const int64_t year_1_ms = -62135596800000, year_10000_ms = 253402300800000, day_ms = 86400000;

char *decimal_print_time(char *out, int64_t ms)
{
    if (ms < year_1_ms || ms >= year_10000_ms) {
        if (ms < 0)
            *out++ = '-';
        return decimal_print(out, ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms);
    }
    int64_t days = (ms - year_1_ms) / day_ms + year_1_ms / day_ms;
    unsigned rest = (unsigned)(ms - days * day_ms);
    out = put_date(out, days);
    *out++ = 'T';
    out = put_pair(out, rest / 3600000);
    *out++ = ':';
    out = put_pair(out, rest / 60000 % 60);
    *out++ = ':';
    out = put_pair(out, rest / 1000 % 60);
    *out++ = '.';
    *out++ = (char)('0' + rest / 100 % 10);
    out = put_pair(out, rest % 100);
    *out++ = 'Z';
    return out;
}
