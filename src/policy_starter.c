#include "policy_starter.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "render.h"
#include "utf8.h"
#include "values.h"

enum { LIMIT_TEXT = 64 };

bool policy_starter_glob(const uint8_t *pattern, size_t len, char glob[STARTER_GLOB_MAX])
{
    size_t used = 0;
    for (size_t at = 0; at < len;) {
        uint32_t point;
        unsigned size = utf8_decode(pattern + at, len - at, &point);
        if (size == 0 || point == 0 || utf8_is_control(point) || used + size + 2 > STARTER_GLOB_MAX)
            return false;
        if (point < 128 && strchr("?[\\", (int)point) != NULL)
            glob[used++] = '\\';
        memcpy(glob + used, pattern + at, size);
        used += size;
        at += size;
    }
    glob[used] = '\0';
    return true;
}

/* ---- limits --------------------------------------------------------------------------------------------------------
 */

/* A quarter more. */
static uint64_t with_room(uint64_t found)
{
    return found > UINT64_MAX / 2 ? UINT64_MAX / 2 : found + found / 4 + (found % 4 != 0);
}

/* Rounded up to two digits. */
static uint64_t round_up(uint64_t number)
{
    uint64_t unit = 1;
    while (number / unit >= 100)
        unit *= 10;
    return (number + unit - 1) / unit * unit;
}

static void print_bytes(uint64_t found, char text[LIMIT_TEXT])
{
    static const char *const units[] = {"", "kb", "mb", "gb"};
    uint64_t bytes = with_room(found), factor = 1;
    size_t unit = 0;
    while (unit + 1 < sizeof units / sizeof *units && bytes / factor >= 10240) {
        factor <<= 10;
        unit++;
    }
    if (unit == 0)
        snprintf(text, LIMIT_TEXT, "%" PRIu64, round_up(bytes));
    else
        snprintf(text, LIMIT_TEXT, "\"%" PRIu64 "%s\"", (bytes + factor - 1) / factor, units[unit]);
}

/* Five points of a hundred more; false when that is all there can be. */
static bool print_share(double found, char text[LIMIT_TEXT])
{
    double share = ceil(found * 100 + 5) / 100;
    snprintf(text, LIMIT_TEXT, "%.2f", share < 1 ? share : 1);
    return share < 1;
}

/* Encodings that limits put values into, as a list; those that the snapshot has are left out. "" when it has all. */
static void print_forbidden(const struct check_sums *sums, char text[LIMIT_TEXT])
{
    static const struct encoding_wish tables[] = {{OBJECT_HASH, ENCODING_HASHTABLE}, {OBJECT_ZSET, ENCODING_SKIPLIST}};
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (sums->encodings[tables[i].type][tables[i].encoding] == 0)
            used += (size_t)snprintf(text + used, LIMIT_TEXT - used, "%s\"%s/%s\"", used ? ", " : "[",
                                     object_type_name(tables[i].type), object_encoding_name(tables[i].encoding));
    if (used != 0)
        snprintf(text + used, LIMIT_TEXT - used, "]");
}

/* Some expired keys are always waiting for the server to come by: a hundredth of the data may be. */
static uint64_t bytes_to_allow(const struct check_result *result)
{
    uint64_t usual = result->rule == RULE_EXPIRED_BYTES ? result->scope->sums.key_bytes / 100 : 0;
    return result->found.count > usual ? result->found.count : usual;
}

/* The limit as JSON; false when the snapshot gives none and `text` is only an example. */
static bool print_limit(const struct check_result *result, char text[LIMIT_TEXT])
{
    const struct rule_row *row = rule_row(result->rule);
    switch (row->unit) {
    case RULE_UNIT_BYTES:
        print_bytes(row->stage == RULE_GROWTH ? UINT64_C(800) << 20 : bytes_to_allow(result), text);
        return row->stage != RULE_GROWTH;
    case RULE_UNIT_COUNT:
        snprintf(text, LIMIT_TEXT, "%" PRIu64,
                 row->stage == RULE_LEAST ? result->found.count / 2 : round_up(with_room(result->found.count)));
        return true;
    case RULE_UNIT_SHARE:
        if (row->stage != RULE_GROWTH)
            return print_share(result->found.number, text);
        snprintf(text, LIMIT_TEXT, "0.20");
        return true;
    case RULE_UNIT_DURATION:
        snprintf(text, LIMIT_TEXT, "\"26h\"");
        return false;
    case RULE_UNIT_FLAG:
        snprintf(text, LIMIT_TEXT, "true");
        return result->why == NULL && result->found.truth;
    case RULE_UNIT_ENCODINGS:
        break;
    }
    if (result->rule == RULE_FORBIDDEN)
        print_forbidden(&result->scope->sums, text);
    else
        text[0] = '\0';
    if (text[0] != '\0')
        return true;
    snprintf(text, LIMIT_TEXT, "[\"zset/listpack\"]");
    return false;
}

/* ---- writing -------------------------------------------------------------------------------------------------------
 */

static void put_found(FILE *out, const struct check_result *result)
{
    char found[VALUE_MAX];
    const struct rule_row *row = rule_row(result->rule);
    if (row->stage == RULE_GROWTH || row->unit > RULE_UNIT_SHARE)
        return;
    value_kind(result->found.kind)->print(found, &result->found);
    fprintf(out, "; now %s", found);
}

/* The members of all keys: each is on a line with its own comment, so that any of them can be taken away. */
static void put_rules(FILE *out, const struct check_scope *scope, const struct file_facts *file)
{
    for (unsigned rule = 0; rule < RULE_COUNT; rule++) {
        char limit[LIMIT_TEXT];
        const struct baseline none = {.sums = {.known = false}};
        struct check_result result = check_result_of(scope, (enum check_rule)rule, file, &none);
        bool holds = print_limit(&result, limit);
        fprintf(out, "    // %s", rule_row(result.rule)->words);
        put_found(out, &result);
        fprintf(out, "\n    %s\"%s\": %s,\n", holds ? "" : "// ", rule_row(result.rule)->field, limit);
    }
}

static void put_pattern(FILE *out, const struct check_scope *scope, const struct file_facts *file, bool last)
{
    static const enum check_rule rules[] = {RULE_TOTAL_BYTES, RULE_KEY_BYTES, RULE_ELEMENTS, RULE_NO_TTL_SHARE,
                                            RULE_GROWTH_SHARE};
    const char *pattern = scope->policy->pattern;
    fprintf(out, "        // %" PRIu64 " %s\n        ", scope->sums.keys, scope->sums.keys == 1 ? "key" : "keys");
    json_string(out, (const uint8_t *)pattern, strlen(pattern), NULL);
    fputs(": {", out);
    const char *comma = "";
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        char limit[LIMIT_TEXT];
        const struct baseline none = {.sums = {.known = false}};
        struct check_result result = check_result_of(scope, rules[i], file, &none);
        /* that a string has no elements need not be said */
        if (!print_limit(&result, limit) || (rules[i] == RULE_ELEMENTS && result.found.count == 0))
            continue;
        fprintf(out, "%s\"%s\": %s", comma, rule_row(rules[i])->field, limit);
        comma = ", ";
    }
    fprintf(out, "}%s\n", last ? "" : ",");
}

static void put_name(FILE *out, const char *name)
{
    char text[400];
    size_t len = name_print(text, sizeof text, NAME_ESCAPED, (const uint8_t *)name, strlen(name));
    fwrite(text, 1, len, out);
}

void policy_starter_write(const struct check *check, const struct file_facts *file, FILE *out)
{
    fputs("{\n    // A policy for rdbmeter check, from ", out);
    put_name(out, file->path);
    fputs(".\n    // It leaves a quarter of room above what was found there. Change the limits, or take lines away.\n",
          out);
    put_rules(out, &check->scope[0], file);
    fputs(
        "    // names that the limits for single keys let pass\n    \"except\": [],\n"
        "    // keys by name, each with limits of their own; \"type\" and \"db\" narrow further\n    \"patterns\": {\n",
        out);
    for (size_t i = 1; i < check->count; i++)
        put_pattern(out, &check->scope[i], file, i + 1 == check->count);
    fputs("    }\n}\n", out);
}
