/* Module values, module aux and key metadata: all are streams of items that name their own kind. */
#include "parser.h"

void rdb_module_name(uint64_t module_id, char name[10])
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int i = 0; i < 9; i++)
        name[i] = set[module_id >> (58 - 6 * i) & 63];
    name[9] = '\0';
}

/* A number by its opcode. */
static enum rdb_status load_number(struct rdb_input *in, struct rdb_module_item *item)
{
    static const char what[] = "a number of a module";
    switch (item->opcode) {
    case RDB_MODULE_FLOAT:
        return rdb_read_float(in, &item->number, what);
    case RDB_MODULE_DOUBLE:
        return rdb_read_double(in, &item->number, what);
    default:
        return rdb_read_len(in, &item->integer, what);
    }
}

static enum rdb_status load_item(struct rdb_parser *parser, uint64_t opcode, bool emit, uint64_t offset)
{
    struct rdb_input *in = parser->in;
    struct rdb_module_item item = {.opcode = (enum rdb_module_opcode)opcode};
    if (item.opcode != RDB_MODULE_STRING)
        RDB_TRY(load_number(in, &item));
    else if (!emit)
        return rdb_string_pass(in, "a string of a module");
    parser->event.module_item = item;
    if (item.opcode == RDB_MODULE_STRING)
        return rdb_load_last_string(parser, RDB_EVENT_MODULE_ITEM, offset, &parser->event.module_item.string,
                                    "a string of a module");
    return emit ? rdb_emit(parser, RDB_EVENT_MODULE_ITEM, offset) : RDB_OK;
}

enum rdb_status rdb_load_module_items(struct rdb_parser *parser, bool emit)
{
    struct rdb_input *in = parser->in;
    for (;;) {
        uint64_t offset = rdb_input_offset(in), opcode;
        RDB_TRY(rdb_read_len(in, &opcode, "an opcode of a module"));
        if (opcode == 0)
            return RDB_OK;
        if (opcode > RDB_MODULE_STRING)
            return rdb_error_set(in->error, RDB_ERR_CORRUPT, offset,
                                 "an opcode of a module was expected, 0 to 5, not %llu", (unsigned long long)opcode);
        RDB_TRY(load_item(parser, opcode, emit, offset));
    }
}

enum rdb_status rdb_load_module(struct rdb_parser *parser)
{
    return rdb_load_module_items(parser, !parser->quiet);
}

enum rdb_status rdb_load_module_aux(struct rdb_parser *parser)
{
    static const char what[] = "a module's aux data";
    struct rdb_input *in = parser->in;
    uint64_t offset = rdb_input_offset(in) - 1, start = rdb_input_tell(in), id, opcode, when;
    RDB_TRY(rdb_read_len(in, &id, what));
    RDB_TRY(rdb_read_len(in, &opcode, what));
    if (opcode != RDB_MODULE_UINT)
        return rdb_input_fail(in, RDB_ERR_CORRUPT, "the moment of a module's aux data was expected");
    RDB_TRY(rdb_read_len(in, &when, what));
    RDB_TRY(rdb_load_module_items(parser, false));
    rdb_module_name(id, parser->event.module_aux.name);
    parser->event.module_aux.stored_bytes = rdb_input_tell(in) - start;
    return rdb_emit(parser, RDB_EVENT_MODULE_AUX, offset);
}

/* redis 8.6 src/keymeta.c */
enum rdb_status rdb_load_key_meta(struct rdb_parser *parser)
{
    enum { CLASSES_MAX = 7 };
    struct rdb_input *in = parser->in;
    uint64_t classes;
    RDB_TRY(rdb_read_len(in, &classes, "the number of metadata classes"));
    if (classes > CLASSES_MAX)
        return rdb_input_fail(in, RDB_ERR_CORRUPT, "at most 7 metadata classes were expected");
    parser->attributes.metadata_classes = (uint8_t)classes;
    for (; classes; classes--) {
        uint32_t specification;
        RDB_TRY(rdb_read_le32(in, &specification, "a metadata class"));
        RDB_TRY(rdb_load_module_items(parser, false));
    }
    return RDB_OK;
}
