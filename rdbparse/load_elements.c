/* Values stored element by element. Each loop takes what lies whole in the window at once; what does not, at the seam
 * of two windows or longer than one, goes the slow way: earlier parts of the element are kept aside. */
#include "parser.h"

#include <math.h>

static const char element_text[] = "an element";
static const char field_text[] = "a field";
static const char value_text[] = "a field's value";
static const char score_text[] = "a score";
static const char expiry_text[] = "a field's expiry";

static enum rdb_status note_empty(struct rdb_parser *parser)
{
    if (parser->count)
        return RDB_OK;
    return rdb_emit_finding(parser, RDB_FINDING_OTHER, rdb_input_offset(parser->in),
                            "an empty %s, which a server passes over", rdb_type_name(parser->row->type));
}

enum rdb_status rdb_load_string(struct rdb_parser *parser)
{
    return rdb_load_last_string(parser, RDB_EVENT_STRING, rdb_input_offset(parser->in), &parser->event.string,
                                "a string value");
}

static struct rdb_element *fresh_element(struct rdb_parser *parser)
{
    struct rdb_element *element = &parser->event.element;
    *element = (struct rdb_element){.score = 0};
    return element;
}

static inline enum rdb_status emit_element(struct rdb_parser *parser, uint64_t offset)
{
    if (__builtin_expect(parser->check != NULL, 0))
        RDB_TRY(rdb_check_element(parser, &parser->event.element.text, offset));
    return rdb_emit(parser, RDB_EVENT_ELEMENT, offset);
}

static enum rdb_status load_members_deep(struct rdb_parser *parser)
{
    struct rdb_element *element = fresh_element(parser);
    for (uint64_t left = parser->count; left; left--) {
        uint64_t offset = rdb_input_offset(parser->in);
        RDB_TRY(rdb_string_hold(parser->in, RDB_HOLD_FIRST, &element->text, element_text));
        RDB_TRY(emit_element(parser, offset));
    }
    return RDB_OK;
}

enum rdb_status rdb_load_elements(struct rdb_parser *parser)
{
    RDB_TRY(note_empty(parser));
    if (parser->check && parser->row->type == RDB_TYPE_SET)
        return load_members_deep(parser);
    struct rdb_element *element = fresh_element(parser);
    for (uint64_t left = parser->count; left; left--)
        RDB_TRY(rdb_load_last_string(parser, RDB_EVENT_ELEMENT, rdb_input_offset(parser->in), &element->text,
                                     element_text));
    return RDB_OK;
}

/* ---- sorted sets ---- */

static enum rdb_status note_nan(struct rdb_parser *parser, double score, uint64_t offset)
{
    if (!isnan(score))
        return RDB_OK;
    struct rdb_element kept = parser->event.element; /* the finding takes its place */
    RDB_TRY(rdb_emit_finding(parser, RDB_FINDING_DAMAGED_VALUE, offset, "a score that is not a number"));
    parser->event.element = kept;
    return RDB_OK;
}

static enum rdb_status zset_element_slow(struct rdb_parser *parser, struct rdb_element *element)
{
    struct rdb_input *in = parser->in;
    RDB_TRY(parser->quiet && !parser->check ? rdb_string_pass(in, element_text)
                                            : rdb_string_hold(in, RDB_HOLD_FIRST, &element->text, element_text));
    return rdb_read_double(in, &element->score, score_text);
}

enum rdb_status rdb_load_zset_binary(struct rdb_parser *parser)
{
    struct rdb_input *in = parser->in;
    RDB_TRY(note_empty(parser));
    struct rdb_element *element = fresh_element(parser);
    for (uint64_t left = parser->count; left; left--) {
        uint64_t offset = rdb_input_offset(in);
        const uint8_t *at = in->pos;
        if (rdb_string_peek(in, &at, &element->text) && in->end - at >= 8) {
            element->score = rdb_le_double(at);
            in->pos = at + 8;
        } else {
            RDB_TRY(zset_element_slow(parser, element));
        }
        if (__builtin_expect(isnan(element->score), 0))
            RDB_TRY(note_nan(parser, element->score, offset));
        RDB_TRY(emit_element(parser, offset));
    }
    return RDB_OK;
}

enum rdb_status rdb_load_zset_text(struct rdb_parser *parser)
{
    enum { SCORE_MAX = 256 };
    struct rdb_input *in = parser->in;
    RDB_TRY(note_empty(parser));
    struct rdb_element *element = fresh_element(parser);
    for (uint64_t left = parser->count; left; left--) {
        uint64_t offset = rdb_input_offset(in);
        const uint8_t *at = in->pos;
        if (rdb_string_peek(in, &at, &element->text) && in->end - at >= SCORE_MAX)
            in->pos = at;
        else
            RDB_TRY(rdb_string_hold(in, RDB_HOLD_FIRST, &element->text, element_text));
        RDB_TRY(rdb_read_text_double(in, &element->score));
        RDB_TRY(note_nan(parser, element->score, offset));
        RDB_TRY(emit_element(parser, offset));
    }
    return RDB_OK;
}

/* ---- hashes ---- */

/* A field, and the value that ends its record. */
static enum rdb_status hash_element_slow(struct rdb_parser *parser, struct rdb_element *element, uint64_t offset)
{
    struct rdb_input *in = parser->in;
    bool pass = parser->quiet && !parser->check;
    RDB_TRY(pass ? rdb_string_pass(in, field_text) : rdb_string_hold(in, RDB_HOLD_FIRST, &element->text, field_text));
    if (parser->check)
        RDB_TRY(rdb_check_element(parser, &element->text, offset));
    return rdb_load_last_string(parser, RDB_EVENT_ELEMENT, offset, &element->value, value_text);
}

static inline enum rdb_status hash_element(struct rdb_parser *parser, struct rdb_element *element, uint64_t offset)
{
    struct rdb_input *in = parser->in;
    const uint8_t *at = in->pos;
    if (rdb_string_peek(in, &at, &element->text) && rdb_string_peek(in, &at, &element->value)) {
        in->pos = at;
        return emit_element(parser, offset);
    }
    return hash_element_slow(parser, element, offset);
}

enum rdb_status rdb_load_hash(struct rdb_parser *parser)
{
    RDB_TRY(note_empty(parser));
    struct rdb_element *element = fresh_element(parser);
    for (uint64_t left = parser->count; left; left--)
        RDB_TRY(hash_element(parser, element, rdb_input_offset(parser->in)));
    return RDB_OK;
}

/* Stored expiry -> absolute: 0 stays none, else it counts from one before the smallest (redis 8.4 src/rdb.c). */
static enum rdb_status absolute_expiry(struct rdb_parser *parser, uint64_t stored, int64_t *expire_at_ms)
{
    const uint64_t latest = (UINT64_C(1) << 48) - 1; /* EB_EXPIRE_TIME_MAX, redis 8.4 src/ebuckets.h */
    *expire_at_ms = 0;
    if (stored == 0)
        return RDB_OK;
    uint64_t at = stored + parser->min_expire_ms - 1;
    if (stored <= latest && at <= latest) {
        *expire_at_ms = (int64_t)at;
        return RDB_OK;
    }
    enum rdb_status status = rdb_emit_finding(parser, RDB_FINDING_DAMAGED_VALUE, rdb_input_offset(parser->in),
                                              "a field's expiry is out of range");
    *fresh_element(parser) = (struct rdb_element){0};
    return status;
}

enum rdb_status rdb_load_hash_metadata(struct rdb_parser *parser)
{
    RDB_TRY(note_empty(parser));
    struct rdb_element *element = fresh_element(parser);
    for (uint64_t left = parser->count; left; left--) {
        uint64_t offset = rdb_input_offset(parser->in), stored;
        int64_t expire_at_ms;
        RDB_TRY(rdb_read_len(parser->in, &stored, expiry_text));
        RDB_TRY(absolute_expiry(parser, stored, &expire_at_ms));
        element->expire_at_ms = expire_at_ms;
        RDB_TRY(hash_element(parser, element, offset));
    }
    return RDB_OK;
}

/* Field, value, then something of `tail` bytes that belongs to them. */
static enum rdb_status pair_before(struct rdb_parser *parser, struct rdb_element *element, ptrdiff_t tail)
{
    struct rdb_input *in = parser->in;
    const uint8_t *at = in->pos;
    if (rdb_string_peek(in, &at, &element->text) && rdb_string_peek(in, &at, &element->value) && in->end - at >= tail) {
        in->pos = at;
        return RDB_OK;
    }
    if (parser->quiet && !parser->check) {
        RDB_TRY(rdb_string_pass(in, field_text));
        return rdb_string_pass(in, value_text);
    }
    RDB_TRY(rdb_string_hold(in, RDB_HOLD_FIRST, &element->text, field_text));
    return rdb_string_hold(in, RDB_HOLD_SECOND, &element->value, value_text);
}

enum rdb_status rdb_load_hash_2(struct rdb_parser *parser)
{
    struct rdb_input *in = parser->in;
    RDB_TRY(note_empty(parser));
    struct rdb_element *element = fresh_element(parser);
    for (uint64_t left = parser->count; left; left--) {
        uint64_t offset = rdb_input_offset(in), expiry;
        RDB_TRY(pair_before(parser, element, 8));
        RDB_TRY(rdb_read_le64(in, &expiry, expiry_text));
        if ((int64_t)expiry < -1)
            rdb_input_damage(in, "a field's expiry is %lld", (long long)expiry);
        element->expire_at_ms = (int64_t)expiry > 0 ? (int64_t)expiry : 0;
        RDB_TRY(emit_element(parser, offset));
    }
    return RDB_OK;
}
