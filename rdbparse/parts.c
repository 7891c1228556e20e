/* Parts of a snapshot: records without the frame around them. */
#include <stdlib.h>

#include "census.h"
#include "parser.h"
#include "templates.h"

struct rdb_part_parser {
    struct rdb_input input;
    struct rdb_parser parser;
    struct rdb_error error; /* while there is no part */
};

struct rdb_part_parser *rdb_part_parser_new(const struct rdb_header *header, const struct rdb_options *options)
{
    struct rdb_part_parser *part = calloc(1, sizeof *part);
    if (!part)
        return NULL;
    enum rdb_status status = rdb_input_init(&part->input, NULL, options, &part->error);
    if (status == RDB_OK)
        status = rdb_parser_init(&part->parser, &part->input, options);
    if (status != RDB_OK) {
        rdb_part_parser_free(part);
        return NULL;
    }
    part->parser.header = *header;
    part->parser.is_part = true;
    rdb_rows_for(header, part->parser.types, part->parser.opcodes);
    return part;
}

void rdb_part_parser_free(struct rdb_part_parser *part)
{
    if (!part)
        return;
    rdb_parser_release(&part->parser);
    rdb_input_release(&part->input);
    free(part);
}

enum rdb_status rdb_part_parse(struct rdb_part_parser *part, struct rdb_source *source, uint64_t offset, rdb_sink *sink,
                               void *context, struct rdb_error *error)
{
    struct rdb_parser *parser = &part->parser;
    rdb_input_restart(&part->input, source, offset, error);
    parser->in = &part->input;
    parser->sink = sink;
    parser->context = context;
    parser->error = error;
    parser->attributes = (struct rdb_attributes){0};
    parser->quiet = parser->damaged = false;
    rdb_templates_clear(parser->templates);
    return rdb_parse_records(parser);
}
