/* Hashes that take their fields from a template (Redis 8.10). Field and value are delivered together, as elements, for
 * the packed forms as well: their blob holds values alone. */
#include "parser.h"
#include "templates.h"

#include <inttypes.h>

static const char value_text[] = "a template's value";

enum rdb_status rdb_load_template(struct rdb_parser *parser)
{
    static const char what[] = "a hash template";
    uint64_t id, count;
    RDB_TRY(rdb_read_len(parser->in, &id, what));
    RDB_TRY(rdb_read_len(parser->in, &count, what));
    if (count == 0)
        return rdb_input_fail(parser->in, RDB_ERR_CORRUPT, "a hash template with at least one field was expected");
    return rdb_templates_load(parser, id, count);
}

/* ---- values one by one ---- */

static enum rdb_status load_values(struct rdb_parser *parser, struct rdb_template_walk walk)
{
    parser->event.element = (struct rdb_element){.score = 0};
    while (walk.left) {
        rdb_template_next(&walk, &parser->event.element.text);
        RDB_TRY(rdb_load_last_string(parser, RDB_EVENT_ELEMENT, rdb_input_offset(parser->in),
                                     &parser->event.element.value, value_text));
    }
    return RDB_OK;
}

enum rdb_status rdb_load_template_array_ref(struct rdb_parser *parser)
{
    struct rdb_template_walk walk = {0};
    rdb_templates_walk(parser->templates, parser->template_id, &walk);
    return load_values(parser, walk);
}

/* ---- fields that come with the value ---- */

static enum rdb_status own_fields_of_listpack(struct rdb_parser *parser)
{
    struct rdb_packed packed;
    struct rdb_string fields[16];
    parser->cursor.check = NULL;
    RDB_TRY(rdb_cursor_open(&parser->cursor, parser->in, RDB_PACKED_LISTPACK, 1, &packed));
    for (size_t n; (n = rdb_packed_read(&packed, fields, 16)) > 0;)
        for (size_t i = 0; i < n; i++)
            RDB_TRY(rdb_templates_own_add(parser, &fields[i]));
    RDB_TRY(rdb_cursor_close(&parser->cursor));
    const struct rdb_error *error = &parser->cursor.error;
    return error->status == RDB_OK ? RDB_OK
                                   : rdb_error_set(parser->error, error->status, error->offset, "%s", error->message);
}

static enum rdb_status own_fields_one_by_one(struct rdb_parser *parser)
{
    uint64_t count;
    RDB_TRY(rdb_read_len(parser->in, &count, "the number of a template's fields"));
    for (; count; count--) {
        struct rdb_string field;
        RDB_TRY(rdb_string_hold(parser->in, RDB_HOLD_FIRST, &field, "a template's field"));
        RDB_TRY(rdb_templates_own_add(parser, &field));
    }
    return RDB_OK;
}

static enum rdb_status check_own_fields(struct rdb_parser *parser, uint64_t offset)
{
    struct rdb_template_walk walk = rdb_templates_own_walk(parser->templates);
    while (walk.left) {
        struct rdb_string field;
        rdb_template_next(&walk, &field);
        RDB_TRY(rdb_check_element(parser, &field, offset));
    }
    return RDB_OK;
}

static enum rdb_status load_own_fields(struct rdb_parser *parser)
{
    enum { FIELDS_LISTPACK, FIELDS_RAW };
    uint64_t format, offset = rdb_input_offset(parser->in);
    RDB_TRY(rdb_read_len(parser->in, &format, "the form of a template's fields"));
    rdb_templates_own_start(parser->templates);
    if (format == FIELDS_LISTPACK)
        RDB_TRY(own_fields_of_listpack(parser));
    else if (format == FIELDS_RAW)
        RDB_TRY(own_fields_one_by_one(parser));
    else
        return rdb_input_fail(parser->in, RDB_ERR_CORRUPT, "the form of a template's fields was expected, 0 or 1");
    return parser->check ? check_own_fields(parser, offset) : RDB_OK;
}

enum rdb_status rdb_load_template_array(struct rdb_parser *parser)
{
    RDB_TRY(load_own_fields(parser));
    return load_values(parser, rdb_templates_own_walk(parser->templates));
}

/* ---- values in a listpack, behind the template's id ---- */

struct values {
    struct rdb_packed packed;
    struct rdb_string entries[32];
    size_t count, taken;
};

static const struct rdb_string *next_value(struct values *values)
{
    if (values->taken == values->count) {
        values->count = rdb_packed_read(&values->packed, values->entries, 32);
        values->taken = 0;
    }
    return values->taken < values->count ? &values->entries[values->taken++] : NULL;
}

/* Delivers fields with their values; says what is wrong when they do not match. */
static enum rdb_status pair(struct rdb_parser *parser, struct values *values, struct rdb_template_walk walk,
                            uint64_t offset)
{
    struct rdb_cursor *cursor = &parser->cursor;
    parser->event.element = (struct rdb_element){.score = 0};
    while (walk.left) {
        const struct rdb_string *value = next_value(values);
        if (!value)
            break;
        rdb_template_next(&walk, &parser->event.element.text);
        parser->event.element.value = *value;
        RDB_TRY(rdb_emit(parser, RDB_EVENT_ELEMENT, offset));
    }
    bool more = walk.left == 0 && next_value(values);
    if (cursor->error.status == RDB_OK && (walk.left || more))
        rdb_cursor_damage(cursor, 0, "it has %s values than its template has fields", more ? "more" : "fewer");
    return RDB_OK;
}

/* `own`: the value brought its fields; NULL: the listpack names the template. */
static enum rdb_status load_listpack(struct rdb_parser *parser, const struct rdb_template_walk *own)
{
    struct rdb_input *in = parser->in;
    struct rdb_cursor *cursor = &parser->cursor;
    struct values values = {.count = 0};
    struct rdb_template_walk walk = {0};
    uint64_t offset = rdb_input_offset(in);
    if (parser->quiet && !in->deep)
        return rdb_string_pass(in, "a template's values");
    cursor->check = NULL;
    RDB_TRY(rdb_cursor_open(cursor, in, RDB_PACKED_LISTPACK, 1, &values.packed));
    const struct rdb_string *id = next_value(&values);
    if (own)
        walk = *own;
    bool known =
        id &&
        (own || (id->form == RDB_STRING_INT && rdb_templates_walk(parser->templates, (uint64_t)id->value, &walk)));
    if (known)
        RDB_TRY(pair(parser, &values, walk, offset));
    else if (cursor->error.status == RDB_OK)
        rdb_cursor_damage(cursor, 0, "it does not start with the id of a known hash template");
    RDB_TRY(rdb_cursor_close(cursor));
    return rdb_report_cursor(parser);
}

enum rdb_status rdb_load_template_listpack_ref(struct rdb_parser *parser)
{
    return load_listpack(parser, NULL);
}

enum rdb_status rdb_load_template_listpack(struct rdb_parser *parser)
{
    RDB_TRY(load_own_fields(parser));
    struct rdb_template_walk own = rdb_templates_own_walk(parser->templates);
    return load_listpack(parser, &own);
}
