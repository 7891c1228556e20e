#include "collect_run.h"

#include <stdlib.h>

#include "collect/node_sweeps.h"
#include "complain.h"
#include "memory_budget.h"
#include "run_threads.h"

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

static struct collection *new_collection(const struct gather *gather, const struct run_context *context,
                                         const struct collect_limits *limits)
{
    const struct collect_context collect_context = {
        .plan = context->plan,
        .now_ms = context->now_ms,
        .top = gather->top,
        .cuts = gather->cuts,
        .keyspace = context->keyspace,
        .file = context->file,
        .limits = *limits,
        .nodes = gather->nodes,
        .points = &gather->points,
    };
    return collection_new(&collect_context, gather->wanted);
}

static void begin(void *self, const struct run_context *context)
{
    struct collect_run *run = self;
    const struct collect_limits limits = memory_budget_collect(&context->options->input.memory);
    run->has_joined = false;
    run->collection = new_collection(&run->gather, context, &limits);
}

static bool add(void *self, struct record *record)
{
    collection_add(((struct collect_run *)self)->collection, record);
    return true;
}

static bool add_plain(void *self, const struct plain_string *string)
{
    return collection_add_plain(((struct collect_run *)self)->collection, string);
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

/* ---- forks ---------------------------------------------------------------------------------------------------------
 */

static void *fork_collection(void *self, const struct run_context *context)
{
    const struct collect_run *run = self;
    struct collect_run *fork = xcalloc(1, sizeof *fork);
    const struct collect_limits limits = memory_budget_collect(&context->options->input.memory);
    fork->gather = run->gather;
    fork->collection = new_collection(&fork->gather, context, &limits);
    return fork;
}

/* The first fork takes the empty place. */
static void join_collection(void *self, void *forked)
{
    struct collect_run *run = self, *fork = forked;
    if (run != NULL && !run->has_joined) {
        collection_replace(fork->collection, run->collection);
        run->collection = fork->collection;
        run->has_joined = true;
    } else {
        if (run != NULL)
            collection_merge(run->collection, fork->collection);
        collection_free(fork->collection);
    }
    free(fork);
}

static bool depends_on_order(const void *self)
{
    return collection_depends_on_order(((const struct collect_run *)self)->collection);
}

static bool is_large(const void *forked, unsigned forks)
{
    return collection_is_large(((const struct collect_run *)forked)->collection, forks);
}

static void forget(void *self)
{
    struct collect_run *run = self;
    collection_free(run->collection);
    run->collection = NULL;
}

static const struct run_forks forks = {.fork = fork_collection,
                                       .join = join_collection,
                                       .depends_on_order = depends_on_order,
                                       .is_large = is_large,
                                       .forget = forget};

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
                                .forks = &forks,
                                .add = add,
                                .add_plain = add_plain,
                                .end = end};
    return run_snapshot(&job, run, options, environment);
}

struct gather gather_of_options(const struct cli_options *options)
{
    return (struct gather){.top = (size_t)options->output.top,
                           .cuts = {options->output.separators, (size_t)options->output.depth}};
}
