#include "run.h"

#include <inttypes.h>
#include <rdbparse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "filter.h"
#include "pipeline.h"
#include "privacy.h"
#include "record_builder.h"
#include "run_threads.h"
#include "snapshot.h"

enum { RUN_MAX_FUNCTIONS = 1024 };

/* What comes before the first key and can only be used once the server is known. */
struct prologue {
    uint64_t db, keys, expires; /* of the first SELECTDB and RESIZEDB */
    bool has_db, has_resize;
    uint64_t function_len[RUN_MAX_FUNCTIONS];
    uint64_t functions; /* further ones than function_len has room for are left out of the tables' cost */
};

struct run {
    const struct run_job *job;
    void *self;
    struct run_context context;
    struct target target;
    struct filter *filter;
    uint64_t min_size;
    struct file_facts file;
    struct plan *plan; /* NULL until the server is known */
    struct keyspace *keyspace;
    struct record_builder *builder; /* of the key being read */
    struct pipeline *pipeline;      /* NULL: one builder, and all in one thread */
    void *scratch;                  /* the job's, then */
    uint64_t small_keys;            /* left out by --min-size */
    struct prologue prologue;
    uint64_t db;
    int64_t expired_before_ms;
    bool key_open; /* inside a record that passed the filter */
    bool has_header;
    bool with_slots;
};

/* ---- records on their way ------------------------------------------------------------------------------------------
 */

static struct record_builder *make_builder(void *self, bool is_heavy)
{
    struct run *run = self;
    const struct run_job *job = run->job;
    struct record_builder *builder =
        record_builder_new(run->plan, run->context.now_ms, run->with_slots, job->with_values);
    if (job->with_other)
        record_builder_cost_other(builder);
    if (job->with_census)
        record_builder_count_sizes(builder);
    if (job->with_expiry_bytes)
        record_builder_price_expiries(builder);
    if (job->node_points != NULL && is_heavy) {
        struct node_points points = {.count = 0};
        job->node_points(run->self, plan_view(run->plan, 0), &points);
        record_builder_rewrite_nodes(builder, &points);
    }
    return builder;
}

static bool is_small(const struct run *run, const struct record *record)
{
    return record->cost.size_in_bytes < run->min_size;
}

static void cost_record(void *self, struct record_builder *builder, void *scratch)
{
    const struct run *run = self;
    if (run->job->costs_late && run->min_size == 0 && record_builder_current(builder)->type == OBJECT_STRING)
        return;
    const struct record *record = record_builder_cost(builder);
    if (run->job->cost != NULL && !is_small(run, record))
        run->job->cost(run->self, record, scratch);
}

static bool add_record(void *self, struct record *record)
{
    struct run *run = self;
    if (run->min_size != 0 && is_small(run, record)) {
        run->small_keys++;
        return true;
    }
    if (run->job->with_keyspace && !record->damaged)
        keyspace_add(run->keyspace, record->db, &record->facts, record->shape,
                     run->file.is_cluster ? record->slot : -1);
    return run->job->add == NULL || run->job->add(run->self, record);
}

static void take_scratch(void *self, void *scratch)
{
    struct run *run = self;
    if (run->job->take != NULL)
        run->job->take(run->self, scratch);
}

static void set_up_builders(struct run *run)
{
    static const struct pipeline_work work = {make_builder, cost_record, add_record, take_scratch};
    unsigned threads = run->job->with_threads ? run_threads(run->context.options) : 1;
    if (threads > 1) {
        run->pipeline = pipeline_new(&work, run, run->job->scratch_bytes, threads);
        return;
    }
    run->builder = make_builder(run, true);
    if (run->job->scratch_bytes != 0)
        run->scratch = xcalloc(1, run->job->scratch_bytes);
}

/* Which of the pipeline's builders are meant for a key: light ones are many. */
static enum pipeline_weight weight_of(const struct run *run, const struct rdb_key *key)
{
    static const enum pipeline_weight weights[OBJECT_TYPE_COUNT] = {
        [OBJECT_STRING] = PIPELINE_STRING,   [OBJECT_LIST] = PIPELINE_COLLECTION, [OBJECT_SET] = PIPELINE_COLLECTION,
        [OBJECT_ZSET] = PIPELINE_COLLECTION, [OBJECT_HASH] = PIPELINE_COLLECTION, [OBJECT_STREAM] = PIPELINE_HEAVY,
        [OBJECT_MODULE] = PIPELINE_HEAVY,    [OBJECT_ARRAY] = PIPELINE_HEAVY,     [OBJECT_VECTORSET] = PIPELINE_HEAVY,
    };
    enum object_type type = record_object_type(key);
    bool is_rewritten = type == OBJECT_LIST && run->job->node_points != NULL;
    return is_rewritten || record_has_field_expiries(key) ? PIPELINE_HEAVY : weights[type];
}

/* All records that were read have been added: until the next one is, their sums belong to this thread. */
static void settle(struct run *run)
{
    if (run->pipeline != NULL)
        pipeline_drain(run->pipeline);
}

/* Everything has been read. */
static void finish_records(struct run *run)
{
    settle(run);
    if (run->scratch != NULL)
        take_scratch(run, run->scratch);
    run->file.filtered_keys += run->small_keys;
}

/* ---- the server is known -------------------------------------------------------------------------------------------
 */

static int64_t reference_time(const struct run *run)
{
    if (run->context.options->input.now.given)
        return run->context.options->input.now.ms;
    return run->file.has_ctime ? run->file.ctime_ms : run->context.environment->clock_ms;
}

/* A snapshot's ctime is in whole seconds: what expires within that second was taken for expired when it was written. */
static int64_t moment_width(const struct run *run)
{
    bool is_from_file = !run->context.options->input.now.given && run->file.has_ctime;
    return is_from_file && run->context.now_ms <= INT64_MAX - 1000 ? 1000 : 0;
}

static void replay_prologue(struct run *run)
{
    const struct prologue *prologue = &run->prologue;
    if (prologue->has_resize && !run->file.is_filtered)
        keyspace_resizedb(run->keyspace, prologue->db, prologue->keys, prologue->expires);
    for (uint64_t i = 0; i < prologue->functions && i < RUN_MAX_FUNCTIONS; i++)
        keyspace_function(run->keyspace, prologue->function_len[i], 1);
}

/* Chooses the server and makes everything that depends on it. Called as late as possible: the aux fields name the
 * server, and the first slot counts tell that it is a cluster's. */
static void make_ready(struct run *run)
{
    struct plan_view views[PLAN_MAX_VIEWS];
    size_t count = 1;
    target_view(&run->target, &run->file, target_server(&run->target, &run->file), run->target.allocator, &views[0]);
    if (run->job->add_views != NULL)
        count = run->job->add_views(run->self, &run->target, &run->file, views, count);
    if (views[0].settings.value[SETTING_CLUSTER_ENABLED] != 0)
        run->file.is_cluster = true;
    run->plan = plan_new(views, count);
    run->keyspace = keyspace_new(run->plan);
    run->context.plan = run->plan;
    run->context.keyspace = run->keyspace;
    run->context.now_ms = reference_time(run);
    run->expired_before_ms = run->context.now_ms + moment_width(run);
    run->with_slots = run->job->with_slots || run->file.is_cluster;
    set_up_builders(run);
    replay_prologue(run);
    if (run->job->begin != NULL)
        run->job->begin(run->self, &run->context);
}

/* ---- events about the file -----------------------------------------------------------------------------------------
 */

static void on_database(struct run *run, uint64_t db)
{
    if (run->plan == NULL && run->prologue.has_db)
        make_ready(run);
    run->db = db;
    run->prologue.db = db;
    run->prologue.has_db = true;
}

static void on_resizedb(struct run *run, uint64_t keys, uint64_t expires)
{
    if (run->plan == NULL) {
        run->prologue.has_resize = true;
        run->prologue.keys = keys;
        run->prologue.expires = expires;
    } else if (!run->file.is_filtered) {
        keyspace_resizedb(run->keyspace, run->db, keys, expires);
    }
}

static void on_slot_info(struct run *run, uint64_t slot, uint64_t keys, uint64_t expires)
{
    if (run->plan == NULL)
        make_ready(run);
    if (!run->file.is_filtered)
        keyspace_slot(run->keyspace, run->db, slot, keys, expires);
}

/* Valkey writes slot counts as an aux field: "slot,keys,expires", from 9.0 with a fourth number (valkey 9.0
 * src/rdb.c). */
static void on_aux(struct run *run, const struct rdb_event *event)
{
    static const char slot_info[] = "slot-info";
    const uint8_t *bytes;
    char text[96];
    uint64_t slot, keys, expires;
    if (event->aux.name.len != sizeof slot_info - 1 ||
        rdb_string_bytes(&event->aux.name, sizeof slot_info, &bytes) != sizeof slot_info - 1 ||
        memcmp(bytes, slot_info, sizeof slot_info - 1) != 0)
        return;
    size_t len = rdb_string_bytes(&event->aux.value, sizeof text - 1, &bytes);
    if (len > 0)
        memcpy(text, bytes, len);
    text[len] = '\0';
    if (sscanf(text, "%" SCNu64 ",%" SCNu64 ",%" SCNu64, &slot, &keys, &expires) == 3)
        on_slot_info(run, slot, keys, expires);
}

static void on_function(struct run *run, const struct rdb_event *event)
{
    uint64_t len = event->function.code.len;
    if (run->plan != NULL)
        keyspace_function(run->keyspace, len, 1);
    else if (run->prologue.functions++ < RUN_MAX_FUNCTIONS)
        run->prologue.function_len[run->prologue.functions - 1] = len;
}

/* ---- keys ----------------------------------------------------------------------------------------------------------
 */

static bool passes(struct run *run, const struct rdb_key *key, bool is_expired)
{
    const uint8_t *bytes = NULL;
    struct filter_key filter_key = {
        .name_len = rdb_string_bytes(&key->name, RECORD_MAX_NAME, &bytes),
        .db = run->db,
        .type = record_object_type(key),
        .has_expiry = key->has_expiry,
        .is_expired = is_expired,
    };
    filter_key.name = bytes;
    if (filter_accepts(run->filter, &filter_key))
        return true;
    run->file.filtered_keys++;
    return false;
}

static enum rdb_status on_key(struct run *run, const struct rdb_event *event)
{
    const struct rdb_key *key = &event->key;
    if (run->plan == NULL)
        make_ready(run);
    bool is_expired = key->has_expiry && key->expire_at_ms < run->expired_before_ms;
    run->file.keys++;
    run->file.expires += key->has_expiry;
    run->key_open = !run->file.is_filtered || passes(run, key, is_expired);
    if (!run->key_open)
        return RDB_SKIP;
    if (run->pipeline != NULL)
        run->builder = pipeline_next(run->pipeline, weight_of(run, key));
    if (run->builder == NULL) {
        run->key_open = false;
        return RDB_STOPPED;
    }
    record_builder_begin(run->builder, run->db, is_expired, event);
    return RDB_OK;
}

static enum rdb_status on_key_end(struct run *run, const struct rdb_event *event)
{
    run->file.damaged_keys += event->key_end.damaged;
    if (!run->key_open)
        return RDB_OK;
    run->key_open = false;
    if (run->pipeline != NULL) {
        record_builder_close(run->builder, event);
        pipeline_push(run->pipeline);
        return RDB_OK;
    }
    record_builder_close(run->builder, event);
    cost_record(run, run->builder, run->scratch);
    return add_record(run, record_builder_record(run->builder)) ? RDB_OK : RDB_STOPPED;
}

/* The key being read as messages show it, "" between keys and in one that is skipped. */
static const char *open_key(const struct run *run, char text[SNAPSHOT_KEY_SHOWN])
{
    text[0] = '\0';
    if (run->key_open) {
        const struct record *record = record_builder_current(run->builder);
        snapshot_show_key(text, privacy_redactor(run->context.options), record->key, record->key_bytes,
                          record->key_len);
    }
    return text;
}

static void on_finding(struct run *run, const struct rdb_event *event)
{
    char key[SNAPSHOT_KEY_SHOWN];
    file_facts_event(&run->file, event, open_key(run, key));
}

static enum rdb_status run_sink(void *context, const struct rdb_event *event)
{
    struct run *run = context;
    if (event->kind > RDB_EVENT_KEY && event->kind < RDB_EVENT_KEY_END) {
        if (run->key_open)
            record_builder_value(run->builder, event);
        return RDB_OK;
    }
    if (event->kind == RDB_EVENT_KEY)
        return on_key(run, event);
    if (event->kind == RDB_EVENT_KEY_END)
        return on_key_end(run, event);
    if (event->kind == RDB_EVENT_FINDING) {
        on_finding(run, event);
        return RDB_OK;
    }
    settle(run);
    file_facts_event(&run->file, event, "");
    switch (event->kind) {
    case RDB_EVENT_HEADER:
        run->has_header = true;
        break;
    case RDB_EVENT_AUX:
        on_aux(run, event);
        break;
    case RDB_EVENT_FUNCTION:
        on_function(run, event);
        break;
    case RDB_EVENT_DATABASE:
        on_database(run, event->database.db);
        break;
    case RDB_EVENT_RESIZEDB:
        on_resizedb(run, event->resizedb.keys, event->resizedb.expires);
        break;
    case RDB_EVENT_SLOT_INFO:
        on_slot_info(run, event->slot_info.slot, event->slot_info.keys, event->slot_info.expires);
        break;
    default:
        break;
    }
    return RDB_OK;
}

/* ---- the pass ------------------------------------------------------------------------------------------------------
 */

static enum exit_status read_snapshot(struct run *run)
{
    struct rdb_error error;
    char key[SNAPSHOT_KEY_SHOWN];
    const struct run_context *context = &run->context;
    enum rdb_status status = snapshot_parse(context->options, context->environment, &run->file, run_sink, run, &error);
    if (!run->has_header)
        return run->job->is_again ? EXIT_STATUS_DAMAGED : snapshot_complain_unread(&run->file, &error);
    enum exit_status failed = EXIT_STATUS_DONE;
    if (status != RDB_OK && status != RDB_STOPPED)
        failed = snapshot_note_failure(&run->file, &error, open_key(run, key));
    if (run->plan == NULL)
        make_ready(run);
    finish_records(run);
    enum exit_status written = run->job->end(run->self, context);
    if (run->job->is_again)
        return exit_status_worst(failed, written);
    if (filter_gave_up(run->filter) != 0)
        complain("--regex gave up on %" PRIu64 " names; they were left out", filter_gave_up(run->filter));
    return exit_status_worst(failed, exit_status_worst(written, snapshot_complain(&run->file)));
}

enum exit_status run_snapshot(const struct run_job *job, void *self, const struct cli_options *options,
                              const struct environment *environment)
{
    struct run run = {.job = job, .self = self, .min_size = options->filter.min_size};
    char message[300];
    if (!target_init(&run.target, &options->target))
        return EXIT_STATUS_USAGE;
    run.filter = filter_new(&options->filter, message, sizeof message);
    if (run.filter == NULL) {
        complain("%s", message);
        target_release(&run.target);
        return EXIT_STATUS_USAGE;
    }
    run.context =
        (struct run_context){.options = options, .environment = environment, .target = &run.target, .file = &run.file};
    file_facts_init(&run.file, options->operands.text[0]);
    run.file.is_filtered = filter_is_active(run.filter);
    if (privacy_redactor(options) != NULL)
        redactor_fingerprint(privacy_redactor(options), run.file.redact_key);
    run.file.read_at_ms = options->input.now.given ? options->input.now.ms : environment->clock_ms;
    enum exit_status status = read_snapshot(&run);
    if (run.pipeline == NULL)
        record_builder_free(run.builder);
    pipeline_free(run.pipeline);
    free(run.scratch);
    keyspace_free(run.keyspace);
    plan_free(run.plan);
    filter_free(run.filter);
    target_release(&run.target);
    return status;
}
