#include "audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "complain.h"
#include "document_parts.h"
#include "privacy.h"
#include "render.h"
#include "values.h"

/* ---- inputs --------------------------------------------------------------------------------------------------------
 */

static bool read_info(struct audit_inputs *inputs, const char *path)
{
    struct saved_file file;
    if (!saved_file_read(&file, "--info", path))
        return false;
    inputs->info = xmalloc(sizeof *inputs->info);
    bool is_info = info_parse(inputs->info, file.text, file.len);
    saved_file_release(&file);
    if (!is_info)
        complain("--info: '%.200s' is not what INFO prints: it has none of its fields", path);
    return is_info;
}

static bool read_malloc_stats(struct audit_inputs *inputs, const char *path)
{
    struct saved_file file;
    if (!saved_file_read(&file, "--malloc-stats", path))
        return false;
    inputs->malloc_stats = xmalloc(sizeof *inputs->malloc_stats);
    bool is_stats = malloc_stats_parse(inputs->malloc_stats, file.text, file.len);
    saved_file_release(&file);
    if (!is_stats)
        complain("--malloc-stats: '%.200s' is not what MEMORY MALLOC-STATS prints with jemalloc", path);
    return is_stats;
}

const char *audit_allocator(const struct audit_inputs *inputs)
{
    if (inputs->malloc_stats && inputs->malloc_stats->quantum)
        return inputs->malloc_stats->quantum == 16 ? "jemalloc-16" : "jemalloc-8";
    if (inputs->info && strcmp(inputs->info->value[INFO_MEM_ALLOCATOR].text, "libc") == 0)
        return "libc";
    return NULL;
}

/* "maxmemory=N" for --set, where INFO has a value that this setting takes. */
static void print_setting(char *text, size_t size, const struct info *info, enum info_field field, enum setting setting)
{
    struct settings scratch = {{0}};
    const char *name = setting_info(setting)->name, *value = info->value[field].text;
    int len = 0;
    *text = '\0';
    if (info_has(info, field) && settings_set(&scratch, name, value, NULL) == SETTING_OK)
        len = snprintf(text, size, "%s=%s", name, value);
    if (len < 0 || (size_t)len >= size)
        *text = '\0';
}

static void add_set(struct text_list *list, const char *text)
{
    if (*text && list->count < OPTIONS_MAX_TEXTS)
        list->text[list->count++] = text;
}

/* The limit matters to costs: under policies that look at idle times, servers share no small integers. */
static void complete(struct audit_inputs *inputs, struct cli_options *own)
{
    if (own->target.allocator == NULL)
        own->target.allocator = audit_allocator(inputs);
    if (inputs->info == NULL || inputs->has_config)
        return;
    print_setting(inputs->limit, sizeof inputs->limit, inputs->info, INFO_MAXMEMORY, SETTING_MAXMEMORY);
    print_setting(inputs->policy, sizeof inputs->policy, inputs->info, INFO_MAXMEMORY_POLICY, SETTING_MAXMEMORY_POLICY);
    add_set(&own->target.set, inputs->limit);
    add_set(&own->target.set, inputs->policy);
}

bool audit_inputs_read(struct audit_inputs *inputs, const struct cli_options *options, struct cli_options *own)
{
    *own = *options;
    *inputs =
        (struct audit_inputs){.has_config = options->target.config != NULL, .redactor = privacy_redactor(options)};
    for (size_t i = 0; i < options->target.set.count; i++)
        inputs->has_config |= strncasecmp(options->target.set.text[i], "maxmemory", 9) == 0;
    if ((options->audit.info == NULL || read_info(inputs, options->audit.info)) &&
        (options->audit.malloc_stats == NULL || read_malloc_stats(inputs, options->audit.malloc_stats)) &&
        (options->target.config == NULL || saved_file_read(&inputs->config, "--config", options->target.config))) {
        complete(inputs, own);
        return true;
    }
    audit_inputs_release(inputs);
    return false;
}

void audit_inputs_release(struct audit_inputs *inputs)
{
    free(inputs->info);
    free(inputs->malloc_stats);
    saved_file_release(&inputs->config);
    *inputs = (struct audit_inputs){.info = NULL};
}

bool audit_inputs_any(const struct audit_inputs *inputs)
{
    return inputs->info != NULL || inputs->malloc_stats != NULL || inputs->has_config;
}

/* ---- what rules ask ------------------------------------------------------------------------------------------------
 */

void audit_init(struct audit *audit, const struct audit_inputs *inputs, const struct collection *collection,
                const struct document *sections)
{
    const struct collect_context *collect = collection_context(collection);
    *audit = (struct audit){
        .inputs = inputs,
        .info = inputs->info,
        .malloc_stats = inputs->malloc_stats,
        .collect = collect,
        .settings = &plan_view(collect->plan, 0)->settings,
        .sections = sections,
    };
    inventory_totals(collect->inventory, OBJECT_TYPE_COUNT, &audit->totals);
    model_keyspace(collect->plan, 0, collect->keyspace, &audit->keyspace);
    inventory_ttl(collect->inventory, audit->ttl);
    audit->data_bytes = audit->totals.bytes + audit->keyspace.total_bytes;
    audit->overhead_bytes = audit->data_bytes - audit->totals.part[COST_PAYLOAD] - audit->totals.part[COST_KEY_NAME];
}

const char *audit_bytes(uint64_t bytes, char text[AUDIT_BYTES_MAX])
{
    char long_text[VALUE_MAX + 1];
    struct doc_value value = doc_bytes(bytes);
    value_kind(DOC_BYTES)->print(long_text, &value);
    snprintf(text, AUDIT_BYTES_MAX, "%.*s", AUDIT_BYTES_MAX - 1, long_text);
    return text;
}

const char *audit_name(const struct audit *audit, const uint8_t *bytes, size_t len, char name[AUDIT_NAME_MAX + 1])
{
    uint8_t *hidden = NULL;
    if (audit->inputs->redactor != NULL) {
        hidden = xmalloc(REDACT_MAX(len));
        len = redact_name(audit->inputs->redactor, bytes, len, hidden);
        bytes = hidden;
    }
    name[name_print(name, AUDIT_NAME_MAX, NAME_ESCAPED, bytes, len)] = '\0';
    free(hidden);
    return name;
}

void audit_append(char *text, size_t size, const char *format, ...)
{
    size_t len = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + len, size - len, format, arguments);
    va_end(arguments);
}

double audit_percent(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static const struct {
    const char *name;
    double up_to; /* the ratio that still belongs to it */
} bands[BAND_COUNT] = {
    [BAND_UNKNOWN] = {"unknown", 0},       [BAND_TOO_SMALL] = {"too small to say", 0},
    [BAND_SWAPPING] = {"swapping", 1.0},   [BAND_HEALTHY] = {"healthy", 1.2},
    [BAND_MODERATE] = {"moderate", 1.5},   [BAND_HIGH] = {"high", 2.0},
    [BAND_RESTART] = {"very high", 1e300},
};

const char *fragmentation_band_name(enum fragmentation_band band)
{
    return bands[band].name;
}

static bool ratio_of(const struct info *info, double *ratio)
{
    uint64_t used = info_bytes(info, INFO_USED_MEMORY), rss = info_bytes(info, INFO_USED_MEMORY_RSS);
    *ratio = info_number(info, INFO_MEM_FRAGMENTATION_RATIO);
    if (*ratio <= 0 && used && rss)
        *ratio = (double)rss / (double)used;
    return *ratio > 0;
}

enum fragmentation_band audit_fragmentation(const struct audit *audit, double *ratio)
{
    double own;
    if (ratio == NULL)
        ratio = &own;
    *ratio = 0;
    if (audit->info == NULL || !ratio_of(audit->info, ratio))
        return BAND_UNKNOWN;
    bool has_used = info_has(audit->info, INFO_USED_MEMORY);
    if ((has_used ? info_bytes(audit->info, INFO_USED_MEMORY) : audit->data_bytes) < AUDIT_EMPTY_BYTES)
        return BAND_TOO_SMALL;
    if (*ratio < bands[BAND_SWAPPING].up_to)
        return BAND_SWAPPING;
    enum fragmentation_band band = BAND_HEALTHY;
    while (*ratio > bands[band].up_to)
        band++;
    return band;
}

bool audit_maxmemory(const struct audit *audit, uint64_t *bytes, char policy[AUDIT_POLICY_MAX])
{
    if (audit->info && info_has(audit->info, INFO_MAXMEMORY)) {
        *bytes = info_bytes(audit->info, INFO_MAXMEMORY);
        bool has_policy = info_has(audit->info, INFO_MAXMEMORY_POLICY);
        snprintf(policy, AUDIT_POLICY_MAX, "%.23s",
                 has_policy ? audit->info->value[INFO_MAXMEMORY_POLICY].text : "noeviction");
        return true;
    }
    if (!audit->inputs->has_config)
        return false;
    int64_t limit = audit->settings->value[SETTING_MAXMEMORY];
    *bytes = limit > 0 ? (uint64_t)limit : 0;
    setting_format(SETTING_MAXMEMORY_POLICY, audit->settings->value[SETTING_MAXMEMORY_POLICY], policy,
                   AUDIT_POLICY_MAX);
    return true;
}

static const struct doc_table *first_table(const struct audit *audit, const char *section)
{
    const struct doc_section *found = document_find_section(audit->sections, section, strlen(section));
    return found ? found->tables : NULL;
}

const struct doc_table *audit_simulated_bins(const struct audit *audit)
{
    return first_table(audit, "allocator_bins");
}

double audit_cell(const struct doc_table *table, const struct doc_row *row, const char *column)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].id, column) == 0)
            return value_number(&row->cells[i]);
    return 0;
}

double audit_column_sum(const struct audit *audit, const char *section, const char *column)
{
    const struct doc_table *table = first_table(audit, section);
    double sum = 0;
    for (const struct doc_row *row = table ? table->rows : NULL; row; row = row->next)
        sum += audit_cell(table, row, column);
    return sum;
}

/* ---- judging -------------------------------------------------------------------------------------------------------
 */

/* Which check an action of a section belongs to, by the beginning of its id. */
static const struct {
    const char *begins;
    enum audit_check check;
} action_checks[] = {
    {"thresholds_hash", AUDIT_HASHES}, {"thresholds_", AUDIT_SETS},     {"restart", AUDIT_HASHES},
    {"grouping", AUDIT_OVERHEAD},      {"key_names", AUDIT_OVERHEAD},   {"json", AUDIT_STRINGS},
    {"compress", AUDIT_STRINGS},       {"text_numbers", AUDIT_STRINGS}, {"sparse", AUDIT_STRINGS},
    {"intset_strays", AUDIT_SETS},     {"ttl", AUDIT_EXPIRY},           {"list_compress", AUDIT_STRINGS},
};

static enum audit_check check_of_action(const char *id)
{
    for (size_t i = 0; i < sizeof action_checks / sizeof *action_checks; i++)
        if (strncmp(id, action_checks[i].begins, strlen(action_checks[i].begins)) == 0)
            return action_checks[i].check;
    return AUDIT_NO_CHECK;
}

uint64_t audit_action_bytes(const struct audit *audit, const char *id)
{
    for (const struct doc_action *action = audit->sections->actions; action; action = action->next)
        if (strcmp(action->id, id) == 0)
            return action->saves_bytes;
    return 0;
}

static void add(struct findings *findings, const struct finding *finding)
{
    if (findings->count == AUDIT_MAX_FINDINGS)
        return;
    size_t at = findings->count++;
    for (; at > 0; at--) {
        const struct finding *before = &findings->item[at - 1];
        if (before->severity > finding->severity ||
            (before->severity == finding->severity && before->bytes >= finding->bytes))
            break;
        findings->item[at] = *before;
    }
    findings->item[at] = *finding;
}

/* What the collectors found worth doing, with the words that they found for it. */
static void add_actions(const struct document *sections, struct findings *findings)
{
    for (const struct doc_action *action = sections->actions; action; action = action->next) {
        struct finding finding = {.id = action->id,
                                  .severity = DOC_WARNING,
                                  .check = check_of_action(action->id),
                                  .bytes = action->saves_bytes,
                                  .is_change = true};
        snprintf(finding.title, sizeof finding.title, "%s", action->title);
        snprintf(finding.remedy, sizeof finding.remedy, "%s", action->why);
        snprintf(finding.paste, sizeof finding.paste, "%s", action->paste ? action->paste : "");
        snprintf(finding.commands, sizeof finding.commands, "%s", action->commands ? action->commands : "");
        add(findings, &finding);
    }
}

static void apply(const struct audit *audit, const struct audit_rule *rule, struct findings *findings)
{
    for (; rule->id != NULL; rule++) {
        if (rule->needs_info && audit->info == NULL)
            continue;
        struct finding finding = {.id = rule->id, .severity = rule->severity, .check = rule->check};
        snprintf(finding.title, sizeof finding.title, "%s", rule->title);
        if (!rule->judge(audit, &finding))
            continue;
        if (*finding.commands == '\0')
            settings_commands(finding.paste, finding.commands, sizeof finding.commands);
        add(findings, &finding);
    }
}

void audit_judge(const struct audit *audit, struct findings *findings)
{
    findings->count = 0;
    apply(audit, audit_info_rules, findings);
    apply(audit, audit_limit_rules, findings);
    apply(audit, audit_data_rules, findings);
    apply(audit, audit_stream_rules, findings);
    add_actions(audit->sections, findings);
}

/* ---- sections ------------------------------------------------------------------------------------------------------
 */

static const struct audit_section section_rows[] = {
    {"info_memory", "INFO memory, field by field", false, NULL, audit_write_info},
    {"fragmentation", "Fragmentation", false, "allocator_bins", audit_write_fragmentation},
    {"malloc_bins", "The allocator's bins", false, "allocator_bins", audit_write_bins},
    {"checklist", "Checklist", true, NULL, audit_write_checklist},
    {"doctor", "Doctor", true, NULL, audit_write_findings},
};

const struct audit_section *audit_sections(size_t *count)
{
    *count = sizeof section_rows / sizeof *section_rows;
    return section_rows;
}
