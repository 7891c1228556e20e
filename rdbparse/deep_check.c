#include "deep_check.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "parser.h"

static const char *const texts[RDB_VIOLATION_COUNT] = {
    [RDB_VIOLATION_DUPLICATE] = "a member or field is there twice",
    [RDB_VIOLATION_EMPTY] = "it holds nothing",
    [RDB_VIOLATION_NOT_ASCENDING] = "its integers do not ascend",
    [RDB_VIOLATION_SCORE] = "a score is not a number",
    [RDB_VIOLATION_EXPIRY] = "a field's expiry is no integer, or out of range",
    [RDB_VIOLATION_EXPIRY_ORDER] = "fields are not in the order of their expiry",
    [RDB_VIOLATION_STREAM_NUMBER] = "a stream node has text where an integer belongs",
    [RDB_VIOLATION_STREAM_MASTER] = "a stream node's master entry does not end with 0",
    [RDB_VIOLATION_STREAM_COUNT] = "a count is negative or larger than the stream node",
    [RDB_VIOLATION_STREAM_EMPTY] = "a stream node has no entry that is not deleted",
    [RDB_VIOLATION_STREAM_DELETED] = "a stream node's count of deleted entries is wrong",
    [RDB_VIOLATION_STREAM_ENTRIES] = "a stream entry's size is wrong",
    [RDB_VIOLATION_STREAM_ID] = "stream ids do not ascend",
    [RDB_VIOLATION_STREAM_END] = "a stream node ends inside an entry",
};

struct rdb_check *rdb_check_new(void)
{
    return calloc(1, sizeof(struct rdb_check));
}

void rdb_check_free(struct rdb_check *check)
{
    if (!check)
        return;
    struct rdb_fingerprints *sets[] = {&check->members, &check->pending,   &check->owned,
                                       &check->groups,  &check->consumers, &check->producers};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        rdb_fingerprints_release(sets[i]);
    free(check);
}

void rdb_check_value(struct rdb_check *check)
{
    rdb_fingerprints_clear(&check->members);
}

/* Members are compared by their text: servers keep "12" and 12 apart in a blob, but not as members. What is longer than
 * the bytes at hand is not compared. */
bool rdb_check_member(struct rdb_check *check, const struct rdb_string *member)
{
    const uint8_t *bytes;
    size_t len = rdb_string_bytes(member, SIZE_MAX, &bytes);
    if (len < member->len)
        return true;
    return rdb_fingerprints_add(&check->members, rdb_fingerprint_bytes(bytes, len)) != RDB_MEMBER;
}

enum rdb_status rdb_check_element(struct rdb_parser *parser, const struct rdb_string *member, uint64_t offset)
{
    if (rdb_check_member(parser->check, member))
        return RDB_OK;
    struct rdb_element kept = parser->event.element; /* the finding takes its place */
    RDB_TRY(rdb_emit_finding(parser, RDB_FINDING_DAMAGED_VALUE, offset, "a member or field is there twice"));
    parser->event.element = kept;
    return RDB_OK;
}

void rdb_check_blob(struct rdb_check *check, enum rdb_check_kind kind, unsigned arity)
{
    check->kind = kind;
    check->arity = arity;
    check->entries = 0;
    check->has_before = false;
    check->found = 0;
    if (kind != RDB_CHECK_STREAM)
        rdb_fingerprints_clear(&check->members);
}

static bool score_is_number(const struct rdb_string *score)
{
    enum { SCORE_MAX = 128 };
    char text[SCORE_MAX + 1];
    if (score->form == RDB_STRING_INT)
        return true;
    if (score->len > SCORE_MAX || score->bytes_len < score->len)
        return false;
    memcpy(text, score->bytes, score->len);
    text[score->len] = '\0';
    return strlen(text) == score->len && !isnan(rdb_text_double(text));
}

/* Fields that expire come first, the soonest at the front (redis 7.4 src/t_hash.c). */
static void check_expiry(struct rdb_check *check, const struct rdb_string *expiry)
{
    const int64_t latest = (INT64_C(1) << 48) - 1;
    if (expiry->form != RDB_STRING_INT || expiry->value < 0 || expiry->value > latest) {
        rdb_check_note(check, RDB_VIOLATION_EXPIRY, check->entries);
        return;
    }
    int64_t order = expiry->value ? expiry->value : INT64_MAX;
    if (check->has_before && order < check->before)
        rdb_check_note(check, RDB_VIOLATION_EXPIRY_ORDER, check->entries);
    check->before = order;
    check->has_before = true;
}

static void check_integer(struct rdb_check *check, int64_t value)
{
    if (check->has_before && value <= check->before)
        rdb_check_note(check, RDB_VIOLATION_NOT_ASCENDING, check->entries);
    check->before = value;
    check->has_before = true;
}

static void check_grouped(struct rdb_check *check, const struct rdb_string *entry)
{
    unsigned place = (unsigned)(check->entries % check->arity);
    if (place == 0 && !rdb_check_member(check, entry))
        rdb_check_note(check, RDB_VIOLATION_DUPLICATE, check->entries);
    else if (place == 1 && check->kind == RDB_CHECK_SCORES && !score_is_number(entry))
        rdb_check_note(check, RDB_VIOLATION_SCORE, check->entries);
    else if (place == 2)
        check_expiry(check, entry);
}

void rdb_check_entries(struct rdb_check *check, const struct rdb_string *entries, size_t count)
{
    switch (check->kind) {
    case RDB_CHECK_NOTHING:
        check->entries += count;
        break;
    case RDB_CHECK_STREAM:
        rdb_check_stream_entries(check, entries, count);
        break;
    case RDB_CHECK_INTSET:
        for (size_t i = 0; i < count; i++, check->entries++)
            check_integer(check, entries[i].value);
        break;
    case RDB_CHECK_MEMBERS:
    case RDB_CHECK_SCORES:
        for (size_t i = 0; i < count; i++, check->entries++)
            check_grouped(check, &entries[i]);
        break;
    }
}

enum rdb_status rdb_check_report(struct rdb_parser *parser, uint64_t offset)
{
    struct rdb_check *check = parser->check;
    const struct rdb_cursor *cursor = &parser->cursor;
    bool whole = cursor->error.status == RDB_OK;
    if (check->kind == RDB_CHECK_STREAM && whole)
        rdb_check_stream_node_end(check);
    if (whole && check->entries == 0 && check->kind != RDB_CHECK_NOTHING)
        rdb_check_note(check, RDB_VIOLATION_EMPTY, 0);
    for (unsigned i = 0; i < RDB_VIOLATION_COUNT; i++)
        if (check->found >> i & 1)
            RDB_TRY(rdb_emit_finding(parser, RDB_FINDING_DAMAGED_VALUE, offset,
                                     "%s of %" PRIu64 " bytes: %s (at entry %" PRIu64 ")",
                                     rdb_packed_form_name(cursor->form), cursor->len, texts[i], check->entry_of[i]));
    return RDB_OK;
}
