#include "options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "nearest.h"

struct parser {
    const struct option_group *const *groups;
    char *values;
    char *message; /* OPTIONS_MESSAGE_BYTES */
};

/* ---- values --------------------------------------------------------------------------------------------------------
 */

/* Reads digits at *text; false when there is none or they exceed 64 bits. */
static bool read_digits(const char **text, uint64_t *number)
{
    const char *at = *text;
    uint64_t sum = 0;
    for (; isdigit((unsigned char)*at); at++) {
        if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, (uint64_t)(*at - '0'), &sum))
            return false;
    }
    bool any = at != *text;
    *text = at;
    *number = sum;
    return any;
}

bool options_parse_count(const char *text, uint64_t *count)
{
    return read_digits(&text, count) && *text == '\0';
}

bool options_parse_bytes(const char *text, uint64_t *bytes)
{
    static const struct {
        const char *suffix;
        uint64_t factor;
    } units[] = {{"", 1},        {"b", 1},        {"k", 1000},       {"kb", 1 << 10},
                 {"m", 1000000}, {"mb", 1 << 20}, {"g", 1000000000}, {"gb", 1 << 30}};
    uint64_t number;
    if (!read_digits(&text, &number))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcasecmp(text, units[i].suffix) == 0)
            return !__builtin_mul_overflow(number, units[i].factor, bytes);
    }
    return false;
}

/* Days since 1970 of a date of the Gregorian calendar, month 1..12 (H. Hinnant, "chrono-compatible low-level date
 * algorithms"). */
static int64_t days_of_date(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    unsigned year_of_era = (unsigned)(year - era * 400);
    unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + (int64_t)day_of_era - 719468;
}

/* ".123" to milliseconds; nothing is 0. Further digits are refused rather than dropped. */
static bool read_decimals(const char **text, int64_t *ms)
{
    *ms = 0;
    if (**text != '.')
        return true;
    const char *at = ++*text;
    int64_t weight = 100;
    for (; isdigit((unsigned char)*at); at++, weight /= 10)
        *ms += (*at - '0') * weight;
    bool valid = at > *text && at - *text <= 3;
    *text = at;
    return valid;
}

static bool parse_calendar_time(const char *text, int64_t *ms)
{
    int year, month, day, hour = 0, minute = 0, second = 0, used = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 || used != 10)
        return false;
    text += used;
    if (*text == 'T' || *text == ' ') {
        if (sscanf(text + 1, "%2d:%2d:%2d%n", &hour, &minute, &second, &used) != 3 || used != 8)
            return false;
        text += 1 + used;
    }
    int64_t decimals;
    if (!read_decimals(&text, &decimals) || (strcmp(text, "") != 0 && strcmp(text, "Z") != 0))
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 60)
        return false;
    int64_t days = days_of_date(year, (unsigned)month, (unsigned)day);
    *ms = ((days * 24 + hour) * 60 + minute) * 60000 + second * 1000 + decimals;
    return true;
}

bool options_parse_time(const char *text, int64_t *ms)
{
    if (strchr(text, '-') != NULL)
        return parse_calendar_time(text, ms);
    uint64_t seconds;
    int64_t decimals;
    if (!read_digits(&text, &seconds) || !read_decimals(&text, &decimals) || *text != '\0' ||
        seconds > INT64_MAX / 2000)
        return false;
    *ms = (int64_t)seconds * 1000 + decimals;
    return true;
}

static bool parse_choice(const struct option *option, const char *text, unsigned *index)
{
    for (unsigned i = 0; option->choices[i] != NULL; i++) {
        if (strcmp(option->choices[i], text) == 0) {
            *index = i;
            return true;
        }
    }
    return false;
}

static bool append(struct text_list *list, const char *text)
{
    if (list->count == OPTIONS_MAX_TEXTS)
        return false;
    list->text[list->count++] = text;
    return true;
}

/* ---- messages ------------------------------------------------------------------------------------------------------
 */

static const char *expectation(const struct option *option, char *text, size_t size)
{
    static const char *const words[] = {
        [OPTION_FLAG] = "no value",
        [OPTION_TEXT] = "a text",
        [OPTION_TEXTS] = "at most 64 of it",
        [OPTION_COUNT] = "a whole number",
        [OPTION_BYTES] = "a number of bytes such as 1500, 10kb or 64mb",
        [OPTION_TIME] = "seconds since 1970 or a time such as 2026-11-20T07:36:00Z",
    };
    if (option->kind != OPTION_CHOICE)
        return words[option->kind];
    size_t used = (size_t)snprintf(text, size, "one of");
    for (size_t i = 0; option->choices[i] != NULL && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s %s", i == 0 ? "" : ",", option->choices[i]);
    return text;
}

static bool fail_value(const struct parser *parser, const struct option *option, const char *value)
{
    char text[160];
    struct nearest nearest;
    char hint[120] = "";
    if (option->kind == OPTION_CHOICE) {
        nearest_init(&nearest, value);
        for (size_t i = 0; option->choices[i] != NULL; i++)
            nearest_offer(&nearest, option->choices[i]);
        nearest_hint(&nearest, "", hint, sizeof hint);
    }
    snprintf(parser->message, OPTIONS_MESSAGE_BYTES, "--%s: '%.80s' given, %s expected%s", option->name, value,
             expectation(option, text, sizeof text), hint);
    return false;
}

static bool fail_unknown(const struct parser *parser, const char *name)
{
    struct nearest nearest;
    nearest_init(&nearest, name);
    for (size_t g = 0; parser->groups[g] != NULL; g++) {
        for (size_t i = 0; i < parser->groups[g]->count; i++)
            nearest_offer(&nearest, parser->groups[g]->rows[i].name);
    }
    char hint[120];
    snprintf(parser->message, OPTIONS_MESSAGE_BYTES, "there is no option '--%.80s'%s", name,
             nearest_hint(&nearest, "--", hint, sizeof hint));
    return false;
}

/* ---- parsing -------------------------------------------------------------------------------------------------------
 */

static const struct option *find_option(const struct parser *parser, const char *name, size_t len, char letter)
{
    for (size_t g = 0; parser->groups[g] != NULL; g++) {
        for (size_t i = 0; i < parser->groups[g]->count; i++) {
            const struct option *row = &parser->groups[g]->rows[i];
            if (name != NULL ? strlen(row->name) == len && memcmp(row->name, name, len) == 0
                             : letter != 0 && row->letter == letter)
                return row;
        }
    }
    return NULL;
}

static bool store(const struct parser *parser, const struct option *option, const char *value)
{
    void *member = parser->values + option->offset;
    bool stored = true;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)member = true;
        break;
    case OPTION_TEXT:
        *(const char **)member = value;
        break;
    case OPTION_TEXTS:
        stored = append(member, value);
        break;
    case OPTION_COUNT:
        stored = options_parse_count(value, member);
        break;
    case OPTION_BYTES:
        stored = options_parse_bytes(value, member);
        break;
    case OPTION_TIME: {
        struct option_time *time = member;
        stored = time->given = options_parse_time(value, &time->ms);
        break;
    }
    case OPTION_CHOICE:
        stored = parse_choice(option, value, member);
        break;
    }
    return stored || fail_value(parser, option, value);
}

/* Stores `option` with the value that came with it (NULL: none), or else with the next word. Returns the number of
 * further words used, or -1. */
static int take(const struct parser *parser, const struct option *option, const char *value, int rest,
                const char *const *next)
{
    if (option->kind == OPTION_FLAG) {
        if (value != NULL) {
            fail_value(parser, option, value);
            return -1;
        }
        return store(parser, option, NULL) ? 0 : -1;
    }
    if (value != NULL)
        return store(parser, option, value) ? 0 : -1;
    if (rest == 0) {
        snprintf(parser->message, OPTIONS_MESSAGE_BYTES, "--%s needs a value: --%s %s", option->name, option->name,
                 option->argument);
        return -1;
    }
    return store(parser, option, next[0]) ? 1 : -1;
}

static int take_long(const struct parser *parser, const char *word, int rest, const char *const *next)
{
    const char *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const struct option *option = find_option(parser, word, len, 0);
    if (option == NULL) {
        char name[81];
        snprintf(name, sizeof name, "%.*s", (int)(len < 80 ? len : 80), word);
        fail_unknown(parser, name);
        return -1;
    }
    return take(parser, option, equals != NULL ? equals + 1 : NULL, rest, next);
}

/* "-n5", "-n 5", "-ab" for flags a and b. */
static int take_short(const struct parser *parser, const char *letters, int rest, const char *const *next)
{
    for (; *letters != '\0'; letters++) {
        const struct option *option = find_option(parser, NULL, 0, *letters);
        if (option == NULL) {
            snprintf(parser->message, OPTIONS_MESSAGE_BYTES, "there is no option '-%c'", *letters);
            return -1;
        }
        if (option->kind != OPTION_FLAG)
            return take(parser, option, letters[1] != '\0' ? letters + 1 : NULL, rest, next);
        store(parser, option, NULL);
    }
    return 0;
}

bool options_parse(const struct option_group *const *groups, void *values, struct operand_list *operands, int argc,
                   const char *const *argv, char message[OPTIONS_MESSAGE_BYTES])
{
    struct parser parser = {groups, values, message};
    bool only_operands = false;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        int used = 0;
        if (only_operands || word[0] != '-' || word[1] == '\0') {
            if (operands->count == operands->capacity) {
                snprintf(message, OPTIONS_MESSAGE_BYTES, "too many arguments");
                return false;
            }
            operands->text[operands->count++] = word;
        } else if (strcmp(word, "--") == 0) {
            only_operands = true;
        } else if (word[1] == '-') {
            used = take_long(&parser, word + 2, argc - i - 1, argv + i + 1);
        } else {
            used = take_short(&parser, word + 1, argc - i - 1, argv + i + 1);
        }
        if (used < 0)
            return false;
        i += used;
    }
    return true;
}
