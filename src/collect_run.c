#include "collect_run.h"

#include "collect/node_sweeps.h"
#include "memory_budget.h"

/* View 1 is the same server on the other allocator that it commonly runs on. */
static size_t add_views(void *self, const struct target *target, const struct file_facts *file, struct plan_view *views,
                        size_t count)
{
    const struct collect_run *run = self;
    enum allocator_id other =
        views[0].allocator->id == ALLOCATOR_JEMALLOC_8 ? ALLOCATOR_JEMALLOC_16 : ALLOCATOR_JEMALLOC_8;
    target_view(target, file, views[0].server, allocator_get(other), &views[count++]);
    if (collectors_need(run->gather.wanted) & COLLECT_NEEDS_NODES)
        count = node_sweeps_views(&run->gather.points, views, count);
    return count;
}

static void node_points(void *self, const struct plan_view *view, struct node_points *points)
{
    const struct collect_run *run = self;
    node_sweeps_points(view, &run->gather.points, points);
}

static void begin(void *self, const struct run_context *context)
{
    struct collect_run *run = self;
    const struct collect_context collect_context = {
        .plan = context->plan,
        .now_ms = context->now_ms,
        .top = run->gather.top,
        .cuts = run->gather.cuts,
        .keyspace = context->keyspace,
        .file = context->file,
        .limits = memory_budget_collect(&context->options->input.memory),
        .nodes = run->gather.nodes,
        .points = &run->gather.points,
    };
    run->collection = collection_new(&collect_context, run->gather.wanted);
}

static bool add(void *self, struct record *record)
{
    collection_add(((struct collect_run *)self)->collection, record);
    return true;
}

/* The collection goes before what it borrows: plan and keyspace end with the run. */
static enum exit_status end(void *self, const struct run_context *context)
{
    struct collect_run *run = self;
    enum exit_status status = run->end(run, context);
    collection_free(run->collection);
    run->collection = NULL;
    return status;
}

enum exit_status collect_run(struct collect_run *run, const struct cli_options *options,
                             const struct environment *environment)
{
    unsigned needs = collectors_need(run->gather.wanted);
    const struct run_job job = {.with_slots = needs & COLLECT_NEEDS_SLOTS,
                                .with_values = needs & COLLECT_NEEDS_VALUES,
                                .with_expiry_bytes = needs & COLLECT_NEEDS_EXPIRY,
                                .with_census = needs & COLLECT_NEEDS_CENSUS,
                                .with_keyspace = true,
                                .with_other = true,
                                .costs_late = true,
                                .node_points = needs & COLLECT_NEEDS_NODES ? node_points : NULL,
                                .add_views = add_views,
                                .begin = begin,
                                .with_threads = true,
                                .add = add,
                                .end = end};
    return run_snapshot(&job, run, options, environment);
}

struct gather gather_of_options(const struct cli_options *options)
{
    return (struct gather){.top = (size_t)options->output.top,
                           .cuts = {options->output.separators, (size_t)options->output.depth}};
}
