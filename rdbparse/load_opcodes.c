/* Opcodes: what stands between the keys. */
#include "parser.h"

#include <limits.h>

#include "census.h"

/* Where the opcode itself is: loaders are called behind it. */
static uint64_t opcode_offset(const struct rdb_parser *parser)
{
    return rdb_input_offset(parser->in) - (parser->in->outer_offset ? 0 : 1);
}

enum rdb_status rdb_load_eof(struct rdb_parser *parser)
{
    if (parser->in != parser->file)
        return rdb_input_fail(parser->in, RDB_ERR_CORRUPT,
                              "the end of a compressed blob was expected, not of the file");
    parser->ended = true;
    return RDB_OK;
}

enum rdb_status rdb_load_selectdb(struct rdb_parser *parser)
{
    uint64_t offset = opcode_offset(parser), db;
    RDB_TRY(rdb_read_len(parser->in, &db, "a database number"));
    if (db > INT_MAX)
        return rdb_error_set(parser->error, RDB_ERR_CORRUPT, offset, "a database number was expected, not %llu",
                             (unsigned long long)db);
    RDB_TRY(rdb_census_select(parser, db));
    parser->event.database.db = db;
    return rdb_emit(parser, RDB_EVENT_DATABASE, offset);
}

/* ---- attributes of the next key: in any order, the last of a kind holds (redis 8.4 src/rdb.c) ---- */

enum rdb_status rdb_load_expiretime(struct rdb_parser *parser)
{
    uint32_t seconds;
    RDB_TRY(rdb_read_le32(parser->in, &seconds, "an expiry in seconds"));
    parser->attributes.has_expiry = true;
    parser->attributes.expire_at_ms = (int64_t)(int32_t)seconds * 1000;
    return RDB_OK;
}

/* Before version 9 in the writer's byte order, which was little endian wherever it matters. */
enum rdb_status rdb_load_expiretime_ms(struct rdb_parser *parser)
{
    uint64_t ms;
    RDB_TRY(rdb_read_le64(parser->in, &ms, "an expiry in milliseconds"));
    parser->attributes.has_expiry = true;
    parser->attributes.expire_at_ms = (int64_t)ms;
    return RDB_OK;
}

enum rdb_status rdb_load_idle(struct rdb_parser *parser)
{
    RDB_TRY(rdb_read_len(parser->in, &parser->attributes.idle_seconds, "an idle time"));
    parser->attributes.has_idle = true;
    return RDB_OK;
}

enum rdb_status rdb_load_freq(struct rdb_parser *parser)
{
    RDB_TRY(rdb_read_u8(parser->in, &parser->attributes.lfu_frequency, "an access frequency"));
    parser->attributes.has_frequency = true;
    return RDB_OK;
}

/* ---- counts ---- */

enum rdb_status rdb_load_resizedb(struct rdb_parser *parser)
{
    uint64_t offset = opcode_offset(parser);
    struct rdb_tally tally;
    RDB_TRY(rdb_read_len(parser->in, &tally.keys, "a database's number of keys"));
    RDB_TRY(rdb_read_len(parser->in, &tally.expires, "a database's number of expiring keys"));
    rdb_census_resizedb(parser->census, tally, offset);
    parser->event.resizedb.keys = tally.keys;
    parser->event.resizedb.expires = tally.expires;
    return rdb_emit(parser, RDB_EVENT_RESIZEDB, offset);
}

enum { SLOTS = 16384 };

enum rdb_status rdb_load_slot_info(struct rdb_parser *parser)
{
    uint64_t offset = opcode_offset(parser), slot;
    struct rdb_tally tally;
    RDB_TRY(rdb_read_len(parser->in, &slot, "a slot"));
    RDB_TRY(rdb_read_len(parser->in, &tally.keys, "a slot's number of keys"));
    RDB_TRY(rdb_read_len(parser->in, &tally.expires, "a slot's number of expiring keys"));
    if (slot >= SLOTS)
        return rdb_error_set(parser->error, RDB_ERR_CORRUPT, offset, "a slot below 16384 was expected, not %llu",
                             (unsigned long long)slot);
    RDB_TRY(rdb_census_slot(parser, slot, tally, offset));
    parser->event.slot_info.slot = slot;
    parser->event.slot_info.keys = tally.keys;
    parser->event.slot_info.expires = tally.expires;
    return rdb_emit(parser, RDB_EVENT_SLOT_INFO, offset);
}

/* ---- text ---- */

/* Numbers between commas, as Valkey writes slot counts. */
static bool comma_number(const uint8_t **at, const uint8_t *end, uint64_t *number)
{
    const uint8_t *start = *at;
    for (*number = 0; *at < end && **at >= '0' && **at <= '9' && *at - start < 18; (*at)++)
        *number = *number * 10 + (uint64_t)(**at - '0');
    bool any = *at > start;
    if (*at < end && **at == ',')
        (*at)++;
    return any;
}

static bool string_is(const struct rdb_string *string, const char *text)
{
    size_t len = strlen(text);
    return string->form == RDB_STRING_RAW && string->len == len && string->bytes_len == len &&
           memcmp(string->bytes, text, len) == 0;
}

/* Two aux fields speak of keys: Valkey 8.0's slot-info and KeyDB's member expiry. */
static enum rdb_status heed_aux(struct rdb_parser *parser, const struct rdb_string *name,
                                const struct rdb_string *value, uint64_t offset)
{
    enum { SLOT_INFO_MAX = 80 };
    if (string_is(name, "keydb-subexpire-key"))
        rdb_census_member_expiry(parser->census);
    if (!string_is(name, "slot-info"))
        return RDB_OK;
    const uint8_t *at;
    size_t len = rdb_string_bytes(value, SLOT_INFO_MAX, &at);
    const uint8_t *end = at + len;
    uint64_t slot;
    struct rdb_tally tally;
    if (comma_number(&at, end, &slot) && comma_number(&at, end, &tally.keys) && comma_number(&at, end, &tally.expires))
        return rdb_census_slot(parser, slot, tally, offset);
    return RDB_OK;
}

enum rdb_status rdb_load_aux(struct rdb_parser *parser)
{
    struct rdb_input *in = parser->in;
    uint64_t offset = opcode_offset(parser);
    struct rdb_string name, value;
    RDB_TRY(rdb_string_hold(in, RDB_HOLD_FIRST, &name, "an aux field's name"));
    RDB_TRY(rdb_string_open(in, &value, "an aux field's value"));
    RDB_TRY(heed_aux(parser, &name, &value, offset));
    parser->event.aux.name = name;
    parser->event.aux.value = value;
    RDB_TRY(rdb_emit(parser, RDB_EVENT_AUX, offset));
    return rdb_string_close(in, &value, "an aux field's value");
}

enum rdb_status rdb_load_function(struct rdb_parser *parser)
{
    uint64_t offset = opcode_offset(parser);
    parser->event.function.pre_ga = false;
    return rdb_load_last_string(parser, RDB_EVENT_FUNCTION, offset, &parser->event.function.code,
                                "a function library's code");
}

/* redis 7.0-rc1: name, engine, perhaps a description, code. */
enum rdb_status rdb_load_function_pre_ga(struct rdb_parser *parser)
{
    struct rdb_input *in = parser->in;
    uint64_t offset = opcode_offset(parser), described;
    RDB_TRY(rdb_string_pass(in, "a function library's name"));
    RDB_TRY(rdb_string_pass(in, "a function library's engine"));
    RDB_TRY(rdb_read_len(in, &described, "whether a function library is described"));
    if (described)
        RDB_TRY(rdb_string_pass(in, "a function library's description"));
    parser->event.function.pre_ga = true;
    return rdb_load_last_string(parser, RDB_EVENT_FUNCTION, offset, &parser->event.function.code,
                                "a function library's code");
}

/* ---- relatives ---- */

enum rdb_status rdb_load_one_number(struct rdb_parser *parser)
{
    uint64_t number;
    return rdb_read_len(parser->in, &number, "a number of Redis Enterprise");
}
