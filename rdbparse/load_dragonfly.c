/* What Dragonfly writes beside Redis' types (dragonfly src/server/rdb_extensions.h, rdb_save.cc). */
#include "parser.h"

#include "deep_check.h"
#include "nested.h"

/* ---- values ---- */

/* Member expiries are decimal text: seconds since February 2023, -1 for none (dragonfly src/server/common.h). */
static int64_t member_expiry_ms(const struct rdb_string *text)
{
    const int64_t base_s = 1675209600, latest_s = UINT32_MAX;
    const uint8_t *at;
    size_t len = rdb_string_bytes(text, 20, &at);
    int64_t seconds = 0;
    for (size_t i = 0; i < len; i++) {
        if (at[i] < '0' || at[i] > '9' || seconds > latest_s)
            return 0;
        seconds = seconds * 10 + (at[i] - '0');
    }
    return len && seconds <= latest_s ? (base_s + seconds) * 1000 : 0;
}

/* `strings` of one element: the last is its expiry, the one before, of a hash, the value. */
static enum rdb_status load_expiring(struct rdb_parser *parser, unsigned strings)
{
    struct rdb_input *in = parser->in;
    struct rdb_element *element = &parser->event.element;
    struct rdb_string expiry;
    uint64_t offset = rdb_input_offset(in);
    *element = (struct rdb_element){.score = 0};
    RDB_TRY(rdb_string_hold(in, RDB_HOLD_FIRST, &element->text, "an element"));
    if (strings == 3)
        RDB_TRY(rdb_string_hold(in, RDB_HOLD_SECOND, &element->value, "a field's value"));
    RDB_TRY(rdb_string_hold(in, RDB_HOLD_ENTRY, &expiry, "an element's expiry"));
    element->expire_at_ms = member_expiry_ms(&expiry);
    if (parser->check)
        RDB_TRY(rdb_check_element(parser, &element->text, offset));
    return rdb_emit(parser, RDB_EVENT_ELEMENT, offset);
}

enum rdb_status rdb_load_dragonfly_expiring(struct rdb_parser *parser)
{
    for (uint64_t left = parser->count; left; left--)
        RDB_TRY(load_expiring(parser, parser->row->arity));
    return RDB_OK;
}

enum rdb_status rdb_load_dragonfly_json(struct rdb_parser *parser)
{
    return rdb_string_pass(parser->in, "a JSON document");
}

enum rdb_status rdb_load_dragonfly_sbf(struct rdb_parser *parser)
{
    static const char what[] = "a Bloom filter";
    struct rdb_input *in = parser->in;
    uint64_t number, filters;
    double rate;
    RDB_TRY(rdb_read_len(in, &number, what));
    if (number != 0)
        return rdb_input_fail(in, RDB_ERR_UNSUPPORTED, "a Bloom filter with options %llu is not known",
                              (unsigned long long)number);
    RDB_TRY(rdb_read_double(in, &rate, what));
    RDB_TRY(rdb_read_double(in, &rate, what));
    for (int i = 0; i < 3; i++)
        RDB_TRY(rdb_read_len(in, &number, what));
    RDB_TRY(rdb_read_len(in, &filters, what));
    for (; filters; filters--) {
        RDB_TRY(rdb_read_len(in, &number, what));
        RDB_TRY(rdb_string_pass(in, what));
    }
    return RDB_OK;
}

/* ---- opcodes ---- */

enum rdb_status rdb_load_dragonfly_zstd(struct rdb_parser *parser)
{
    return rdb_load_nested(parser, RDB_NESTED_ZSTD);
}

enum rdb_status rdb_load_dragonfly_lz4(struct rdb_parser *parser)
{
    return rdb_load_nested(parser, RDB_NESTED_LZ4);
}

enum rdb_status rdb_load_dragonfly_blob_end(struct rdb_parser *parser)
{
    if (parser->in == parser->file)
        return rdb_input_fail(parser->in, RDB_ERR_CORRUPT, "the end of a compressed blob, but none has begun");
    parser->ended = true;
    return RDB_OK;
}

/* Eight bytes that say nothing about keys. */
enum rdb_status rdb_load_eight_bytes(struct rdb_parser *parser)
{
    return rdb_input_skip(parser->in, 8, "eight bytes of Dragonfly");
}

enum rdb_status rdb_load_dragonfly_journal(struct rdb_parser *parser)
{
    uint64_t entries;
    RDB_TRY(rdb_read_len(parser->in, &entries, "a journal's number of entries"));
    return rdb_string_pass(parser->in, "a journal");
}

enum rdb_status rdb_load_dragonfly_mask(struct rdb_parser *parser)
{
    enum { STICKY = 1, MEMCACHE_FLAGS = 2 };
    static const char what[] = "a key's mask";
    uint32_t mask, flags;
    RDB_TRY(rdb_read_le32(parser->in, &mask, what));
    if (mask & ~(uint32_t)(STICKY | MEMCACHE_FLAGS))
        return rdb_input_fail(parser->in, RDB_ERR_UNSUPPORTED, "a key's mask has unknown bits: 0x%x", mask);
    return mask & MEMCACHE_FLAGS ? rdb_read_le32(parser->in, &flags, what) : RDB_OK;
}
