#include "policy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "nearest.h"
#include "render.h"

struct reader {
    struct policy *policy;
    char *message;
    size_t size;
    bool seen_patterns;
};

void policy_init(struct policy *policy)
{
    *policy = (struct policy){.scope = xcalloc(1, sizeof(struct policy_scope)), .count = 1};
}

void policy_release(struct policy *policy)
{
    json_text_release(&policy->json);
    free(policy->scope);
    *policy = (struct policy){.scope = NULL};
}

const char *policy_scope_name(const struct policy_scope *scope)
{
    return scope->pattern != NULL ? scope->pattern : "all keys";
}

/* Puts the line and, where there is one, the member in front of what went wrong there. Both may hold any bytes. */
static bool fail_at(struct reader *reader, const cJSON *value, const char *what)
{
    char text[400];
    bool named = value->string != NULL;
    int len = snprintf(text, sizeof text, "line %u: %s%.60s%s%s", json_text_line(&reader->policy->json, value),
                       named ? "'" : "", named ? value->string : "", named ? "': " : "", what);
    size_t held = (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    held = name_print(reader->message, reader->size - 1, NAME_ESCAPED, (const uint8_t *)text, held);
    reader->message[held] = '\0';
    return false;
}

/* ---- limits --------------------------------------------------------------------------------------------------------
 */

/* Adds a scalar to a list of texts as an option would write it. */
static bool put_scalar(const cJSON *value, char *text, size_t size)
{
    size_t used = strlen(text);
    const char *comma = used != 0 ? "," : "";
    int len = -1;
    if (cJSON_IsString(value))
        len = snprintf(text + used, size - used, "%s%s", comma, value->valuestring);
    else if (cJSON_IsNumber(value))
        len = snprintf(text + used, size - used, "%s%.15g", comma, value->valuedouble);
    else if (cJSON_IsBool(value))
        len = snprintf(text + used, size - used, "%s%s", comma, cJSON_IsTrue(value) ? "true" : "false");
    return len >= 0 && (size_t)len < size - used;
}

/* The value as the option of the same name would be written: a list has commas. False for what no option takes. */
static bool option_text(const cJSON *value, char *text, size_t size)
{
    text[0] = '\0';
    if (!cJSON_IsArray(value))
        return put_scalar(value, text, size);
    for (const cJSON *item = value->child; item != NULL; item = item->next)
        if (!put_scalar(item, text, size))
            return false;
    return text[0] != '\0';
}

static bool read_limit(struct reader *reader, struct policy_scope *scope, enum check_rule rule, const cJSON *value)
{
    char text[1000], what[160], whole[200];
    const struct rule_row *row = rule_row(rule);
    struct rule_limit limit = {.line = json_text_line(&reader->policy->json, value)};
    if (scope->pattern != NULL && row->stage == RULE_FILE)
        return fail_at(reader, value, "this is about the file, not about a pattern's keys");
    if (!option_text(value, text, sizeof text) || (cJSON_IsArray(value) && row->unit != RULE_UNIT_ENCODINGS)) {
        snprintf(whole, sizeof whole, "needs %s", rule_unit_words(row->unit));
        return fail_at(reader, value, whole);
    }
    if (!rule_limit_read(rule, text, &limit, what, sizeof what))
        return fail_at(reader, value, what);
    if (scope->limit[rule].given)
        return fail_at(reader, value, "it is there twice");
    scope->limit[rule] = limit;
    return true;
}

/* ---- members -------------------------------------------------------------------------------------------------------
 */

/* Adds texts, or one, to a list. */
static bool read_texts(struct reader *reader, struct text_list *list, const cJSON *value)
{
    for (const cJSON *item = cJSON_IsArray(value) ? value->child : value; item != NULL; item = item->next) {
        if (!cJSON_IsString(item))
            return fail_at(reader, value, "needs a text, or a list of texts");
        if (list->count == OPTIONS_MAX_TEXTS)
            return fail_at(reader, value, "has too many texts");
        list->text[list->count++] = item->valuestring;
        if (!cJSON_IsArray(value))
            break;
    }
    return true;
}

static bool read_except(struct reader *reader, struct policy_scope *scope, const cJSON *value)
{
    return read_texts(reader, &scope->except.match, value);
}

static bool read_type(struct reader *reader, struct policy_scope *scope, const cJSON *value)
{
    return read_texts(reader, &scope->where.type, value);
}

/* A number, or a text as --db takes it. */
static bool read_db(struct reader *reader, struct policy_scope *scope, const cJSON *value)
{
    if (!cJSON_IsNumber(value))
        return read_texts(reader, &scope->where.db, value);
    snprintf(scope->db, sizeof scope->db, "%.15g", value->valuedouble);
    scope->where.db.text[0] = scope->db;
    scope->where.db.count = 1;
    return true;
}

static bool read_patterns(struct reader *reader, struct policy_scope *scope, const cJSON *value);

/* What is no limit. */
static const struct member {
    const char *name;
    bool in_pattern, outside;
    bool (*read)(struct reader *reader, struct policy_scope *scope, const cJSON *value);
} members[] = {
    {"except", true, true, read_except},
    {"type", true, false, read_type},
    {"db", true, false, read_db},
    {"patterns", false, true, read_patterns},
};
enum { MEMBERS = sizeof members / sizeof *members };

static bool fail_unknown(struct reader *reader, const struct policy_scope *scope, const cJSON *value)
{
    struct nearest nearest;
    char hint[100], what[160];
    nearest_init(&nearest, value->string);
    for (unsigned rule = 0; rule < RULE_COUNT; rule++)
        nearest_offer(&nearest, rule_row((enum check_rule)rule)->field);
    for (size_t i = 0; i < MEMBERS; i++)
        if (scope->pattern != NULL ? members[i].in_pattern : members[i].outside)
            nearest_offer(&nearest, members[i].name);
    snprintf(what, sizeof what, "there is no such member%s", nearest_hint(&nearest, "", hint, sizeof hint));
    return fail_at(reader, value, what);
}

static bool read_member(struct reader *reader, struct policy_scope *scope, const cJSON *value)
{
    /* "$schema", "_comment": for editors and people */
    if (value->string[0] == '_' || value->string[0] == '$')
        return true;
    for (unsigned rule = 0; rule < RULE_COUNT; rule++)
        if (strcmp(value->string, rule_row((enum check_rule)rule)->field) == 0)
            return read_limit(reader, scope, (enum check_rule)rule, value);
    for (size_t i = 0; i < MEMBERS; i++)
        if (strcmp(value->string, members[i].name) == 0 &&
            (scope->pattern != NULL ? members[i].in_pattern : members[i].outside))
            return members[i].read(reader, scope, value);
    return fail_unknown(reader, scope, value);
}

/* The filters are made here once so that a mistake in them has its line. */
static bool filters_are_valid(struct reader *reader, const struct policy_scope *scope, const cJSON *value)
{
    char what[160];
    const struct filter_options *const filters[] = {&scope->where, &scope->except};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct filter *filter = filter_new(filters[i], what, sizeof what);
        if (filter == NULL)
            return fail_at(reader, value, what);
        filter_free(filter);
    }
    return true;
}

static bool read_scope(struct reader *reader, struct policy_scope *scope, const cJSON *value)
{
    if (!cJSON_IsObject(value))
        return fail_at(reader, value, "needs an object: {...}");
    for (const cJSON *member = value->child; member != NULL; member = member->next)
        if (!read_member(reader, scope, member))
            return false;
    return filters_are_valid(reader, scope, value);
}

/* "patterns": scopes behind the first, which was reserved with all of them. */
static bool read_patterns(struct reader *reader, struct policy_scope *scope, const cJSON *value)
{
    struct policy *policy = reader->policy;
    (void)scope;
    if (!cJSON_IsObject(value))
        return fail_at(reader, value, "needs an object: {\"session:*\": {...}}");
    if (reader->seen_patterns)
        return fail_at(reader, value, "it is there twice");
    reader->seen_patterns = true;
    for (const cJSON *member = value->child; member != NULL; member = member->next) {
        if (policy->count == POLICY_MAX_SCOPES)
            return fail_at(reader, member, "there are more than 255 patterns");
        for (size_t i = 1; i < policy->count; i++)
            if (strcmp(policy->scope[i].pattern, member->string) == 0)
                return fail_at(reader, member, "it is there twice");
        struct policy_scope *next = &policy->scope[policy->count++];
        next->pattern = member->string;
        next->line = json_text_line(&policy->json, member);
        next->where.match = (struct text_list){.text = {member->string}, .count = 1};
        if (!read_scope(reader, next, member))
            return false;
    }
    return true;
}

bool policy_parse(struct policy *policy, const char *text, size_t len, char *message, size_t size)
{
    struct reader reader = {.policy = policy, .message = message, .size = size};
    if (!json_text_parse(&policy->json, text, len, message, size))
        return false;
    const cJSON *patterns = cJSON_GetObjectItemCaseSensitive(policy->json.root, "patterns");
    size_t most = 1 + (size_t)cJSON_GetArraySize(patterns);
    free(policy->scope);
    policy->scope = xcalloc(most < POLICY_MAX_SCOPES ? most : POLICY_MAX_SCOPES, sizeof *policy->scope);
    policy->scope[0].line = 1;
    return read_scope(&reader, &policy->scope[0], policy->json.root);
}

/* ---- options -------------------------------------------------------------------------------------------------------
 */

bool policy_take_options(struct policy *policy, const char *const limits[RULE_COUNT], char *message, size_t size)
{
    for (unsigned rule = 0; rule < RULE_COUNT; rule++) {
        struct rule_limit limit = {.line = 0};
        char what[160];
        if (limits[rule] == NULL)
            continue;
        if (!rule_limit_read((enum check_rule)rule, limits[rule], &limit, what, sizeof what)) {
            snprintf(message, size, "--%s: %s", rule_row((enum check_rule)rule)->option, what);
            return false;
        }
        policy->scope[0].limit[rule] = limit;
    }
    return true;
}
