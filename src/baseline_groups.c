#include <stdlib.h>
#include <string.h>

#include "baseline_parts.h"
#include "complain.h"
#include "filter.h"
#include "render.h"

/* ---- taking --------------------------------------------------------------------------------------------------------
 */

static uint32_t types_of(const char *names)
{
    uint32_t types = 0;
    for (const char *at = names; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, " ,");
        for (unsigned type = 0; type < OBJECT_TYPE_COUNT; type++) {
            const char *name = object_type_name((enum object_type)type);
            if (strlen(name) == len && memcmp(name, at, len) == 0)
                types |= 1U << type;
        }
        at += len + (at[len] != '\0');
    }
    return types;
}

/* Bytes that JSON could not hold may have been anything. */
static bool read_pattern(struct baseline_group *group, const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    size_t len = 0;
    for (; *text != '\0' && len < sizeof group->text; len++) {
        bool is_lost = strncmp(text, replacement, 3) == 0;
        group->text[len] = is_lost ? '*' : (uint8_t)*text;
        text += is_lost ? 3 : 1;
    }
    group->len = (uint8_t)len;
    return *text == '\0';
}

static uint64_t less(uint64_t all, uint64_t part)
{
    return all > part ? all - part : 0;
}

/* Hidden names tell nothing of patterns. */
void baseline_groups_of_json(struct baseline *baseline)
{
    const cJSON *root = baseline->json.root, *row;
    const cJSON *overview = cJSON_GetObjectItemCaseSensitive(root, "overview");
    const cJSON *totals = cJSON_GetObjectItemCaseSensitive(root, "totals");
    const cJSON *groups = cJSON_GetObjectItemCaseSensitive(root, "groups");
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(groups, "list");
    struct check_before rest = {.known = true};
    if (!cJSON_IsArray(list) || cJSON_GetObjectItemCaseSensitive(overview, "redact_key") != NULL ||
        !baseline_figure(totals, "keys", &rest.keys) || !baseline_figure(totals, "keys_bytes", &rest.bytes))
        return;
    baseline->group = xcalloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *baseline->group);
    cJSON_ArrayForEach(row, list)
    {
        struct baseline_group *group = &baseline->group[baseline->group_count];
        const char *pattern = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "pattern"));
        group->db = GROUP_SEVERAL_DATABASES;
        group->types = types_of(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "types")));
        if (pattern == NULL || !read_pattern(group, pattern) || !baseline_figure(row, "keys", &group->keys) ||
            !baseline_figure(row, "bytes", &group->bytes))
            continue;
        rest.keys = less(rest.keys, group->keys);
        rest.bytes = less(rest.bytes, group->bytes);
        baseline->group_count++;
    }
    baseline->rest = rest;
}

void baseline_groups_of_table(struct baseline *baseline, const struct group_table *table)
{
    baseline->group = xcalloc(table->count + 1, sizeof *baseline->group);
    baseline->group_count = table->count;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct group *from = &table->group[i];
        struct baseline_group *group = &baseline->group[i];
        *group = (struct baseline_group){
            .keys = from->keys, .bytes = from->bytes, .types = from->types, .db = from->db, .len = table->name[i].len};
        memcpy(group->text, table->name[i].text, group->len);
    }
    baseline->rest = (struct check_before){.known = true, .keys = table->rest.keys, .bytes = table->rest.bytes};
}

/* ---- matching ------------------------------------------------------------------------------------------------------
 */

static enum glob_meets least_of(enum glob_meets a, enum glob_meets b)
{
    return a < b ? a : b;
}

static enum glob_meets meets_names(const struct policy_scope *scope, const struct baseline_group *group)
{
    enum glob_meets meets = GLOB_MEETS_NONE;
    for (size_t i = 0; i < scope->where.match.count; i++) {
        enum glob_meets one = glob_meets(scope->where.match.text[i], group->text, group->len);
        meets = one > meets ? one : meets;
    }
    return scope->where.match.count != 0 ? meets : GLOB_MEETS_ALL;
}

static enum glob_meets meets_types(const struct policy_scope *scope, const struct baseline_group *group)
{
    uint32_t types = 0;
    for (size_t i = 0; i < scope->where.type.count; i++)
        types |= types_of(scope->where.type.text[i]);
    if (scope->where.type.count == 0 || (group->types != 0 && (group->types & ~types) == 0))
        return GLOB_MEETS_ALL;
    return group->types == 0 || group->types & types ? GLOB_MEETS_SOME : GLOB_MEETS_NONE;
}

static enum glob_meets meets_databases(const struct policy_scope *scope, const struct baseline_group *group)
{
    if (scope->where.db.count == 0)
        return GLOB_MEETS_ALL;
    if (group->db == GROUP_SEVERAL_DATABASES)
        return GLOB_MEETS_SOME;
    for (size_t i = 0; i < scope->where.db.count; i++)
        for (const char *at = scope->where.db.text[i]; *at != '\0'; at += *at == ',') {
            char *end;
            if (strtoull(at, &end, 10) == group->db && end != at)
                return GLOB_MEETS_ALL;
            at += strcspn(at, ",");
        }
    return GLOB_MEETS_NONE;
}

struct check_before baseline_groups_within(const struct baseline *baseline, const struct policy_scope *scope)
{
    struct check_before before = {.known = true, .more_keys = baseline->rest.keys, .more_bytes = baseline->rest.bytes};
    for (size_t i = 0; i < baseline->group_count; i++) {
        const struct baseline_group *group = &baseline->group[i];
        enum glob_meets meets =
            least_of(meets_names(scope, group), least_of(meets_types(scope, group), meets_databases(scope, group)));
        if (meets == GLOB_MEETS_NONE)
            continue;
        *(meets == GLOB_MEETS_ALL ? &before.keys : &before.more_keys) += group->keys;
        *(meets == GLOB_MEETS_ALL ? &before.bytes : &before.more_bytes) += group->bytes;
    }
    return before;
}
