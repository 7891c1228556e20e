#include "values.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static size_t print_nothing(char *out, const struct doc_value *value)
{
    (void)value;
    *out = 0;
    return 0;
}

size_t print_grouped(char *out, uint64_t number)
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRIu64, number);
    size_t len = 0;
    for (int i = 0; i < count; i++) {
        if (i && (count - i) % 3 == 0)
            out[len++] = ',';
        out[len++] = digits[i];
    }
    out[len] = 0;
    return len;
}

/* Three significant digits, but never fewer than the integer part has. */
static size_t print_significant(char *out, double number, const char *unit)
{
    int decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
    return (size_t)snprintf(out, VALUE_MAX, "%.*f%s", decimals, number, unit);
}

static size_t print_bytes(char *out, uint64_t bytes)
{
    static const char *const units[] = {" B", " KB", " MB", " GB", " TB", " PB", " EB"};
    if (bytes < 1024)
        return (size_t)snprintf(out, VALUE_MAX, "%" PRIu64 "%s", bytes, units[0]);
    double number = (double)bytes;
    size_t unit = 0;
    while (number >= 1023.5 && unit + 1 < sizeof units / sizeof units[0]) {
        number /= 1024;
        unit++;
    }
    if (bytes == (uint64_t)number << 10 * unit)
        return (size_t)snprintf(out, VALUE_MAX, "%.0f%s", number, units[unit]);
    return print_significant(out, number, units[unit]);
}

static double no_number(const struct doc_value *value)
{
    (void)value;
    return 0;
}

static double count_number(const struct doc_value *value)
{
    return (double)value->count;
}

static double integer_number(const struct doc_value *value)
{
    return (double)value->integer;
}

static double own_number(const struct doc_value *value)
{
    return isfinite(value->number) ? value->number : 0;
}

static size_t print_count_value(char *out, const struct doc_value *value)
{
    return print_grouped(out, value->count);
}

static size_t print_bytes_value(char *out, const struct doc_value *value)
{
    return print_bytes(out, value->count);
}

static size_t print_delta(char *out, const struct doc_value *value)
{
    if (value->integer == 0)
        return print_bytes(out, 0);
    bool negative = value->integer < 0;
    *out = negative ? '-' : '+';
    uint64_t size = negative ? 0 - (uint64_t)value->integer : (uint64_t)value->integer;
    return 1 + print_bytes(out + 1, size);
}

static size_t print_share(char *out, const struct doc_value *value)
{
    double percent = value->number * 100;
    if (!isfinite(percent))
        return (size_t)snprintf(out, VALUE_MAX, "-");
    if (percent > 0 && percent < 0.05)
        return (size_t)snprintf(out, VALUE_MAX, "<0.1%%");
    /* "100.0%" is kept for what is all of it. */
    if (percent < 100 && percent >= 99.95)
        return (size_t)snprintf(out, VALUE_MAX, ">99.9%%");
    return (size_t)snprintf(out, VALUE_MAX, "%.1f%%", percent);
}

static size_t print_number(char *out, const struct doc_value *value)
{
    double number = value->number;
    if (!isfinite(number))
        return (size_t)snprintf(out, VALUE_MAX, "-");
    double size = fabs(number);
    if (size >= 999.5 && size < 1e15) {
        bool negative = number < 0;
        if (negative)
            *out++ = '-';
        return negative + print_grouped(out, (uint64_t)llround(size));
    }
    return (size_t)snprintf(out, VALUE_MAX, "%.*g", size >= 1e15 ? 6 : 3, number);
}

static size_t print_duration(char *out, const struct doc_value *value)
{
    static const struct {
        uint64_t ms;
        const char *name;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}};
    enum { UNITS = sizeof units / sizeof units[0] };
    size_t len = 0;
    uint64_t ms = (uint64_t)value->integer;
    if (value->integer < 0) {
        out[len++] = '-';
        ms = 0 - ms;
    }
    if (ms == 0)
        return len + (size_t)snprintf(out + len, VALUE_MAX - len, "0s");
    if (ms < 1000)
        return len + (size_t)snprintf(out + len, VALUE_MAX - len, "%" PRIu64 " ms", ms);
    size_t unit = 0;
    while (ms < units[unit].ms)
        unit++;
    len += print_grouped(out + len, ms / units[unit].ms);
    len += (size_t)snprintf(out + len, VALUE_MAX - len, "%s", units[unit].name);
    uint64_t rest = unit + 1 < UNITS ? ms % units[unit].ms / units[unit + 1].ms : 0;
    if (rest)
        len += (size_t)snprintf(out + len, VALUE_MAX - len, " %" PRIu64 "%s", rest, units[unit + 1].name);
    return len;
}

static size_t print_time(char *out, const struct doc_value *value)
{
    int64_t seconds = value->integer / 1000 - (value->integer % 1000 < 0);
    time_t when = (time_t)seconds;
    struct tm parts;
    if (!gmtime_r(&when, &parts))
        return (size_t)snprintf(out, VALUE_MAX, "%" PRId64 " ms", value->integer);
    return (size_t)snprintf(out, VALUE_MAX, "%04ld-%02d-%02d %02d:%02d:%02d UTC", parts.tm_year + 1900L,
                            parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

static size_t print_truth(char *out, const struct doc_value *value)
{
    return (size_t)snprintf(out, VALUE_MAX, "%s", value->truth ? "yes" : "no");
}

static size_t plain_count(char *out, const struct doc_value *value)
{
    return (size_t)snprintf(out, VALUE_MAX, "%" PRIu64, value->count);
}

static size_t plain_integer(char *out, const struct doc_value *value)
{
    return (size_t)snprintf(out, VALUE_MAX, "%" PRId64, value->integer);
}

/* The shortest decimal that reads back as the same double. */
static size_t plain_number(char *out, const struct doc_value *value)
{
    if (!isfinite(value->number))
        return print_nothing(out, value);
    for (int digits = 15; digits < 17; digits++) {
        size_t len = (size_t)snprintf(out, VALUE_MAX, "%.*g", digits, value->number);
        double back = strtod(out, NULL);
        if (memcmp(&back, &value->number, sizeof back) == 0)
            return len;
    }
    return (size_t)snprintf(out, VALUE_MAX, "%.17g", value->number);
}

static size_t plain_truth(char *out, const struct doc_value *value)
{
    return (size_t)snprintf(out, VALUE_MAX, "%s", value->truth ? "true" : "false");
}

static const struct value_kind kinds[] = {
    [DOC_COUNT] = {"count", false, true, print_count_value, plain_count, count_number},
    [DOC_BYTES] = {"bytes", false, true, print_bytes_value, plain_count, count_number},
    [DOC_DELTA] = {"delta", false, true, print_delta, plain_integer, integer_number},
    [DOC_SHARE] = {"share", false, true, print_share, plain_number, own_number},
    [DOC_NUMBER] = {"number", false, true, print_number, plain_number, own_number},
    [DOC_TEXT] = {"text", true, false, print_nothing, print_nothing, no_number},
    [DOC_NAME] = {"name", true, false, print_nothing, print_nothing, no_number},
    [DOC_DURATION] = {"duration", false, true, print_duration, plain_integer, integer_number},
    [DOC_TIME] = {"time", false, true, print_time, plain_integer, integer_number},
    [DOC_BOOL] = {"bool", false, false, print_truth, plain_truth, no_number},
    [DOC_CODE] = {"code", true, false, print_nothing, print_nothing, no_number},
    [DOC_NONE] = {"none", false, false, print_nothing, print_nothing, no_number},
};

const struct value_kind *value_kind(enum doc_kind kind)
{
    return &kinds[kind];
}

double value_number(const struct doc_value *value)
{
    return kinds[value->kind].number(value);
}

static const struct severity_words severities[] = {
    [DOC_INFO] = {"info", ""},
    [DOC_GOOD] = {"good", ""},
    [DOC_WARNING] = {"warning", "Warning:"},
    [DOC_CRITICAL] = {"critical", "Critical:"},
};

const struct severity_words *severity_words(enum doc_severity severity)
{
    return &severities[severity];
}
