#include "run_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "privacy.h"
#include "run_threads.h"
#include "snapshot.h"

/* ---- records -------------------------------------------------------------------------------------------------------
 */

static struct record_builder *make_builder(const struct run *run)
{
    const struct run_job *job = run->job;
    struct record_builder *builder =
        record_builder_new(run->plan, run->context.now_ms, run->with_slots, job->with_values);
    if (job->with_other)
        record_builder_cost_other(builder);
    if (job->with_census)
        record_builder_count_sizes(builder);
    if (job->with_expiry_bytes)
        record_builder_price_expiries(builder);
    if (job->node_points != NULL) {
        struct node_points points = {.count = 0};
        job->node_points(run->self, plan_view(run->plan, 0), &points);
        record_builder_rewrite_nodes(builder, &points);
    }
    return builder;
}

/* A record that is costed, or is to be by the command. */
static inline bool hand_over(struct run *run, struct record *record)
{
    const struct run_job *job = run->job;
    if (job->with_keyspace && !record->damaged) {
        int slot = run->file.is_cluster ? record->slot : -1;
        keyspace_add(run->keyspace, record->db, &record->facts, record->shape, slot);
        keyspace_slot_name(run->keyspace, record->db, slot, record->key, record->key_bytes);
    }
    return job->add == NULL || job->add(run->self, record);
}

static bool cost_and_hand_over(struct run *run, struct record *record)
{
    record_cost(record, run->plan);
    if (record->cost.size_in_bytes < run->min_size) {
        run->file.filtered_keys++;
        return true;
    }
    return hand_over(run, record);
}

static bool costs_strings(const struct run *run)
{
    return !run->job->costs_late || run->min_size != 0;
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
    for (uint64_t i = 0; i < prologue->libraries && i < RUN_MAX_LIBRARIES; i++)
        keyspace_function(run->keyspace, &prologue->library[i]);
}

/* Called as late as possible: the aux fields name the server, and the first slot counts tell that it is a cluster's. */
void run_make_ready(struct run *run)
{
    if (run->plan != NULL)
        return;
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
    run->takes_plain = run->job->add_plain != NULL && !run->with_slots && !costs_strings(run);
    run->builder = make_builder(run);
    replay_prologue(run);
    if (run->job->begin != NULL)
        run->job->begin(run->self, &run->context);
}

/* ---- events about the file -----------------------------------------------------------------------------------------
 */

static void on_database(struct run *run, uint64_t db)
{
    if (run->prologue.has_db)
        run_make_ready(run);
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
    run_make_ready(run);
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
    enum { CODE_LOOK = 1 << 20 };
    const struct rdb_string *code = &event->function.code;
    const uint8_t *bytes;
    size_t len = rdb_string_bytes(code, CODE_LOOK, &bytes);
    struct function_library library;
    function_library_read(&library, bytes, len, code->len);
    struct prologue *prologue = &run->prologue;
    if (run->plan != NULL)
        keyspace_function(run->keyspace, &library);
    else if (prologue->libraries++ < RUN_MAX_LIBRARIES)
        prologue->library[prologue->libraries - 1] = library;
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

/* Counts a key; false: no record is wanted of it. */
static inline bool is_wanted(struct run *run, const struct rdb_event *event, bool *is_expired)
{
    const struct rdb_key *key = &event->key;
    if (run->plan == NULL)
        run_make_ready(run);
    *is_expired = key->has_expiry && key->expire_at_ms < run->expired_before_ms;
    run->file.keys++;
    run->file.expires += key->has_expiry;
    return (!run->file.is_filtered || passes(run, key, *is_expired)) && event->offset >= run->from_offset;
}

static inline bool add_plain(struct run *run, const struct rdb_event *event)
{
    struct plain_string string;
    if (!record_builder_plain(run->builder, run->db, &event->string_key, &string) ||
        !run->job->add_plain(run->self, &string))
        return false;
    if (run->job->with_keyspace)
        keyspace_add_string(run->keyspace, run->db);
    return true;
}

static __attribute__((noinline)) enum rdb_status on_string_key(struct run *run, const struct rdb_event *event)
{
    bool is_expired;
    if (!is_wanted(run, event, &is_expired))
        return RDB_OK;
    if (run->takes_plain && add_plain(run, event))
        return RDB_OK;
    struct record *record = record_builder_string(run->builder, run->db, is_expired, event);
    bool goes_on = costs_strings(run) ? cost_and_hand_over(run, record) : hand_over(run, record);
    return goes_on ? RDB_OK : RDB_STOPPED;
}

static __attribute__((noinline)) enum rdb_status on_key(struct run *run, const struct rdb_event *event)
{
    bool is_expired;
    run->key_open = is_wanted(run, event, &is_expired);
    if (!run->key_open)
        return RDB_SKIP;
    record_builder_begin(run->builder, run->db, is_expired, event);
    return RDB_OK;
}

static __attribute__((noinline)) enum rdb_status on_key_end(struct run *run, const struct rdb_event *event)
{
    run->file.damaged_keys += event->key_end.damaged;
    if (!run->key_open)
        return RDB_OK;
    run->key_open = false;
    struct record *record = record_builder_close(run->builder, event);
    bool is_late = record->type == OBJECT_STRING && !costs_strings(run);
    return (is_late ? hand_over(run, record) : cost_and_hand_over(run, record)) ? RDB_OK : RDB_STOPPED;
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

/* Every event passes: it only goes to where its kind is dealt with, so that none pays for what another one needs. */
enum rdb_status run_record_sink(void *context, const struct rdb_event *event)
{
    struct run *run = context;
    switch (event->kind) {
    case RDB_EVENT_STRING_KEY:
        return on_string_key(run, event);
    case RDB_EVENT_KEY:
        return on_key(run, event);
    case RDB_EVENT_KEY_END:
        return on_key_end(run, event);
    case RDB_EVENT_DATABASE:
        run->db = event->database.db;
        return RDB_OK;
    default:
        if (run->key_open)
            record_builder_value(run->builder, event);
        return RDB_OK;
    }
}

enum rdb_status run_file_event(struct run *run, const struct rdb_event *event)
{
    if (event->kind == RDB_EVENT_FINDING) {
        on_finding(run, event);
        return RDB_OK;
    }
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

static enum rdb_status run_sink(void *context, const struct rdb_event *event)
{
    if (event->kind >= RDB_EVENT_KEY && event->kind <= RDB_EVENT_STRING_KEY)
        return run_record_sink(context, event);
    return run_file_event(context, event);
}

/* ---- the pass ------------------------------------------------------------------------------------------------------
 */

static enum exit_status finish(struct run *run, enum exit_status failed)
{
    enum exit_status written = run->job->end(run->self, &run->context);
    if (run->job->is_again)
        return exit_status_worst(failed, written);
    if (filter_gave_up(run->filter) != 0)
        complain("--regex gave up on %" PRIu64 " names; they were left out", filter_gave_up(run->filter));
    return exit_status_worst(failed, exit_status_worst(written, snapshot_complain(&run->file)));
}

static enum exit_status read_alone(struct run *run)
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
    run_make_ready(run);
    return finish(run, failed);
}

bool run_init(struct run *run, const struct run_job *job, void *self, const struct cli_options *options,
              const struct environment *environment)
{
    char message[300];
    *run = (struct run){.job = job, .self = self, .min_size = options->filter.min_size};
    if (!target_init(&run->target, &options->target))
        return false;
    run->filter = filter_new(&options->filter, message, sizeof message);
    if (run->filter == NULL) {
        complain("%s", message);
        target_release(&run->target);
        return false;
    }
    run->context = (struct run_context){
        .options = options, .environment = environment, .target = &run->target, .file = &run->file};
    file_facts_init(&run->file, options->operands.text[0]);
    run->file.is_filtered = filter_is_active(run->filter);
    if (privacy_redactor(options) != NULL)
        redactor_fingerprint(privacy_redactor(options), run->file.redact_key);
    run->file.read_at_ms = options->input.now.given ? options->input.now.ms : environment->clock_ms;
    return true;
}

void run_release(struct run *run)
{
    record_builder_free(run->builder);
    keyspace_free(run->keyspace);
    plan_free(run->plan);
    filter_free(run->filter);
    target_release(&run->target);
}

enum exit_status run_snapshot(const struct run_job *job, void *self, const struct cli_options *options,
                              const struct environment *environment)
{
    struct run run;
    unsigned threads = job->forks != NULL ? run_threads(options) : 1;
    uint64_t from_offset = 0;
    if (!run_init(&run, job, self, options, environment))
        return EXIT_STATUS_USAGE;
    if (threads > 1 && run_parts(&run, threads, &from_offset)) {
        enum exit_status status = finish(&run, EXIT_STATUS_DONE);
        run_release(&run);
        return status;
    }
    if (threads > 1) {
        if (job->forks->forget != NULL)
            job->forks->forget(self);
        run_release(&run);
        if (!run_init(&run, job, self, options, environment))
            return EXIT_STATUS_USAGE;
        run.from_offset = from_offset;
    }
    enum exit_status status = read_alone(&run);
    run_release(&run);
    return status;
}

/* ---- forks ---------------------------------------------------------------------------------------------------------
 */

void run_fork(struct run *fork, const struct run *run)
{
    char message[300];
    const struct cli_options *options = run->context.options;
    *fork = (struct run){.job = run->job,
                         .context = run->context,
                         .min_size = run->min_size,
                         .file = run->file,
                         .plan = run->plan,
                         .filter = filter_new(&options->filter, message, sizeof message),
                         .keyspace = keyspace_new(run->plan),
                         .expired_before_ms = run->expired_before_ms,
                         .with_slots = run->with_slots,
                         .takes_plain = run->takes_plain};
    fork->file.keys = fork->file.expires = fork->file.filtered_keys = 0;
    fork->context.file = &fork->file;
    fork->context.keyspace = fork->keyspace;
    fork->builder = make_builder(run);
}

void run_join(struct run *run, struct run *fork)
{
    if (run != NULL) {
        run->file.keys += fork->file.keys;
        run->file.expires += fork->file.expires;
        run->file.filtered_keys += fork->file.filtered_keys;
        keyspace_merge(run->keyspace, fork->keyspace);
        filter_add_gave_up(run->filter, fork->filter);
    }
    record_builder_free(fork->builder);
    keyspace_free(fork->keyspace);
    filter_free(fork->filter);
}
