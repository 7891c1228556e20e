/* Passing over records: only what tells where they end is looked at. */
#include "parser.h"

enum { INT_8 = 0xc0, INT_32 = 0xc2, LZF = 0xc3, LONGEST_PREFIX = 1 + 2 * RDB_SHORT_LEN_MAX };

/* Behind a string of the usual kinds that lies whole before `end`; else NULL. */
static inline const uint8_t *behind_string(const uint8_t *p, const uint8_t *end)
{
    uint64_t len, unpacked;
    if (end - p < LONGEST_PREFIX)
        return NULL;
    if (*p >= INT_8 && *p <= INT_32)
        return p + 1 + (1u << (*p - INT_8));
    const uint8_t *at = rdb_short_len(*p == LZF ? p + 1 : p, &len);
    if (at != NULL && *p == LZF)
        at = rdb_short_len(at, &unpacked);
    return at != NULL && (uint64_t)(end - at) >= len ? at + len : NULL;
}

enum rdb_status rdb_pass_string(struct rdb_input *in, const char *what)
{
    const uint8_t *behind = behind_string(in->pos, in->end);
    if (__builtin_expect(behind == NULL, 0))
        return rdb_string_pass(in, what);
    in->pos = behind;
    return RDB_OK;
}

static inline enum rdb_status pass_element(struct rdb_input *in, unsigned strings, size_t tail)
{
    for (unsigned i = 0; i < strings; i++) {
        const uint8_t *behind = behind_string(in->pos, in->end);
        if (__builtin_expect(behind != NULL, 1))
            in->pos = behind;
        else
            RDB_TRY(rdb_string_pass(in, "an element"));
    }
    if (tail == 0)
        return RDB_OK;
    if (__builtin_expect(rdb_input_present(in) < tail, 0))
        return rdb_input_skip(in, tail, "a number");
    in->pos += tail;
    return RDB_OK;
}

enum rdb_status rdb_pass_value(struct rdb_parser *parser)
{
    const struct rdb_type_row *row = parser->row;
    if (row->passed_strings == 0)
        return row->load(parser);
    unsigned strings = row->passed_strings;
    size_t tail = row->passed_tail;
    for (uint64_t left = row->lead == RDB_LEAD_COUNT ? parser->count : 1; left != 0; left--)
        RDB_TRY(pass_element(parser->in, strings, tail));
    return RDB_OK;
}
