/* Private: the state of one parse, and what loaders share. */
#ifndef RDB_PARSER_H
#define RDB_PARSER_H

#include "deep_check.h"
#include "encodings.h"
#include "packed.h"
#include "primitives.h"

struct rdb_census;
struct rdb_templates;

/* Attributes that precede a key. */
struct rdb_attributes {
    int64_t expire_at_ms;
    uint64_t idle_seconds;
    uint8_t lfu_frequency, metadata_classes;
    bool has_expiry, has_idle, has_frequency;
};

struct rdb_parser {
    struct rdb_input *in;   /* where records are read from: the file, or a compressed blob inside it */
    struct rdb_input *file; /* the snapshot itself */
    rdb_sink *sink;
    void *context;
    struct rdb_error *error;
    struct rdb_event event;
    struct rdb_header header;
    const struct rdb_type_row *types[256];
    const struct rdb_opcode_row *opcodes[256];
    const struct rdb_type_row *row; /* of the value that is being loaded */
    uint64_t count;                 /* its elements, where it says so in advance */
    uint64_t min_expire_ms;         /* RDB_LEAD_EXPIRE_COUNT */
    uint64_t template_id;           /* RDB_LEAD_TEMPLATE */
    struct rdb_attributes attributes;
    struct rdb_cursor cursor;
    struct rdb_check *check; /* a deep parse only */
    struct rdb_census *census;
    struct rdb_templates *templates;
    uint64_t pass_bytes, pass_keys;          /* rdb_options; both 0: keys are delivered */
    uint64_t passed_keys, passed_to;         /* since the last RDB_EVENT_PASSED; behind the last record */
    uint64_t passed_from;                    /* of that event */
    uint64_t nested_packed, nested_unpacked; /* bytes of compressed blobs, read and made */
    bool joins_strings;                      /* rdb_options, unless the parse is deep */
    bool is_part;                            /* records alone, which end with the source */
    bool passes;                             /* the first RDB_EVENT_PASSED has been delivered */
    bool quiet;                              /* the sink passed over this value */
    bool damaged;                            /* so is the value that is being loaded */
    bool ended;                              /* behind the EOF opcode, or the end of a nested blob */
};

/* What the sink returned, if it was no RDB_OK. */
enum rdb_status rdb_emit_answer(struct rdb_parser *parser, enum rdb_status answer) __attribute__((cold));

/* Delivers parser->event, its member for `kind` filled. Nothing in a quiet value. */
RDB_MUST_CHECK __attribute__((always_inline)) static inline enum rdb_status
rdb_emit(struct rdb_parser *parser, enum rdb_event_kind kind, uint64_t offset)
{
    if (parser->quiet)
        return RDB_OK;
    parser->event.kind = kind;
    parser->event.offset = offset;
    enum rdb_status answer = parser->sink(parser->context, &parser->event);
    return __builtin_expect(answer == RDB_OK, 1) ? RDB_OK : rdb_emit_answer(parser, answer);
}

/* Delivers a finding, also in a quiet value. RDB_FINDING_DAMAGED_VALUE marks the current value. */
RDB_MUST_CHECK enum rdb_status rdb_emit_finding(struct rdb_parser *parser, enum rdb_finding_kind kind, uint64_t offset,
                                                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Takes a packed blob and delivers it as `kind`; its offset is of its length prefix. `packed` is the member of
 * parser->event that the event carries. */
RDB_MUST_CHECK enum rdb_status rdb_load_blob(struct rdb_parser *parser, enum rdb_event_kind kind,
                                             enum rdb_packed_form form, struct rdb_packed *packed);

/* Reports what the cursor's walk found, once the input is behind the blob. */
RDB_MUST_CHECK enum rdb_status rdb_report_cursor(struct rdb_parser *parser);

/* Takes the string that an event ends with, delivering the event when it is there. `string` is a member of
 * parser->event. */
RDB_MUST_CHECK enum rdb_status rdb_load_last_string(struct rdb_parser *parser, enum rdb_event_kind kind,
                                                    uint64_t offset, struct rdb_string *string, const char *what);

/* Module values, module aux and key metadata: items up to the closing 0. `emit`: deliver them. */
RDB_MUST_CHECK enum rdb_status rdb_load_module_items(struct rdb_parser *parser, bool emit);
/* The nine characters of a module id. */
void rdb_module_name(uint64_t module_id, char name[10]);

/* A parser of `file`, whose `sink` and `context` the caller sets. To be released, also after a failure. */
RDB_MUST_CHECK enum rdb_status rdb_parser_init(struct rdb_parser *parser, struct rdb_input *file,
                                               const struct rdb_options *options);
void rdb_parser_release(struct rdb_parser *parser);

/* Reads records until an end is reached. */
RDB_MUST_CHECK enum rdb_status rdb_parse_records(struct rdb_parser *parser);

/* Passes over a value whose key has been read, so that nothing of it is looked at but what tells its length. */
RDB_MUST_CHECK enum rdb_status rdb_pass_value(struct rdb_parser *parser);
RDB_MUST_CHECK enum rdb_status rdb_pass_string(struct rdb_input *in, const char *what);

/* ---- loaders: values ---- */
rdb_loader rdb_load_string, rdb_load_elements, rdb_load_zset_text, rdb_load_zset_binary, rdb_load_hash,
    rdb_load_hash_metadata, rdb_load_hash_2, rdb_load_path_hash, rdb_load_packed, rdb_load_listpack_ex,
    rdb_load_list_ziplist, rdb_load_quicklist, rdb_load_quicklist_2, rdb_load_stream, rdb_load_module, rdb_load_array,
    rdb_load_template_listpack, rdb_load_template_listpack_ref, rdb_load_template_array, rdb_load_template_array_ref,
    rdb_load_cron, rdb_load_gcra, rdb_load_dragonfly_json, rdb_load_dragonfly_expiring, rdb_load_dragonfly_sbf;

/* ---- loaders: opcodes ---- */
rdb_loader rdb_load_eof, rdb_load_selectdb, rdb_load_expiretime, rdb_load_expiretime_ms, rdb_load_resizedb,
    rdb_load_aux, rdb_load_freq, rdb_load_idle, rdb_load_module_aux, rdb_load_function, rdb_load_function_pre_ga,
    rdb_load_slot_info, rdb_load_key_meta, rdb_load_slot_import, rdb_load_template, rdb_load_command,
    rdb_load_one_number, rdb_load_dragonfly_zstd, rdb_load_dragonfly_lz4, rdb_load_dragonfly_blob_end,
    rdb_load_eight_bytes, rdb_load_dragonfly_journal, rdb_load_dragonfly_mask;

#endif
