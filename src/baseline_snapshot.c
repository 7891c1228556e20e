/* A snapshot as a baseline: one pass over it, against the same policy. */
#include <stdio.h>
#include <stdlib.h>

#include "baseline_parts.h"
#include "complain.h"
#include "policy_check.h"
#include "run.h"

struct reading {
    struct baseline *baseline;
    struct check check;
    bool is_partial;
};

static void reading_begin(void *self, const struct run_context *context)
{
    ((struct reading *)self)->check.plan = context->plan;
}

static bool reading_add(void *self, struct record *record)
{
    check_add(&((struct reading *)self)->check, record);
    return true;
}

static enum exit_status reading_end(void *self, const struct run_context *context)
{
    struct reading *reading = self;
    struct baseline *baseline = reading->baseline;
    const struct plan_view *view = plan_view(context->plan, 0);
    struct keyspace_cost keyspace;
    model_keyspace(context->plan, 0, context->keyspace, &keyspace);
    check_finish(&reading->check, keyspace.total_bytes);
    for (size_t i = 0; i < reading->check.count; i++) {
        const struct check_sums *sums = &reading->check.scope[i].sums;
        baseline->scope[i] = (struct check_before){.known = true, .keys = sums->keys, .bytes = sums->bytes};
    }
    snprintf(baseline->server, sizeof baseline->server, "%s", view->server->id);
    snprintf(baseline->allocator, sizeof baseline->allocator, "%s", view->allocator->name);
    reading->is_partial = context->file->partial;
    return EXIT_STATUS_DONE;
}

bool baseline_read_snapshot(struct baseline *baseline, const struct policy *policy, const struct cli_options *options,
                            const struct environment *environment)
{
    static const struct run_job job = {
        .with_keyspace = true, .begin = reading_begin, .add = reading_add, .end = reading_end};
    const char *paths[] = {options->limits.baseline};
    struct reading reading = {.baseline = baseline, .is_partial = true};
    struct cli_options own = *options;
    own.operands = (struct operand_list){paths, 1, 1};
    baseline->policy = policy;
    baseline->scope = xcalloc(policy->count, sizeof *baseline->scope);
    check_init(&reading.check, policy, 0, false);
    (void)run_snapshot(&job, &reading, &own, environment);
    check_release(&reading.check);
    if (reading.is_partial)
        complain(
            "--baseline %.200s: it is no summary, no JSON of rdbmeter, and no snapshot that can be read to its end",
            paths[0]);
    return !reading.is_partial;
}
