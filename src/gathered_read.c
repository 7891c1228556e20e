/* Gathers from a file: from a snapshot by a run over it, from a summary by reading it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/inventory.h"
#include "collect/slots.h"
#include "complain.h"
#include "gathered.h"
#include "run.h"
#include "summary.h"

struct reader {
    const struct gather *gather;
    struct collection *collection; /* of the run */
    struct gathered *result;
};

/* View 1 is the same server on the other allocator that it commonly runs on. */
static size_t other_allocator(void *self, const struct target *target, const struct file_facts *file,
                              struct plan_view *views, size_t count)
{
    (void)self;
    enum allocator_id other =
        views[0].allocator->id == ALLOCATOR_JEMALLOC_8 ? ALLOCATOR_JEMALLOC_16 : ALLOCATOR_JEMALLOC_8;
    target_view(target, file, views[0].server, allocator_get(other), &views[count]);
    return count + 1;
}

static void reader_begin(void *self, const struct run_context *context)
{
    struct reader *reader = self;
    const struct collect_context collect_context = {
        .plan = context->plan,
        .now_ms = context->now_ms,
        .top = reader->gather->top,
        .cuts = reader->gather->cuts,
        .keyspace = context->keyspace,
        .file = context->file,
        .limits = memory_budget_collect(&context->options->input.memory),
    };
    reader->collection = collection_new(&collect_context, reader->gather->wanted);
}

static bool reader_add(void *self, const struct record *record)
{
    collection_add(((struct reader *)self)->collection, record);
    return true;
}

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
static enum exit_status reader_end(void *self, const struct run_context *context)
{
    struct reader *reader = self;
    struct gathered *gathered = reader->result = gathered_new();
    struct plan_view views[PLAN_MAX_VIEWS];
    size_t count = plan_view_count(context->plan);
    for (size_t i = 0; i < count; i++)
        views[i] = *plan_view(context->plan, i);
    gathered_start(gathered, views, count, reader->gather, context->now_ms);
    slots_end_file(reader->collection);
    collection_merge(gathered->collection, reader->collection);
    keyspace_merge(gathered->keyspace, context->keyspace);
    file_facts_merge(&gathered->facts, context->file);
    describe_file(gathered, context, used_slots(reader->collection));
    collection_free(reader->collection); /* before the plan that it borrows */
    return EXIT_STATUS_DONE;
}

static struct gathered *read_snapshot(const char *path, const struct gather *gather, const struct cli_options *options,
                                      const struct environment *environment, enum exit_status *status)
{
    const char *paths[] = {path};
    struct cli_options own = *options;
    struct reader reader = {.gather = gather};
    unsigned needs = collectors_need(gather->wanted);
    const struct run_job job = {.with_slots = needs & COLLECT_NEEDS_SLOTS,
                                .with_values = needs & COLLECT_NEEDS_VALUES,
                                .with_keyspace = true,
                                .add_views = other_allocator,
                                .begin = reader_begin,
                                .add = reader_add,
                                .end = reader_end};
    own.operands = (struct operand_list){paths, 1, 1};
    *status = run_snapshot(&job, &reader, &own, environment);
    if (reader.result != NULL && options->file_name != NULL)
        snprintf(reader.result->file[0].path, GATHERED_PATH_MAX, "%s", options->file_name);
    return reader.result;
}

struct gathered *gathered_read(const char *path, const struct gather *gather, const struct cli_options *options,
                               const struct environment *environment, enum exit_status *status)
{
    struct gathered *gathered = summary_is(path) ? summary_read(path, gather, status)
                                                 : read_snapshot(path, gather, options, environment, status);
    if (gathered != NULL)
        gathered_end(gathered);
    return gathered;
}
