#include "accuracy.h"
#include "command.h"
#include "document_output.h"
#include "model/server.h"

static struct doc_value share_of(uint64_t part, uint64_t whole)
{
    return whole != 0 ? doc_share((double)part, (double)whole) : doc_none();
}

static void add_models(struct doc_section *section)
{
    static const struct doc_column columns[] = {
        {"server", "Server", DOC_TEXT, DOC_COLUMN_KEY},
        {"releases", "Releases", DOC_TEXT, 0},
        {"rdb_version", "RDB", DOC_COUNT, DOC_COLUMN_OPTIONAL},
        {"allocator", "Allocator", DOC_TEXT, 0},
        {"measured_keys", "Measured", DOC_COUNT, 0},
        {"size_exact", "Size exact", DOC_SHARE, 0},
        {"memory_usage_exact", "Usage exact", DOC_SHARE, 0},
        {"encoding_exact", "Encoding exact", DOC_SHARE, DOC_COLUMN_OPTIONAL},
        {"source", "Source", DOC_TEXT, DOC_COLUMN_WIDE | DOC_COLUMN_OPTIONAL},
    };
    struct doc_table *table =
        section_table(section, "servers", "Server models", columns, sizeof columns / sizeof *columns, DOC_CHART_NONE);
    size_t count;
    const struct server_model *models = server_models(&count);
    for (size_t i = 0; i < count; i++) {
        struct accuracy accuracy;
        (void)accuracy_of_server(models[i].id, &accuracy);
        table_row(table, (struct doc_value[]){
                             doc_text(models[i].id), doc_text(models[i].releases), doc_count(models[i].rdb_version),
                             doc_text(allocator_get(models[i].allocator)->name),
                             accuracy.keys != 0 ? doc_count(accuracy.keys) : doc_none(),
                             share_of(accuracy.allocated_exact, accuracy.keys),
                             share_of(accuracy.usage_exact, accuracy.usage_measured),
                             share_of(accuracy.encoding_exact, accuracy.keys), doc_text(models[i].source)});
    }
    section_note(section, DOC_INFO,
                 "Measured: numbers of keys on real servers of the line; exact: equal to the byte, or within what the "
                 "server's own chance explains.");
}

static void add_allocators(struct doc_section *section)
{
    static const struct doc_column columns[] = {
        {"allocator", "Allocator", DOC_TEXT, DOC_COLUMN_KEY},
        {"title", "Who builds with it", DOC_TEXT, DOC_COLUMN_WIDE},
        {"source", "Source", DOC_TEXT, DOC_COLUMN_WIDE | DOC_COLUMN_OPTIONAL},
    };
    struct doc_table *table =
        section_table(section, "allocators", "Allocators", columns, sizeof columns / sizeof *columns, DOC_CHART_NONE);
    for (unsigned id = 0; id < ALLOCATOR_COUNT; id++) {
        const struct allocator *allocator = allocator_get((enum allocator_id)id);
        table_row(table, (struct doc_value[]){doc_text(allocator->name), doc_text(allocator->title),
                                              doc_text(allocator->source)});
    }
}

enum exit_status cmd_servers(const struct cli_options *options, const struct environment *environment)
{
    struct document_outputs outputs;
    enum exit_status status = document_outputs_open(&outputs, &options->output, environment);
    if (status != EXIT_STATUS_DONE)
        return status;
    struct document *document = document_of_program(options);
    struct doc_section *section = document_section(document, "servers", "Servers");
    add_models(section);
    add_allocators(section);
    status = document_outputs_write(&outputs, document);
    document_free(document);
    return status;
}
