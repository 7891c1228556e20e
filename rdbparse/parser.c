/* The frame of a snapshot: magic, records, trailer. What a record holds is the loaders' matter. */
#include "parser.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "census.h"
#include "templates.h"

/* ---- events ---- */

enum rdb_status rdb_emit_answer(struct rdb_parser *parser, enum rdb_status answer)
{
    if (answer == RDB_SKIP)
        return RDB_OK;
    if (answer != RDB_OK)
        rdb_error_set(parser->error, answer, parser->event.offset, "%s",
                      answer == RDB_STOPPED ? "stopped by the reader" : "the reader of the snapshot failed");
    return answer;
}

enum rdb_status rdb_emit_finding(struct rdb_parser *parser, enum rdb_finding_kind kind, uint64_t offset,
                                 const char *format, ...)
{
    char message[sizeof parser->error->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (kind == RDB_FINDING_DAMAGED_VALUE)
        parser->damaged = true;
    parser->event.kind = RDB_EVENT_FINDING;
    parser->event.offset = offset;
    parser->event.finding.kind = kind;
    parser->event.finding.message = message;
    return rdb_emit_answer(parser, parser->sink(parser->context, &parser->event));
}

/* Reports a fault that the primitives came across. */
static enum rdb_status report_damage(struct rdb_parser *parser)
{
    struct rdb_damage *damage = &parser->in->damage;
    damage->found = false;
    return rdb_emit_finding(parser, RDB_FINDING_DAMAGED_VALUE, damage->offset, "%s", damage->message);
}

enum rdb_status rdb_load_last_string(struct rdb_parser *parser, enum rdb_event_kind kind, uint64_t offset,
                                     struct rdb_string *string, const char *what)
{
    struct rdb_input *in = parser->in;
    if (rdb_string_peek(in, &in->pos, string))
        return rdb_emit(parser, kind, offset);
    if (parser->quiet)
        return rdb_string_pass(in, what);
    struct rdb_string opened;
    RDB_TRY(rdb_string_open(in, &opened, what));
    *string = opened;
    RDB_TRY(rdb_emit(parser, kind, offset));
    return rdb_string_close(in, &opened, what);
}

/* ---- keys ---- */

/* Bytes behind a key's name that are read before its event is delivered: two integers and a length. */
enum { LEAD_MAX = 20 };

static enum rdb_status load_name(struct rdb_parser *parser, struct rdb_string *name)
{
    struct rdb_input *in = parser->in;
    const uint8_t *at = in->pos;
    if (rdb_string_peek(in, &at, name) && in->end - at >= LEAD_MAX) {
        in->pos = at;
        return RDB_OK;
    }
    return rdb_string_hold(in, RDB_HOLD_FIRST, name, "a key's name");
}

static enum rdb_status load_lead(struct rdb_parser *parser, enum rdb_lead lead, struct rdb_key *key)
{
    struct rdb_input *in = parser->in;
    switch (lead) {
    case RDB_LEAD_NONE:
        return RDB_OK;
    case RDB_LEAD_EXPIRE_COUNT:
        RDB_TRY(rdb_read_le64(in, &parser->min_expire_ms, "the smallest field expiry"));
        return rdb_read_len(in, &parser->count, "the number of elements");
    case RDB_LEAD_COUNT:
        parser->min_expire_ms = 1; /* expiries are absolute: stored value + smallest - 1 */
        return rdb_read_len(in, &parser->count, "the number of elements");
    case RDB_LEAD_MODULE:
        RDB_TRY(rdb_read_len(in, &key->module_id, "a module id"));
        rdb_module_name(key->module_id, key->module_name);
        return RDB_OK;
    case RDB_LEAD_TEMPLATE:
        RDB_TRY(rdb_read_len(in, &parser->template_id, "a hash template's id"));
        return rdb_templates_count(parser, parser->template_id, &parser->count);
    }
    return RDB_OK;
}

/* All of a key's event but its name and what a module's says of itself. */
static inline void describe_key(struct rdb_parser *parser, const struct rdb_type_row *row)
{
    struct rdb_key *key = &parser->event.key;
    const struct rdb_attributes *attributes = &parser->attributes;
    key->type = row->type;
    key->encoding = rdb_row_encoding(row);
    key->count = parser->count;
    key->expire_at_ms = attributes->expire_at_ms;
    key->idle_seconds = attributes->idle_seconds;
    key->lfu_frequency = attributes->lfu_frequency;
    key->metadata_classes = attributes->metadata_classes;
    key->has_expiry = attributes->has_expiry;
    key->has_idle = attributes->has_idle;
    key->has_frequency = attributes->has_frequency;
}

/* A key's attributes come before it, and end with it. */
static inline void count_key(struct rdb_parser *parser)
{
    rdb_census_key(parser->census, parser->attributes.has_expiry);
    parser->attributes = (struct rdb_attributes){0};
}

static enum rdb_status start_key(struct rdb_parser *parser, const struct rdb_type_row *row, uint64_t offset)
{
    describe_key(parser, row);
    parser->event.kind = RDB_EVENT_KEY;
    parser->event.offset = offset;
    enum rdb_status answer = parser->sink(parser->context, &parser->event);
    parser->quiet = answer == RDB_SKIP;
    return __builtin_expect(answer == RDB_OK, 1) ? RDB_OK : rdb_emit_answer(parser, answer);
}

/* A sink that asked for a text got nothing when there was no memory for it; that must not pass for an empty text. */
static inline enum rdb_status check_texts(struct rdb_input *in)
{
    if (__builtin_expect(!in->no_memory, 1))
        return RDB_OK;
    return rdb_input_fail(in, RDB_ERR_NO_MEMORY, "no memory for a text that was asked for");
}

/* Whether the record of a string is there whole, with nothing wrong and nothing that could be missed for want of
 * memory: a short text is unpacked to see whether it is a number. */
static inline bool peek_string_key(struct rdb_input *in, struct rdb_string_key *record, const uint8_t **value_at,
                                   const uint8_t **end)
{
    enum { SHORT = 20 };
    const uint8_t *at = in->pos + 1;
    if (!rdb_string_peek(in, &at, &record->key.name) || record->key.name.form != RDB_STRING_RAW)
        return false;
    *value_at = at;
    if (!rdb_string_peek(in, &at, &record->value))
        return false;
    *end = at;
    return !in->damage.found && (record->value.form != RDB_STRING_LZF || record->value.len > SHORT);
}

static enum rdb_status deliver_string_key(struct rdb_parser *parser, const uint8_t *value_at, const uint8_t *end)
{
    struct rdb_input *in = parser->in;
    parser->event.kind = RDB_EVENT_STRING_KEY;
    parser->event.offset = rdb_input_offset(in);
    describe_key(parser, parser->row);
    parser->event.string_key.stored_bytes = (uint64_t)(end - value_at);
    in->pos = end;
    parser->event.string_key.end = rdb_input_offset(in);
    count_key(parser);
    enum rdb_status answer = parser->sink(parser->context, &parser->event);
    if (__builtin_expect(answer != RDB_OK, 0))
        RDB_TRY(rdb_emit_answer(parser, answer));
    return check_texts(in);
}

static enum rdb_status load_key(struct rdb_parser *parser, const struct rdb_type_row *row)
{
    struct rdb_input *in = parser->in;
    const uint8_t *string_at, *end;
    parser->row = row;
    parser->count = 0;
    parser->event.key.module_id = 0;
    parser->event.key.module_name[0] = '\0';
    if (row->load == rdb_load_string && parser->joins_strings) {
        if (__builtin_expect(peek_string_key(in, &parser->event.string_key, &string_at, &end), 1))
            return deliver_string_key(parser, string_at, end);
        in->damage.found = false; /* to be found again, and reported */
    }
    uint64_t offset = rdb_input_offset(in);
    in->pos++;
    RDB_TRY(load_name(parser, &parser->event.key.name));
    uint64_t value_at = rdb_input_tell(in);
    if (row->lead != RDB_LEAD_NONE)
        RDB_TRY(load_lead(parser, row->lead, &parser->event.key));
    RDB_TRY(start_key(parser, row, offset));
    count_key(parser);
    parser->damaged = false;
    if (parser->check)
        rdb_check_value(parser->check);
    RDB_TRY(row->load(parser));
    if (__builtin_expect(in->damage.found, 0))
        RDB_TRY(report_damage(parser));
    RDB_TRY(check_texts(in));
    parser->quiet = false;
    parser->event.key_end.stored_bytes = rdb_input_tell(in) - value_at;
    parser->event.key_end.damaged = parser->damaged;
    return rdb_emit(parser, RDB_EVENT_KEY_END, rdb_input_offset(in));
}

/* ---- passing over keys ---- */

static enum rdb_status emit_passed(struct rdb_parser *parser, uint64_t offset, bool is_last)
{
    parser->event.passed.keys = parser->passed_keys;
    parser->event.passed.is_last = is_last;
    parser->passes = true;
    parser->passed_from = offset;
    parser->passed_keys = 0;
    return rdb_emit(parser, RDB_EVENT_PASSED, offset);
}

static enum rdb_status pass_key(struct rdb_parser *parser, const struct rdb_type_row *row)
{
    struct rdb_input *in = parser->in;
    if (in != parser->file)
        return rdb_input_fail(in, RDB_ERR_UNSUPPORTED, "records in a compressed blob cannot be passed over");
    if (__builtin_expect(!parser->passes, 0))
        RDB_TRY(emit_passed(parser, rdb_input_tell(in), false));
    in->pos++;
    parser->row = row;
    parser->count = 0;
    RDB_TRY(rdb_pass_string(in, "a key's name"));
    if (row->lead != RDB_LEAD_NONE)
        RDB_TRY(load_lead(parser, row->lead, &parser->event.key));
    count_key(parser);
    parser->damaged = false;
    parser->quiet = true;
    RDB_TRY(rdb_pass_value(parser));
    if (__builtin_expect(in->damage.found, 0))
        RDB_TRY(report_damage(parser));
    parser->quiet = false;
    uint64_t tell = parser->passed_to = rdb_input_tell(in);
    if (++parser->passed_keys < parser->pass_keys && tell - parser->passed_from < parser->pass_bytes)
        return RDB_OK;
    return emit_passed(parser, tell, false);
}

/* ---- records ---- */

static enum rdb_status refuse(struct rdb_parser *parser, uint8_t number)
{
    const struct rdb_type_row *type = parser->types[number];
    const struct rdb_opcode_row *opcode = parser->opcodes[number];
    const char *dialect = rdb_dialect_name(parser->header.dialect);
    struct rdb_number_use use;
    if (type || opcode)
        return rdb_input_fail(parser->in, RDB_ERR_UNSUPPORTED, "%s %u (%s) cannot be passed over without its writer",
                              type ? "value type" : "opcode", number, type ? type->name : opcode->name);
    if (rdb_number_elsewhere(number, &use))
        return rdb_input_fail(parser->in, RDB_ERR_CORRUPT,
                              "a value type or opcode was expected, but %u (%s of %s %u%s) has no place in %s %u",
                              number, use.name, use.dialect, use.since, use.until == use.since ? "" : " and later",
                              dialect, parser->header.version);
    return rdb_input_fail(parser->in, RDB_ERR_CORRUPT,
                          "a value type or opcode was expected, but %u is neither in %s %u", number, dialect,
                          parser->header.version);
}

/* No byte is present: brings one, or finds that a part of a snapshot ends here. */
static __attribute__((cold)) enum rdb_status need_record(struct rdb_parser *parser)
{
    struct rdb_input *in = parser->in;
    const struct rdb_attributes *attributes = &parser->attributes;
    bool may_end = parser->is_part && in == parser->file && !attributes->has_expiry && !attributes->has_idle &&
                   !attributes->has_frequency && attributes->metadata_classes == 0;
    if (!may_end)
        return rdb_input_need(in, 1, "a value type or opcode");
    RDB_TRY(rdb_input_want(in, 1));
    parser->ended = rdb_input_present(in) == 0;
    return RDB_OK;
}

enum rdb_status rdb_parse_records(struct rdb_parser *parser)
{
    struct rdb_input *in = parser->in;
    parser->ended = false;
    while (!parser->ended) {
        if (__builtin_expect(rdb_input_present(in) == 0, 0)) {
            RDB_TRY(need_record(parser));
            continue;
        }
        uint8_t number = *in->pos;
        const struct rdb_type_row *type = parser->types[number];
        if (__builtin_expect(type && type->load, 1)) {
            RDB_TRY(__builtin_expect(parser->pass_keys == 0, 1) ? load_key(parser, type) : pass_key(parser, type));
            continue;
        }
        const struct rdb_opcode_row *opcode = parser->opcodes[number];
        if (type || !opcode || !opcode->load)
            return refuse(parser, number);
        in->pos++;
        RDB_TRY(opcode->load(parser));
        if (in->damage.found)
            RDB_TRY(report_damage(parser));
    }
    return RDB_OK;
}

/* ---- frame ---- */

static bool all_digits(const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

static enum rdb_status load_header(struct rdb_parser *parser)
{
    enum { MAGIC = RDB_HEADER_BYTES };
    struct rdb_input *in = parser->in;
    struct rdb_header *header = &parser->header;
    RDB_TRY(rdb_input_want(in, MAGIC));
    size_t present = rdb_input_present(in);
    size_t name = present >= 6 && memcmp(in->pos, "VALKEY", 6) == 0 ? 6 : 5;
    bool known = present >= name && (name == 6 || memcmp(in->pos, "REDIS", 5) == 0);
    if (!known)
        return rdb_input_fail(in, RDB_ERR_NOT_RDB, "no snapshot: REDIS or VALKEY and a version were expected");
    if (!all_digits(in->pos + name, (present < MAGIC ? present : MAGIC) - name))
        return rdb_input_fail(in, RDB_ERR_NOT_RDB, "no snapshot: %s is not followed by a version",
                              rdb_dialect_name(name == 6 ? RDB_DIALECT_VALKEY : RDB_DIALECT_REDIS));
    RDB_TRY(rdb_input_need(in, MAGIC, "the version of the snapshot"));
    header->dialect = name == 6 ? RDB_DIALECT_VALKEY : RDB_DIALECT_REDIS;
    header->version = 0;
    for (size_t i = name; i < MAGIC; i++)
        header->version = header->version * 10 + (in->pos[i] - '0');
    if (!rdb_version_known(header))
        return rdb_input_fail(in, RDB_ERR_VERSION,
                              "version %s %u is not known (the newest that is: REDIS %u, VALKEY %u)",
                              rdb_dialect_name(header->dialect), header->version, rdb_newest_version(RDB_DIALECT_REDIS),
                              rdb_newest_version(RDB_DIALECT_VALKEY));
    in->pos += MAGIC;
    rdb_rows_for(header, parser->types, parser->opcodes);
    parser->event.header = *header;
    return rdb_emit(parser, RDB_EVENT_HEADER, 0);
}

static enum rdb_status load_checksum(struct rdb_parser *parser, struct rdb_end *end)
{
    struct rdb_input *in = parser->in;
    *end = (struct rdb_end){.checksum = RDB_CHECKSUM_ABSENT};
    if (!rdb_has_checksum(&parser->header))
        return RDB_OK;
    bool computed = in->checksum;
    end->checksum_computed = computed ? rdb_input_checksum(in) : 0;
    RDB_TRY(rdb_read_le64(in, &end->checksum_stored, "the checksum"));
    end->checksum = end->checksum_stored == 0                        ? RDB_CHECKSUM_NOT_COMPUTED
                    : !computed                                      ? RDB_CHECKSUM_SKIPPED
                    : end->checksum_stored == end->checksum_computed ? RDB_CHECKSUM_OK
                                                                     : RDB_CHECKSUM_MISMATCH;
    return RDB_OK;
}

enum { END_MARK = 40 };

/* What follows a snapshot that was sent without a file and captured (redis 7.0 src/rdb.c, rdbSaveRioWithEOFMark). */
static bool is_end_mark(const struct rdb_input *in)
{
    if (rdb_input_present(in) != END_MARK)
        return false;
    for (size_t i = 0; i < END_MARK; i++) {
        if (!(in->pos[i] >= '0' && in->pos[i] <= '9') && !(in->pos[i] >= 'a' && in->pos[i] <= 'f'))
            return false;
    }
    return true;
}

static enum rdb_status load_end(struct rdb_parser *parser)
{
    struct rdb_input *in = parser->in;
    struct rdb_end end;
    RDB_TRY(load_checksum(parser, &end));
    RDB_TRY(check_texts(parser->in));
    uint64_t offset = rdb_input_tell(in);
    end.snapshot_bytes = offset;
    RDB_TRY(rdb_input_want(in, END_MARK + 1));
    if (rdb_input_present(in) >= 2)
        end.trailing_is_aof = *in->pos == '#' || (*in->pos == '*' && all_digits(in->pos + 1, 1));
    end.trailing_is_mark = is_end_mark(in);
    RDB_TRY(rdb_input_drain(in, &end.trailing_bytes));
    RDB_TRY(rdb_census_report(parser->census, parser));
    if (end.trailing_bytes && !end.trailing_is_aof && !end.trailing_is_mark)
        RDB_TRY(rdb_emit_finding(parser, RDB_FINDING_TRAILING_BYTES, offset,
                                 "%" PRIu64 " bytes follow the end of the snapshot", end.trailing_bytes));
    parser->event.end = end;
    return rdb_emit(parser, RDB_EVENT_END, offset);
}

static enum rdb_status parse(struct rdb_parser *parser)
{
    RDB_TRY(load_header(parser));
    RDB_TRY(rdb_parse_records(parser));
    if (parser->passes)
        RDB_TRY(emit_passed(parser, parser->passed_to, true));
    return load_end(parser);
}

enum rdb_status rdb_parser_init(struct rdb_parser *parser, struct rdb_input *file, const struct rdb_options *options)
{
    *parser = (struct rdb_parser){.in = file, .file = file, .error = file->error};
    parser->census = rdb_census_new();
    parser->templates = rdb_templates_new();
    parser->check = options->deep ? rdb_check_new() : NULL;
    parser->joins_strings = options->joins_strings && !options->deep;
    if (parser->census && parser->templates && (parser->check || !options->deep))
        return RDB_OK;
    return rdb_error_set(file->error, RDB_ERR_NO_MEMORY, 0, "no memory for a parser");
}

void rdb_parser_release(struct rdb_parser *parser)
{
    rdb_check_free(parser->check);
    rdb_census_free(parser->census);
    rdb_templates_free(parser->templates);
}

enum rdb_status rdb_parse(struct rdb_source *source, const struct rdb_options *options, rdb_sink *sink, void *context,
                          struct rdb_error *error)
{
    static const struct rdb_options defaults = {0};
    struct rdb_error unwanted;
    struct rdb_input input;
    struct rdb_parser parser;
    options = options ? options : &defaults;
    enum rdb_status status = rdb_input_init(&input, source, options, error ? error : &unwanted);
    if (status == RDB_OK) {
        status = rdb_parser_init(&parser, &input, options);
        parser.sink = sink;
        parser.context = context;
        parser.pass_bytes = options->pass_bytes;
        parser.pass_keys = options->pass_bytes != 0 && options->pass_keys == 0 ? UINT64_MAX : options->pass_keys;
        if (status == RDB_OK)
            status = parse(&parser);
        rdb_parser_release(&parser);
    }
    rdb_input_release(&input);
    return status;
}
