#include <stdlib.h>
#include <string.h>

#include "collect/collector.h"
#include "collect/group_table.h"
#include "command.h"
#include "complain.h"
#include "document_output.h"
#include "output.h"
#include "policy_starter.h"
#include "run.h"

/* ---- the rules -----------------------------------------------------------------------------------------------------
 */

static void add_rules(struct document *document)
{
    static const struct doc_column columns[] = {
        {"member", "Member", DOC_TEXT, DOC_COLUMN_KEY},
        {"value", "Value", DOC_TEXT, 0},
        {"patterns", "Patterns", DOC_BOOL, 0},
        {"about", "What it limits", DOC_TEXT, DOC_COLUMN_WIDE},
        {"option", "Option of check", DOC_TEXT, DOC_COLUMN_OPTIONAL},
    };
    struct doc_section *section = document_section(document, "policy", "Policy");
    struct doc_table *table =
        section_table(section, "rules", "Rules", columns, sizeof columns / sizeof *columns, DOC_CHART_NONE);
    for (unsigned rule = 0; rule < RULE_COUNT; rule++) {
        const struct rule_row *row = rule_row((enum check_rule)rule);
        char option[64];
        snprintf(option, sizeof option, "--%s", row->option);
        table_row(table,
                  (struct doc_value[]){doc_text(row->field), doc_text(rule_unit_words(row->unit)),
                                       doc_bool(row->stage != RULE_FILE), doc_text(row->words), doc_text(option)});
    }
    section_note(section, DOC_INFO, "Patterns: whether the member may stand in a pattern of \"patterns\" as well.");
}

static enum exit_status list_rules(const struct cli_options *options, const struct environment *environment)
{
    struct document_outputs outputs;
    enum exit_status status = document_outputs_open(&outputs, &options->output, environment);
    if (status != EXIT_STATUS_DONE)
        return status;
    struct document *document = document_of_program(options);
    add_rules(document);
    status = document_outputs_write(&outputs, document);
    document_free(document);
    return status;
}

/* ---- --init, first pass: patterns ----------------------------------------------------------------------------------
 */

enum { STARTER_PATTERNS = 20, STARTER_SHARE = 100 }; /* at most so many, each at least a hundredth of the data */

struct starter {
    struct group_table groups;
    struct policy policy;
    char glob[STARTER_PATTERNS][STARTER_GLOB_MAX];
    struct check check;
    struct output output;
};

static bool add_group(void *self, struct record *record)
{
    if (!record->damaged && record->type != OBJECT_MODULE)
        group_table_add(&((struct starter *)self)->groups, record);
    return true;
}

/* The heaviest patterns become scopes. */
static enum exit_status choose_patterns(void *self, const struct run_context *context)
{
    struct starter *starter = self;
    const struct group_table *groups = &starter->groups;
    uint32_t *order = group_table_sorted(groups);
    uint64_t all_bytes = groups->rest.bytes;
    (void)context;
    for (uint32_t i = 0; i < groups->count; i++)
        all_bytes += groups->group[i].bytes;
    for (uint32_t i = 0; i < groups->count && starter->policy.count <= STARTER_PATTERNS; i++) {
        const struct group_name *name = &groups->name[order[i]];
        char *glob = starter->glob[starter->policy.count - 1];
        if (groups->group[order[i]].bytes < all_bytes / STARTER_SHARE)
            break;
        if (!policy_starter_glob(name->text, name->len, glob))
            continue;
        struct policy_scope *scope = &starter->policy.scope[starter->policy.count++];
        scope->pattern = glob;
        scope->where.match = (struct text_list){.text = {glob}, .count = 1};
    }
    free(order);
    return EXIT_STATUS_DONE;
}

/* ---- second pass: figures ------------------------------------------------------------------------------------------
 */

static void measure_begin(void *self, const struct run_context *context)
{
    ((struct starter *)self)->check.plan = context->plan;
}

static bool measure_add(void *self, struct record *record)
{
    check_add(&((struct starter *)self)->check, record);
    return true;
}

static enum exit_status measure_end(void *self, const struct run_context *context)
{
    struct starter *starter = self;
    struct keyspace_cost keyspace;
    model_keyspace(context->plan, 0, context->keyspace, &keyspace);
    check_finish(&starter->check, keyspace.total_bytes);
    policy_starter_write(&starter->check, context->file, starter->output.stream);
    return EXIT_STATUS_DONE;
}

static enum exit_status init_policy(struct starter *starter, const struct cli_options *options,
                                    const struct environment *environment)
{
    static const struct run_job first = {.add = add_group, .end = choose_patterns};
    static const struct run_job second = {
        .with_keyspace = true, .begin = measure_begin, .add = measure_add, .end = measure_end};
    enum exit_status status = EXIT_STATUS_DONE;
    /* Standard input can be read once: there the policy has no patterns. */
    if (strcmp(options->operands.text[0], "-") != 0)
        status = run_snapshot(&first, starter, options, environment);
    if (status != EXIT_STATUS_DONE)
        return status;
    check_init(&starter->check, &starter->policy, 0, true);
    status = run_snapshot(&second, starter, options, environment);
    check_release(&starter->check);
    return status;
}

static enum exit_status write_starter(const struct cli_options *options, const struct environment *environment)
{
    struct cli_options with_file = *options;
    const char *path = options->output.paths.count != 0 ? options->output.paths.text[0] : NULL;
    const char *operand[] = {options->init};
    with_file.operands = (struct operand_list){.text = operand, .count = 1, .capacity = 1};
    struct starter *starter = xcalloc(1, sizeof *starter);
    group_table_init(&starter->groups, GROUP_MAX);
    starter->policy.scope = xcalloc(1 + STARTER_PATTERNS, sizeof *starter->policy.scope);
    starter->policy.count = 1;
    enum exit_status status = EXIT_STATUS_UNUSABLE;
    if (output_open(&starter->output, path)) {
        status = init_policy(starter, &with_file, environment);
        if (status != EXIT_STATUS_DONE)
            output_abandon(&starter->output);
        else if (!output_commit(&starter->output))
            status = EXIT_STATUS_UNUSABLE;
    }
    group_table_release(&starter->groups);
    policy_release(&starter->policy);
    free(starter);
    return status;
}

enum exit_status cmd_policy(const struct cli_options *options, const struct environment *environment)
{
    return options->init != NULL ? write_starter(options, environment) : list_rules(options, environment);
}
