#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "complain.h"
#include "document_output.h"
#include "run.h"
#include "string_kind.h"

struct upgrade_sums {
    uint64_t keys[OBJECT_TYPE_COUNT];
    uint64_t damaged;
    uint64_t bytes[OBJECT_TYPE_COUNT][PLAN_MAX_VIEWS];
};

/* What strings of a kind cost on every server. */
struct kind_costs {
    uint64_t kind;  /* 0: none */
    uint64_t count; /* of them, which the sums do not have yet */
    uint32_t bytes[PLAN_MAX_VIEWS];
};
enum { KIND_BITS = 12 };

struct upgrade_command {
    struct document_outputs outputs;
    const struct plan *plan;
    size_t view_count;
    struct upgrade_sums sums;
    struct kind_costs kind[1 << KIND_BITS];
    struct doc_column columns[OBJECT_TYPE_COUNT + 1]; /* of the table of types; the document borrows them */
};

/* View 0 is the present server; behind it every line, on its own allocator unless one was asked for. */
static size_t upgrade_views(void *self, const struct target *target, const struct file_facts *file,
                            struct plan_view *views, size_t count)
{
    size_t models;
    const struct server_model *model = server_models(&models);
    (void)self;
    for (size_t i = 0; i < models && count < PLAN_MAX_VIEWS; i++)
        target_view(target, file, &model[i], target->allocator, &views[count++]);
    return count;
}

static void upgrade_begin(void *self, const struct run_context *context)
{
    struct upgrade_command *upgrade = self;
    upgrade->plan = context->plan;
    upgrade->view_count = plan_view_count(context->plan);
    upgrade->sums = (struct upgrade_sums){.damaged = 0};
    memset(upgrade->kind, 0, sizeof upgrade->kind);
}

/* On each server; none wants more than 32 bits: a kind is of short strings. */
static void cost_kind(const struct upgrade_command *upgrade, struct record *record, struct kind_costs *costs)
{
    struct cost cost;
    if (record->cost_is_due)
        record_cost(record, upgrade->plan);
    costs->bytes[0] = (uint32_t)record->cost.size_in_bytes;
    for (size_t view = 1; view < upgrade->view_count; view++) {
        model_cost(upgrade->plan, view, NULL, record->shape, &record->facts, &cost);
        costs->bytes[view] = (uint32_t)cost.size_in_bytes;
    }
}

static void sum_up(struct upgrade_command *upgrade, struct kind_costs *costs)
{
    for (size_t view = 0; view < upgrade->view_count; view++)
        upgrade->sums.bytes[OBJECT_STRING][view] += costs->count * costs->bytes[view];
    costs->count = 0;
}

static void sum_up_kinds(struct upgrade_command *upgrade)
{
    for (size_t i = 0; i < 1 << KIND_BITS; i++) {
        if (upgrade->kind[i].count != 0)
            sum_up(upgrade, &upgrade->kind[i]);
    }
}

static void add_string(struct upgrade_command *upgrade, struct record *record, uint64_t kind)
{
    struct kind_costs *costs = &upgrade->kind[string_kind_place(kind, KIND_BITS)];
    if (costs->kind != kind) {
        sum_up(upgrade, costs);
        cost_kind(upgrade, record, costs);
        costs->kind = kind;
    }
    costs->count++;
}

static bool upgrade_add(void *self, struct record *record)
{
    struct upgrade_command *upgrade = self;
    struct upgrade_sums *sums = &upgrade->sums;
    struct cost cost;
    uint64_t kind = string_kind(record);
    if (record->damaged) {
        sums->damaged++;
        return true;
    }
    sums->keys[record->type]++;
    if (kind != 0) {
        add_string(upgrade, record, kind);
        return true;
    }
    if (record->cost_is_due)
        record_cost(record, upgrade->plan);
    sums->bytes[record->type][0] += record->cost.size_in_bytes;
    for (size_t view = 1; view < upgrade->view_count; view++) {
        model_cost(upgrade->plan, view, NULL, record->shape, &record->facts, &cost);
        sums->bytes[record->type][view] += cost.size_in_bytes;
    }
    return true;
}

/* ---- forks ---------------------------------------------------------------------------------------------------------
 */

static void *upgrade_fork(void *self, const struct run_context *context)
{
    struct upgrade_command *fork = xcalloc(1, sizeof *fork);
    (void)self;
    upgrade_begin(fork, context);
    return fork;
}

static void upgrade_join(void *self, void *forked)
{
    struct upgrade_command *upgrade = self, *fork = forked;
    const struct upgrade_sums *from = &fork->sums;
    sum_up_kinds(fork);
    for (unsigned type = 0; upgrade != NULL && type < OBJECT_TYPE_COUNT; type++) {
        upgrade->sums.keys[type] += from->keys[type];
        for (size_t view = 0; view < upgrade->view_count; view++)
            upgrade->sums.bytes[type][view] += from->bytes[type][view];
    }
    if (upgrade != NULL)
        upgrade->sums.damaged += from->damaged;
    free(fork);
}

/* ---- the document --------------------------------------------------------------------------------------------------
 */

/* Without module values: only their module knows what they take. */
static uint64_t keys_bytes(const struct upgrade_command *upgrade, size_t view)
{
    uint64_t sum = 0;
    for (unsigned type = 0; type < OBJECT_MODULE; type++)
        sum += upgrade->sums.bytes[type][view];
    return sum;
}

static uint64_t lost_keys(const struct upgrade_command *upgrade, const struct server_model *server)
{
    uint64_t sum = 0;
    for (unsigned type = 0; type < OBJECT_MODULE; type++)
        sum += server_has_type(server, (enum object_type)type) ? 0 : upgrade->sums.keys[type];
    return sum;
}

static uint64_t tables_bytes(const struct run_context *context, size_t view)
{
    struct keyspace_cost cost;
    model_keyspace(context->plan, view, context->keyspace, &cost);
    return cost.total_bytes;
}

static void add_present(struct document *document, const struct upgrade_command *upgrade,
                        const struct run_context *context)
{
    const struct plan_view *present = plan_view(context->plan, 0);
    struct doc_section *section = document_section(document, "present", "Present server");
    section_fact(section, "server", "Server", doc_text(present->server->title));
    section_fact(section, "allocator", "Allocator", doc_text(present->allocator->name));
    section_fact(section, "dataset_bytes", "Dataset", doc_bytes(keys_bytes(upgrade, 0) + tables_bytes(context, 0)));
    if (upgrade->sums.keys[OBJECT_MODULE] != 0)
        section_fact(section, "module_keys", "Module values left out", doc_count(upgrade->sums.keys[OBJECT_MODULE]));
    if (upgrade->sums.damaged != 0)
        section_fact(section, "damaged_keys", "Damaged values left out", doc_count(upgrade->sums.damaged));
}

static void add_servers(struct document *document, const struct upgrade_command *upgrade,
                        const struct run_context *context)
{
    static const struct doc_column columns[] = {
        {"server", "Server", DOC_TEXT, DOC_COLUMN_KEY},
        {"allocator", "Allocator", DOC_TEXT, DOC_COLUMN_OPTIONAL},
        {"dataset_bytes", "Dataset", DOC_BYTES, 0},
        {"difference_bytes", "Difference", DOC_DELTA, 0},
        {"of_present", "Of present", DOC_SHARE, DOC_COLUMN_BAR},
        {"lost_keys", "Cannot load", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    };
    struct doc_section *section = document_section(document, "servers", "The same data on every server");
    struct doc_table *table =
        section_table(section, "servers", "Servers", columns, sizeof columns / sizeof *columns, DOC_CHART_BARS);
    uint64_t present = keys_bytes(upgrade, 0) + tables_bytes(context, 0);
    for (size_t view = 1; view < upgrade->view_count; view++) {
        const struct plan_view *planned = plan_view(context->plan, view);
        uint64_t bytes = keys_bytes(upgrade, view) + tables_bytes(context, view);
        uint64_t lost = lost_keys(upgrade, planned->server);
        table_row(table, (struct doc_value[]){doc_text(planned->server->title), doc_text(planned->allocator->name),
                                              doc_bytes(bytes), doc_delta((int64_t)(bytes - present)),
                                              doc_share((double)bytes, (double)present),
                                              lost != 0 ? doc_count(lost) : doc_none()});
    }
    section_note(section, DOC_INFO,
                 "Every line under its default settings and those given with --set. Keys of a type that a server does "
                 "not have (\"cannot load\") are not in its dataset.");
}

/* One column a type that the file has. A type that a server lacks has no number there. */
static void add_types(struct document *document, struct upgrade_command *upgrade)
{
    size_t count = 1;
    upgrade->columns[0] = (struct doc_column){"server", "Server", DOC_TEXT, DOC_COLUMN_KEY};
    for (unsigned type = 0; type < OBJECT_MODULE; type++) {
        const char *name = object_type_name((enum object_type)type);
        if (upgrade->sums.keys[type] != 0)
            upgrade->columns[count++] = (struct doc_column){name, name, DOC_DELTA, 0};
    }
    struct doc_section *section = document_section(document, "types", "What gains and what loses");
    struct doc_table *table = section_table(section, "types", "Difference to the present server, by type",
                                            upgrade->columns, count, DOC_CHART_NONE);
    for (size_t view = 1; view < upgrade->view_count; view++) {
        const struct server_model *server = plan_view(upgrade->plan, view)->server;
        struct doc_value cells[OBJECT_TYPE_COUNT + 1] = {doc_text(server->title)};
        size_t cell = 1;
        for (unsigned type = 0; type < OBJECT_MODULE; type++) {
            int64_t difference = (int64_t)(upgrade->sums.bytes[type][view] - upgrade->sums.bytes[type][0]);
            if (upgrade->sums.keys[type] != 0)
                cells[cell++] = server_has_type(server, (enum object_type)type) ? doc_delta(difference) : doc_none();
        }
        table_row(table, cells);
    }
}

static enum exit_status upgrade_end(void *self, const struct run_context *context)
{
    struct upgrade_command *upgrade = self;
    struct document *document = document_of_program(context->options);
    sum_up_kinds(upgrade);
    if (context->file->partial)
        document_set_partial(document, context->file->partial_reason);
    add_present(document, upgrade, context);
    add_servers(document, upgrade, context);
    add_types(document, upgrade);
    enum exit_status status = document_outputs_write(&upgrade->outputs, document);
    document_free(document);
    return status;
}

enum exit_status cmd_upgrade(const struct cli_options *options, const struct environment *environment)
{
    static const struct run_forks forks = {.fork = upgrade_fork, .join = upgrade_join};
    static const struct run_job job = {.with_keyspace = true,
                                       .costs_late = true,
                                       .add_views = upgrade_views,
                                       .begin = upgrade_begin,
                                       .add = upgrade_add,
                                       .forks = &forks,
                                       .end = upgrade_end};
    struct upgrade_command *upgrade = xcalloc(1, sizeof *upgrade);
    enum exit_status status = document_outputs_open(&upgrade->outputs, &options->output, environment);
    if (status == EXIT_STATUS_DONE)
        status = run_snapshot(&job, upgrade, options, environment);
    document_outputs_abandon(&upgrade->outputs);
    free(upgrade);
    return status;
}
