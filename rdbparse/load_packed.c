/* Values stored in packed blobs: one of them, or a list's nodes. */
#include "parser.h"

enum { DRAIN_BATCH = 64 };

/* A deep parse walks what the sink left. */
static void drain(struct rdb_packed *packed)
{
    struct rdb_string entries[DRAIN_BATCH];
    while (rdb_packed_read(packed, entries, DRAIN_BATCH))
        ;
}

enum rdb_status rdb_report_cursor(struct rdb_parser *parser)
{
    const struct rdb_error *error = &parser->cursor.error;
    switch (error->status) {
    case RDB_OK:
        break;
    case RDB_ERR_CORRUPT:
        return rdb_emit_finding(parser, RDB_FINDING_DAMAGED_VALUE, error->offset, "%s", error->message);
    default:
        return rdb_error_set(parser->error, error->status, error->offset, "%s", error->message);
    }
    return RDB_OK;
}

enum rdb_status rdb_load_blob(struct rdb_parser *parser, enum rdb_event_kind kind, enum rdb_packed_form form,
                              struct rdb_packed *packed)
{
    struct rdb_input *in = parser->in;
    uint64_t offset = rdb_input_offset(in);
    if (parser->quiet && !in->deep)
        return rdb_string_pass(in, rdb_packed_form_name(form));
    if (in->deep)
        rdb_check_blob(parser->check, parser->row->check, parser->row->arity);
    parser->cursor.check = parser->check;
    RDB_TRY(rdb_cursor_open(&parser->cursor, in, form, parser->row->arity, packed));
    RDB_TRY(rdb_emit(parser, kind, offset));
    if (in->deep)
        drain(packed);
    RDB_TRY(rdb_cursor_close(&parser->cursor));
    if (in->deep)
        RDB_TRY(rdb_check_report(parser, offset));
    return __builtin_expect(parser->cursor.error.status == RDB_OK, 1) ? RDB_OK : rdb_report_cursor(parser);
}

enum rdb_status rdb_load_packed(struct rdb_parser *parser)
{
    return rdb_load_blob(parser, RDB_EVENT_PACKED, parser->row->form, &parser->event.packed);
}

/* The smallest expiry comes first; loaders do not rely on it (redis 8.4 src/rdb.c). */
enum rdb_status rdb_load_listpack_ex(struct rdb_parser *parser)
{
    RDB_TRY(rdb_read_le64(parser->in, &parser->min_expire_ms, "the smallest field expiry"));
    return rdb_load_packed(parser);
}

/* ---- lists ---------------------------------------------------------------------------------------------------------
 */

static enum rdb_status note_empty(struct rdb_parser *parser)
{
    return rdb_emit_finding(parser, RDB_FINDING_OTHER, rdb_input_offset(parser->in),
                            "an empty list, which a server passes over");
}

static enum rdb_status node_count(struct rdb_parser *parser, uint64_t *count)
{
    RDB_TRY(rdb_read_len(parser->in, count, "the number of a list's nodes"));
    return *count ? RDB_OK : note_empty(parser);
}

/* Entries of the node behind; one, where it could not be walked. */
static uint64_t seen(const struct rdb_parser *parser)
{
    return parser->cursor.walked + (parser->cursor.error.status != RDB_OK);
}

/* A server leaves empty nodes out, and a list that has no others. Only a deep parse has walked them all. */
static enum rdb_status check_elements(struct rdb_parser *parser, uint64_t elements)
{
    return parser->in->deep && elements == 0 && !parser->damaged ? note_empty(parser) : RDB_OK;
}

enum rdb_status rdb_load_list_ziplist(struct rdb_parser *parser)
{
    RDB_TRY(rdb_load_packed(parser));
    return check_elements(parser, seen(parser));
}

enum rdb_status rdb_load_quicklist(struct rdb_parser *parser)
{
    uint64_t left, elements = 0;
    RDB_TRY(node_count(parser, &left));
    if (left == 0)
        return RDB_OK;
    for (; left; left--, elements += seen(parser))
        RDB_TRY(rdb_load_packed(parser));
    return check_elements(parser, elements);
}

enum rdb_status rdb_load_quicklist_2(struct rdb_parser *parser)
{
    enum { CONTAINER_PLAIN = 1, CONTAINER_PACKED }; /* redis 7.0 src/quicklist.h */
    uint64_t left, container, elements = 0;
    RDB_TRY(node_count(parser, &left));
    if (left == 0)
        return RDB_OK;
    for (; left; left--, elements += seen(parser)) {
        RDB_TRY(rdb_read_len(parser->in, &container, "a list node's container"));
        if (container != CONTAINER_PLAIN && container != CONTAINER_PACKED)
            return rdb_input_fail(parser->in, RDB_ERR_CORRUPT, "a list node's container was expected, 1 or 2");
        RDB_TRY(rdb_load_blob(parser, RDB_EVENT_PACKED,
                              container == CONTAINER_PLAIN ? RDB_PACKED_PLAIN : RDB_PACKED_LISTPACK,
                              &parser->event.packed));
    }
    return check_elements(parser, elements);
}
