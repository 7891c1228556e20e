/* Gathers from a file: from a snapshot by a run over it, from a summary by reading it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/inventory.h"
#include "collect/slots.h"
#include "complain.h"
#include "gathered.h"
#include "run_threads.h"
#include "summary.h"

static uint64_t used_slots(const struct collection *collection)
{
    const struct slots *slots = collection_state(collection_context(collection), "slots");
    uint64_t used = 0;
    for (int i = 0; slots != NULL && i < SLOTS; i++)
        used += slots->slot[i].keys != 0;
    return used;
}

static void say_trouble(struct gathered_file *file, const struct file_facts *facts)
{
    if (facts->partial)
        snprintf(file->trouble, sizeof file->trouble, "%s", facts->partial_reason);
    else if (facts->checksum == CHECKSUM_MISMATCH)
        snprintf(file->trouble, sizeof file->trouble, "the checksum does not match");
    else if (facts->damaged_keys != 0)
        snprintf(file->trouble, sizeof file->trouble, "%" PRIu64 " damaged values", facts->damaged_keys);
}

static void describe_file(struct gathered *gathered, const struct run_context *context, uint64_t slots)
{
    const struct file_facts *facts = context->file;
    struct gathered_file *file = gathered_add_file(gathered);
    struct inventory_totals totals;
    struct keyspace_cost tables;
    size_t len = strlen(facts->path);
    snprintf(file->path, sizeof file->path, "%s",
             len < sizeof file->path ? facts->path : facts->path + len + 1 - sizeof file->path);
    snprintf(file->server_version, sizeof file->server_version, "%s", facts->server_version);
    say_trouble(file, facts);
    inventory_totals(collection_context(gathered->collection)->inventory, OBJECT_TYPE_COUNT, &totals);
    model_keyspace(gathered->plan, 0, gathered->keyspace, &tables);
    file->has_ctime = facts->has_ctime;
    file->ctime_ms = facts->ctime_ms;
    file->has_used_mem = facts->has_used_mem;
    file->used_mem = facts->used_mem;
    file->size_bytes = facts->size_bytes;
    file->keys = facts->keys;
    file->expires = facts->expires;
    file->key_bytes = totals.bytes;
    file->table_bytes = tables.total_bytes;
    file->slots = slots;
}

/* The run's plan and keyspace end with it: what was gathered moves to ones of its own. */
static enum exit_status take_gathered(const struct collect_run *run, const struct run_context *context)
{
    struct gathered *gathered = *(struct gathered **)run->owner = gathered_new();
    struct plan_view views[PLAN_MAX_VIEWS];
    const char *file_name = context->options->file_name;
    size_t count = plan_view_count(context->plan);
    for (size_t i = 0; i < count; i++)
        views[i] = *plan_view(context->plan, i);
    gathered_start(gathered, views, count, &run->gather, context->now_ms);
    slots_end_file(run->collection, file_name != NULL ? file_name : context->file->path);
    collection_merge(gathered->collection, run->collection);
    keyspace_merge(gathered->keyspace, context->keyspace);
    file_facts_merge(&gathered->facts, context->file);
    describe_file(gathered, context, used_slots(run->collection));
    return EXIT_STATUS_DONE;
}

static struct gathered *read_snapshot(const char *path, const struct gather *gather, const struct cli_options *options,
                                      const struct environment *environment, enum exit_status *status)
{
    const char *paths[] = {path};
    struct cli_options own = *options;
    struct gathered *gathered = NULL;
    struct collect_run run = {.gather = *gather, .owner = &gathered, .end = take_gathered};
    own.output.jobs = options->operands.count > 1 ? 1 : options->output.jobs; /* else so many files at a time */
    own.operands = (struct operand_list){paths, 1, 1};
    *status = collect_run(&run, &own, environment);
    if (gathered != NULL && options->file_name != NULL)
        snprintf(gathered->file[0].path, GATHERED_PATH_MAX, "%s", options->file_name);
    return gathered;
}

/* Sweeps of a summary are about the points that were chosen when it was written. */
static bool is_for_summary(const char *path, const struct gather *gather)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (gather->points.count[i] == 0)
            continue;
        complain("--sweep: %.300s is a summary, which holds what was tried when it was written", path);
        return false;
    }
    return true;
}

struct gathered *gathered_read(const char *path, const struct gather *gather, const struct cli_options *options,
                               const struct environment *environment, enum exit_status *status)
{
    if (summary_is(path) && !is_for_summary(path, gather)) {
        *status = EXIT_STATUS_USAGE;
        return NULL;
    }
    struct gathered *gathered = summary_is(path) ? summary_read(path, gather, status)
                                                 : read_snapshot(path, gather, options, environment, status);
    if (gathered != NULL)
        gathered_end(gathered);
    return gathered;
}
