/* The header of the report: what this snapshot is and how far it can be trusted. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "file_facts.h"
#include "sections.h"
#include "words.h"

static const char *const family_title[] = {[SERVER_REDIS] = "Redis", [SERVER_VALKEY] = "Valkey"};

static const struct {
    const char *text;
    enum doc_severity severity;
} checksum_verdict[] = {
    [CHECKSUM_OK] = {"correct", DOC_GOOD},
    [CHECKSUM_MISMATCH] = {"WRONG: the file was damaged after it was written", DOC_CRITICAL},
    [CHECKSUM_NOT_COMPUTED] = {"none: its server had rdbchecksum off", DOC_INFO},
    [CHECKSUM_ABSENT] = {"none: snapshots of this version have none", DOC_INFO},
    [CHECKSUM_SKIPPED] = {"not checked", DOC_INFO},
};

static void write_file(struct doc_section *section, const struct file_facts *file)
{
    section_fact(section, "file", "File", doc_name(file->path, strlen(file->path), strlen(file->path)));
    if (*file->wrapping)
        section_fact(section, "wrapping", "Wrapped in", doc_text(file->wrapping));
    if (file->size_bytes)
        section_fact(section, "file_bytes", "File size", doc_bytes(file->size_bytes));
    if (file->snapshot_bytes && file->snapshot_bytes != file->size_bytes)
        section_fact(section, "snapshot_bytes", "Snapshot size", doc_bytes(file->snapshot_bytes));
}

static void write_privacy(struct doc_section *section, const struct file_facts *file)
{
    if (*file->redact_key)
        section_fact(section, "redact_key", "Names hidden, under the key", doc_text(file->redact_key));
}

static void write_server(struct doc_section *section, const struct file_facts *file)
{
    char text[80];
    const char *name = file->is_keydb ? "KeyDB" : file->is_dragonfly ? "Dragonfly" : family_title[file->family];
    snprintf(text, sizeof(text), "%s%s%s%s%s", name, *file->server_version ? " " : "", file->server_version,
             file->redis_bits == 32 ? ", 32 bit" : "", file->is_cluster ? ", cluster" : "");
    section_headline(section, "written_by", "Written by", doc_name(text, strlen(text), strlen(text)));
    section_fact(section, "rdb_version", "RDB version", doc_count(file->rdb_version));
}

/* What a reader must know about the choice of the model, beyond its name. */
static void note_model(struct doc_section *section, const struct file_facts *file, const struct server_model *server)
{
    static const char *const why[] = {
        [SERVER_EXACT] = NULL,
        [SERVER_NEAREST] = "There is no model of the release that wrote this file: the nearest older one, %s, is used.",
        [SERVER_NEWER] = "This file is from a newer release than any that is modelled: the newest one, %s, is used.",
        [SERVER_BY_VERSION] = "The file does not name a release: %s is the newest one that writes its RDB version.",
    };
    if (why[file->match] && !file->target_given && !file->is_keydb) {
        char text[200];
        snprintf(text, sizeof(text), why[file->match], server->title);
        section_note(section, DOC_WARNING, "%s", text);
    }
    if (file->is_keydb && !file->target_given)
        section_note(section, DOC_WARNING, "KeyDB is costed as %s, the release it is made from.", server->title);
    if (file->is_dragonfly && !file->target_given)
        section_note(section, DOC_WARNING, "Dragonfly lays memory out in its own way: the costs are those of %s.",
                     server->title);
    if (file->redis_bits == 32)
        section_note(section, DOC_WARNING,
                     "A 32-bit server wrote this file; it is costed as a 64-bit one, where pointers take twice the "
                     "room.");
}

static void write_model(struct doc_section *section, const struct collect_context *context)
{
    const struct plan_view *view = plan_view(context->plan, 0);
    section_fact(section, "target", "Costed as", doc_text(view->server->id));
    section_fact(section, "allocator", "With allocator", doc_text(view->allocator->name));
}

static void write_moment(struct doc_section *section, const struct collect_context *context)
{
    const struct file_facts *file = context->file;
    if (!file->has_ctime) {
        section_note(section, DOC_INFO, "The file does not say when it was written.");
        return;
    }
    section_headline(section, "taken_at", "Taken at", doc_time(file->ctime_ms));
    int64_t age_ms;
    if (!__builtin_sub_overflow(file->read_at_ms, file->ctime_ms, &age_ms) && age_ms > 0)
        section_headline(section, "age", "Age", doc_duration(age_ms));
    if (context->now_ms != file->ctime_ms)
        section_fact(section, "reference_time", "Times are counted from", doc_time(context->now_ms));
}

/* Bytes of the file that this report does not cover. */
static void write_left_out(struct doc_section *section, const struct file_facts *file)
{
    if (file->incremental_bytes) {
        section_fact(section, "incremental_bytes", "AOF increments, not included", doc_bytes(file->incremental_bytes));
        section_note(section, DOC_WARNING,
                     "This is the base file of a multi-part AOF. What was written after it is in incremental files "
                     "that are not part of this report.");
    }
    if (file->trailing_bytes) {
        section_fact(section, "trailing_bytes", "Bytes behind the snapshot", doc_bytes(file->trailing_bytes));
        if (file->trailing_is_aof)
            section_note(section, DOC_WARNING,
                         "AOF commands follow the snapshot; what they changed is not part of this report.");
        else
            section_note(section, DOC_WARNING, "Something follows the snapshot that does not belong to it.");
    }
}

/* Of a summary, names are as its maker had them; else the run has hidden those it was to hide. */
static void write_findings(struct doc_section *section, const struct file_facts *file)
{
    static const struct doc_column columns[] = {
        {"offset", "Offset", DOC_COUNT, DOC_COLUMN_KEY},
        {"key", "Key", DOC_TEXT, 0},
        {"message", "What is wrong", DOC_TEXT, DOC_COLUMN_WIDE},
    };
    if (file->damaged_keys) {
        section_fact(section, "damaged_keys", "Damaged keys", doc_count(file->damaged_keys));
        section_note(section, DOC_CRITICAL, "%" PRIu64 " %s, counted but not costed.", file->damaged_keys,
                     words_for(file->damaged_keys, "key has a damaged value", "keys have damaged values"));
    }
    if (file->finding_count == 0)
        return;
    section_fact(section, "findings", "Inconsistencies found", doc_count(file->finding_count));
    enum doc_owner owner = *file->redact_key ? DOC_OURS : DOC_THEIR_NAME;
    struct doc_table *table = section_table(section, "finding_list", "Inconsistencies", columns, 3, DOC_CHART_NONE);
    for (uint64_t i = 0; i < file->finding_count && i < FILE_MAX_FINDINGS; i++) {
        const struct file_finding *finding = &file->findings[i];
        const struct doc_value cells[] = {
            doc_count(finding->offset),
            *finding->key ? doc_name_of(owner, finding->key, strlen(finding->key), strlen(finding->key)) : doc_none(),
            doc_text(finding->message),
        };
        table_row(table, cells);
    }
}

void overview_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                     struct document *document)
{
    (void)self;
    const struct file_facts *file = context->file;
    struct doc_section *section = document_section(document, collector->id, collector->title);
    write_file(section, file);
    write_privacy(section, file);
    write_server(section, file);
    write_model(section, context);
    write_moment(section, context);
    section_fact(section, "databases", "Databases", doc_count(file->databases));
    section_fact(section, "checksum", "Checksum", doc_text(checksum_verdict[file->checksum].text));
    if (checksum_verdict[file->checksum].severity == DOC_CRITICAL)
        section_note(section, DOC_CRITICAL, "The checksum is wrong: numbers below may be, too.");
    note_model(section, file, plan_view(context->plan, 0)->server);
    if (file->is_filtered)
        section_note(section, DOC_INFO, "Filtered: %" PRIu64 " other keys are not in the tables below.",
                     file->filtered_keys);
    write_left_out(section, file);
    write_findings(section, file);
}
