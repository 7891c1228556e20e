#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "complain.h"
#include "document_output.h"
#include "model/usage_notes.h"
#include "run.h"

enum { EXPLAIN_MAX_LINES = 64 };

struct explain_command {
    struct document_outputs outputs;
    struct document *document;
    const struct run_context *context;
    uint64_t found; /* keys of this name: one a database at most */
};

static void explain_begin(void *self, const struct run_context *context)
{
    struct explain_command *explain = self;
    explain->context = context;
}

static void add_attributes(struct doc_section *section, const struct record *record)
{
    section_fact(section, "key", "Key", doc_name_of(DOC_THEIR_NAME, record->key, record->key_bytes, record->key_len));
    section_fact(section, "database", "Database", doc_count(record->db));
    section_fact(section, "type", "Type", doc_text(object_type_name(record->type)));
    section_fact(section, "stored_encoding", "In the file", doc_text(record->stored_encoding));
    section_fact(section, "expiry", "Expires", record->has_expiry ? doc_time(record->expire_at_ms) : doc_none());
}

static void add_line(struct doc_table *table, const struct cost_line *line)
{
    char what[120];
    if (line->note != 0)
        snprintf(what, sizeof what, "%s (%" PRIu64 ")", line->what, line->note);
    else
        snprintf(what, sizeof what, "%s", line->what);
    table_row(table, (struct doc_value[]){doc_text(what), doc_count(line->count), doc_bytes(line->asked),
                                          doc_bytes(line->held)});
}

static void add_allocations(struct doc_section *section, const struct cost_lines *lines)
{
    static const struct doc_column columns[] = {
        {"what", "What", DOC_TEXT, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
        {"count", "Count", DOC_COUNT, 0},
        {"asked", "Asked", DOC_BYTES, 0},
        {"held", "Held", DOC_BYTES, 0},
    };
    struct doc_table *table =
        section_table(section, "allocations", "Allocations", columns, sizeof columns / sizeof *columns, DOC_CHART_NONE);
    for (size_t i = 0; i < lines->count; i++)
        add_line(table, &lines->line[i]);
}

static void add_parts(struct doc_section *section, const struct cost *cost)
{
    static const struct doc_column columns[] = {
        {"part", "Part", DOC_TEXT, DOC_COLUMN_KEY},
        {"bytes", "Bytes", DOC_BYTES, 0},
        {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
    };
    struct doc_table *table = section_table(section, "parts", "Where the bytes go", columns,
                                            sizeof columns / sizeof *columns, DOC_CHART_BARS);
    for (unsigned part = 0; part < COST_PART_COUNT; part++) {
        if (cost->part[part] != 0)
            table_row(table,
                      (struct doc_value[]){doc_text(cost_part_title((enum cost_part)part)), doc_bytes(cost->part[part]),
                                           doc_share((double)cost->part[part], (double)cost->size_in_bytes)});
    }
}

/* Why MEMORY USAGE is off by `difference` bytes, as far as it is known in words. */
static void add_notes(struct doc_section *section, const struct server_model *server, const struct record *record,
                      const struct cost *cost)
{
    const char *notes[USAGE_MAX_NOTES];
    size_t count = model_usage_notes(server, record->type, cost->encoding, record->has_expiry, notes);
    for (size_t i = 0; i < count; i++)
        section_note(section, DOC_INFO, "MEMORY USAGE on %s: %s", server->title, notes[i]);
}

static void add_both_numbers(struct doc_section *section, const struct server_model *server,
                             const struct record *record, const struct cost *cost)
{
    section_fact(section, "size_in_bytes", "Held by the allocator", doc_count(cost->size_in_bytes));
    section_fact(section, "memory_usage", "MEMORY USAGE",
                 server->has_memory_usage ? doc_count(cost->memory_usage) : doc_none());
    if (!server->has_memory_usage) {
        section_note(section, DOC_INFO, "%s has no MEMORY USAGE.", server->title);
        return;
    }
    int64_t difference = (int64_t)(cost->memory_usage - cost->size_in_bytes);
    section_fact(section, "difference", "It differs by", doc_delta(difference));
    if (difference != 0)
        add_notes(section, server, record, cost);
}

static bool explain_add(void *self, struct record *record)
{
    struct explain_command *explain = self;
    const struct plan *plan = explain->context->plan;
    struct cost_line line[EXPLAIN_MAX_LINES];
    struct cost_lines lines = {.line = line, .capacity = EXPLAIN_MAX_LINES};
    struct cost cost;
    char id[40] = "key";
    if (explain->found++ != 0)
        snprintf(id, sizeof id, "key_db%" PRIu64, record->db);
    struct doc_section *section = document_section(explain->document, id, "Key");
    add_attributes(section, record);
    if (record->damaged) {
        section_note(section, DOC_CRITICAL, "Its value is damaged in the file, so that it has no cost.");
        return true;
    }
    const struct plan_view *view = plan_view(plan, 0);
    if (!server_has_type(view->server, record->type)) {
        section_fact(section, "server", "Server", doc_text(view->server->title));
        section_note(section, DOC_CRITICAL, "%s does not have this type: it cannot load the key, which has no cost.",
                     view->server->title);
        return true;
    }
    model_explain(plan, 0, record->shape, &record->facts, &cost, &lines);
    section_fact(section, "encoding", "On the server", doc_text(object_encoding_name(cost.encoding)));
    section_fact(section, "elements", "Elements", doc_count(record->elements));
    if (object_has_longest(record->type))
        section_fact(section, "longest", "Longest element", doc_bytes(record->longest));
    section_fact(section, "server", "Server", doc_text(view->server->title));
    section_fact(section, "allocator", "Allocator", doc_text(view->allocator->name));
    add_both_numbers(section, view->server, record, &cost);
    add_allocations(section, &lines);
    add_parts(section, &cost);
    return true;
}

static enum exit_status explain_end(void *self, const struct run_context *context)
{
    struct explain_command *explain = self;
    if (explain->found == 0) {
        complain("there is no key '%.200s' in %s", context->options->operands.text[1], context->file->path);
        return EXIT_STATUS_USAGE;
    }
    if (context->file->partial)
        document_set_partial(explain->document, context->file->partial_reason);
    return document_outputs_write(&explain->outputs, explain->document);
}

enum exit_status cmd_explain(const struct cli_options *options, const struct environment *environment)
{
    static const struct run_job job = {.begin = explain_begin, .add = explain_add, .end = explain_end};
    const char *text = options->operands.text[1];
    size_t capacity = strlen(text) + 1;
    uint8_t *name = xmalloc(capacity);
    struct cli_options narrowed = *options;
    narrowed.filter.name = name;
    narrowed.filter.name_len = name_parse(name, capacity, (enum name_format)options->key_format, text, strlen(text));
    struct explain_command explain = {.document = NULL};
    enum exit_status status = EXIT_STATUS_USAGE;
    if (narrowed.filter.name_len == SIZE_MAX)
        complain("'%.200s' is not a name in this --key-format", text);
    else
        status = document_outputs_open(&explain.outputs, &options->output, environment);
    if (status == EXIT_STATUS_DONE) {
        explain.document = document_of_program(options);
        status = run_snapshot(&job, &explain, &narrowed, environment);
        document_free(explain.document);
    }
    document_outputs_abandon(&explain.outputs);
    free(name);
    return status;
}
