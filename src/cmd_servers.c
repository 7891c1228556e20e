#include "command.h"
#include "document_output.h"
#include "model/server.h"

static void add_models(struct doc_section *section)
{
    static const struct doc_column columns[] = {
        {"server", "Server", DOC_TEXT, DOC_COLUMN_KEY},
        {"releases", "Releases", DOC_TEXT, 0},
        {"rdb_version", "RDB", DOC_COUNT, 0},
        {"allocator", "Allocator", DOC_TEXT, 0},
        {"source", "Source", DOC_TEXT, DOC_COLUMN_WIDE | DOC_COLUMN_OPTIONAL},
    };
    struct doc_table *table =
        section_table(section, "servers", "Server models", columns, sizeof columns / sizeof *columns, DOC_CHART_NONE);
    size_t count;
    const struct server_model *models = server_models(&count);
    for (size_t i = 0; i < count; i++)
        table_row(table, (struct doc_value[]){
                             doc_text(models[i].id), doc_text(models[i].releases), doc_count(models[i].rdb_version),
                             doc_text(allocator_get(models[i].allocator)->name), doc_text(models[i].source)});
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
    struct document *document = document_of_program();
    struct doc_section *section = document_section(document, "servers", "Servers");
    add_models(section);
    add_allocators(section);
    status = document_outputs_write(&outputs, document);
    document_free(document);
    return status;
}
