/* Values of one dialect each: Valkey's path hash, Redis' array, and what is measured but not understood. */
#include "parser.h"

/* Paths are passed over: their fields and values are the elements. */
enum rdb_status rdb_load_path_hash(struct rdb_parser *parser)
{
    struct rdb_input *in = parser->in;
    uint64_t paths;
    RDB_TRY(rdb_read_len(in, &paths, "the number of paths"));
    for (; paths; paths--) {
        RDB_TRY(rdb_string_pass(in, "a path"));
        RDB_TRY(rdb_read_len(in, &parser->count, "the number of a path's fields"));
        if (parser->check)
            rdb_check_value(parser->check);
        RDB_TRY(rdb_load_hash(parser));
    }
    return RDB_OK;
}

/* ---- arrays (redis 8.8 src/rdb.c) ---- */

static enum rdb_status load_array_item(struct rdb_parser *parser)
{
    enum { TAG_STRING, TAG_INT, TAG_FLOAT, TAG_SMALL_STRING };
    static const char what[] = "an array's item";
    struct rdb_input *in = parser->in;
    struct rdb_array_item *item = &parser->event.array_item;
    uint64_t offset = rdb_input_offset(in), tag, integer;
    *item = (struct rdb_array_item){.index = 0};
    RDB_TRY(rdb_read_len(in, &item->index, what));
    RDB_TRY(rdb_read_len(in, &tag, what));
    if (item->index == UINT64_MAX)
        return rdb_input_fail(in, RDB_ERR_CORRUPT, "an array's index was expected");
    switch (tag) {
    case TAG_STRING:
    case TAG_SMALL_STRING:
        item->tag = tag == TAG_STRING ? RDB_ARRAY_STRING : RDB_ARRAY_SMALL_STRING;
        return rdb_load_last_string(parser, RDB_EVENT_ARRAY_ITEM, offset, &item->string, what);
    case TAG_INT:
        item->tag = RDB_ARRAY_INT;
        RDB_TRY(rdb_read_le64(in, &integer, what));
        item->integer = (int64_t)integer;
        return rdb_emit(parser, RDB_EVENT_ARRAY_ITEM, offset);
    case TAG_FLOAT:
        item->tag = RDB_ARRAY_FLOAT;
        RDB_TRY(rdb_read_double(in, &item->number, what));
        return rdb_emit(parser, RDB_EVENT_ARRAY_ITEM, offset);
    default:
        return rdb_input_fail(in, RDB_ERR_CORRUPT, "the kind of an array's item was expected, 0 to 3");
    }
}

enum rdb_status rdb_load_array(struct rdb_parser *parser)
{
    static const char what[] = "an array's insert index";
    struct rdb_input *in = parser->in;
    uint64_t has_insert, insert;
    RDB_TRY(rdb_read_len(in, &has_insert, what));
    if (has_insert > 1)
        return rdb_input_fail(in, RDB_ERR_CORRUPT, "whether an array has an insert index was expected, 0 or 1");
    if (has_insert)
        RDB_TRY(rdb_read_len(in, &insert, what));
    if (parser->count == 0)
        rdb_input_damage(in, "an array without items");
    for (uint64_t left = parser->count; left; left--)
        RDB_TRY(load_array_item(parser));
    return RDB_OK;
}

/* ---- measured by their stored bytes ---- */

static enum rdb_status pass_strings(struct rdb_input *in, const char *what)
{
    uint64_t count;
    RDB_TRY(rdb_read_len(in, &count, what));
    for (; count; count--)
        RDB_TRY(rdb_string_pass(in, what));
    return RDB_OK;
}

/* KeyDB 6 src/rdb.cpp: script, start, interval, keys, arguments. */
enum rdb_status rdb_load_cron(struct rdb_parser *parser)
{
    struct rdb_input *in = parser->in;
    uint64_t start, interval;
    RDB_TRY(rdb_string_pass(in, "a cron job's script"));
    RDB_TRY(rdb_read_le64(in, &start, "a cron job's start"));
    RDB_TRY(rdb_read_le64(in, &interval, "a cron job's interval"));
    RDB_TRY(pass_strings(in, "a cron job's keys"));
    return pass_strings(in, "a cron job's arguments");
}

/* redis 8.8 src/rdb.c, ENABLE_GCRA */
enum rdb_status rdb_load_gcra(struct rdb_parser *parser)
{
    uint64_t arrival;
    return rdb_read_len(parser->in, &arrival, "a rate limiter's arrival time");
}

/* ---- Valkey's opcodes ---- */

/* valkey 9.0 src/cluster_migrateslots.c: a job and its ranges of slots. */
enum rdb_status rdb_load_slot_import(struct rdb_parser *parser)
{
    enum { SLOTS = 16384 };
    static const char what[] = "a range of imported slots";
    struct rdb_input *in = parser->in;
    uint64_t ranges, first, last;
    RDB_TRY(rdb_string_pass(in, "a slot import's job"));
    RDB_TRY(rdb_read_len(in, &ranges, what));
    for (; ranges; ranges--) {
        RDB_TRY(rdb_read_len(in, &first, what));
        RDB_TRY(rdb_read_len(in, &last, what));
        if (first > last || last >= SLOTS)
            return rdb_input_fail(in, RDB_ERR_CORRUPT, "a range of slots below 16384 was expected, not %llu to %llu",
                                  (unsigned long long)first, (unsigned long long)last);
    }
    return RDB_OK;
}

/* A decimal number behind `mark`, ended by CR LF. */
static enum rdb_status load_protocol_number(struct rdb_input *in, char mark, uint64_t *number)
{
    static const char what[] = "a replicated command";
    uint8_t c;
    RDB_TRY(rdb_read_u8(in, &c, what));
    bool fits = c == (uint8_t)mark;
    *number = 0;
    for (unsigned digits = 0; fits; digits++) {
        RDB_TRY(rdb_read_u8(in, &c, what));
        if (c == '\r' && digits)
            break;
        fits = c >= '0' && c <= '9' && digits < 18;
        *number = *number * 10 + (uint64_t)(c - '0');
    }
    if (fits)
        RDB_TRY(rdb_read_u8(in, &c, what));
    if (!fits || c != '\n')
        return rdb_input_fail(in, RDB_ERR_CORRUPT, "a replicated command was expected: %c and a number", mark);
    return RDB_OK;
}

/* Valkey 9.2: a command in the client protocol, as forkless replication saves it. */
enum rdb_status rdb_load_command(struct rdb_parser *parser)
{
    struct rdb_input *in = parser->in;
    uint64_t arguments, len;
    RDB_TRY(load_protocol_number(in, '*', &arguments));
    for (; arguments; arguments--) {
        RDB_TRY(load_protocol_number(in, '$', &len));
        RDB_TRY(rdb_input_skip(in, len + 2, "a replicated command's argument"));
    }
    return RDB_OK;
}
