#include "encodings.h"

#include "parser.h"

#include <stddef.h>

enum { ANY_VERSION = 255, FIRST_WITH_CHECKSUM = 5 };

static const struct {
    const char *name;
    unsigned oldest, newest;
} dialects[] = {
    [RDB_DIALECT_REDIS] = {"REDIS", 1, 15},    /* Redis 8.10 */
    [RDB_DIALECT_VALKEY] = {"VALKEY", 80, 81}, /* Valkey 9.2 */
};

#define BOTH      RDB_IN_BOTH, 1, ANY_VERSION
#define REDIS(v)  RDB_IN_REDIS, (v), ANY_VERSION
#define VALKEY(v) RDB_IN_VALKEY, (v), ANY_VERSION
#define DRAGONFLY RDB_IN_REDIS, 9, 9 /* its magic is REDIS0009 */

/* One value type. `where` is one of the four above. */
#define TYPE(number_, where, name_, type_, lead_, load_, ...)                                                          \
    TYPE_(number_, where, name_, type_, lead_, load_, __VA_ARGS__)
#define TYPE_(number_, dialects_, since_, until_, name_, type_, lead_, load_, ...)                                     \
    {                                                                                                                  \
        .number = (number_), .dialects = (dialects_), .since = (since_), .until = (until_), .name = (name_),           \
        .type = RDB_TYPE_##type_, .lead = RDB_LEAD_##lead_, .load = (load_), __VA_ARGS__                               \
    }
#define STRINGS(n)               .arity = (n)
#define PACKED(form_, n, check_) .form = RDB_PACKED_##form_, .arity = (n), .check = RDB_CHECK_##check_
#define PASSED(n, tail)          .passed_strings = (n), .passed_tail = (tail)
#define LAYOUT(v)                .layout = (v), .check = RDB_CHECK_STREAM

/* By encoding, then what has an encoding by another number, and what is known only by name. Numbers up to 21 never
 * clash, and relatives write them under older versions than Redis does: they hold always. */
static const struct rdb_type_row types[] = {
    [RDB_ENC_STRING] = TYPE(0, BOTH, "string", STRING, NONE, rdb_load_string, PASSED(1, 0)),
    [RDB_ENC_LIST] = TYPE(1, BOTH, "list", LIST, COUNT, rdb_load_elements, STRINGS(1), PASSED(1, 0)),
    [RDB_ENC_SET] = TYPE(2, BOTH, "set", SET, COUNT, rdb_load_elements, STRINGS(1), PASSED(1, 0)),
    [RDB_ENC_ZSET] = TYPE(3, BOTH, "zset", ZSET, COUNT, rdb_load_zset_text, STRINGS(1)),
    [RDB_ENC_HASH] = TYPE(4, BOTH, "hash", HASH, COUNT, rdb_load_hash, STRINGS(2), PASSED(2, 0)),
    [RDB_ENC_ZSET_2] = TYPE(5, BOTH, "zset_2", ZSET, COUNT, rdb_load_zset_binary, STRINGS(1), PASSED(1, 8)),
    [RDB_ENC_MODULE_2] = TYPE(7, BOTH, "module_2", MODULE, MODULE, rdb_load_module, 0),
    [RDB_ENC_HASH_ZIPMAP] =
        TYPE(9, BOTH, "hash_zipmap", HASH, NONE, rdb_load_packed, PACKED(ZIPMAP, 2, MEMBERS), PASSED(1, 0)),
    [RDB_ENC_LIST_ZIPLIST] =
        TYPE(10, BOTH, "list_ziplist", LIST, NONE, rdb_load_list_ziplist, PACKED(ZIPLIST, 1, NOTHING), PASSED(1, 0)),
    [RDB_ENC_SET_INTSET] =
        TYPE(11, BOTH, "set_intset", SET, NONE, rdb_load_packed, PACKED(INTSET, 1, INTSET), PASSED(1, 0)),
    [RDB_ENC_ZSET_ZIPLIST] =
        TYPE(12, BOTH, "zset_ziplist", ZSET, NONE, rdb_load_packed, PACKED(ZIPLIST, 2, SCORES), PASSED(1, 0)),
    [RDB_ENC_HASH_ZIPLIST] =
        TYPE(13, BOTH, "hash_ziplist", HASH, NONE, rdb_load_packed, PACKED(ZIPLIST, 2, MEMBERS), PASSED(1, 0)),
    [RDB_ENC_LIST_QUICKLIST] =
        TYPE(14, BOTH, "list_quicklist", LIST, NONE, rdb_load_quicklist, PACKED(ZIPLIST, 1, NOTHING)),
    [RDB_ENC_STREAM_LISTPACKS] = TYPE(15, BOTH, "stream_listpacks", STREAM, NONE, rdb_load_stream, LAYOUT(1)),
    [RDB_ENC_HASH_LISTPACK] =
        TYPE(16, BOTH, "hash_listpack", HASH, NONE, rdb_load_packed, PACKED(LISTPACK, 2, MEMBERS), PASSED(1, 0)),
    [RDB_ENC_ZSET_LISTPACK] =
        TYPE(17, BOTH, "zset_listpack", ZSET, NONE, rdb_load_packed, PACKED(LISTPACK, 2, SCORES), PASSED(1, 0)),
    [RDB_ENC_LIST_QUICKLIST_2] =
        TYPE(18, BOTH, "list_quicklist_2", LIST, NONE, rdb_load_quicklist_2, PACKED(LISTPACK, 1, NOTHING)),
    [RDB_ENC_STREAM_LISTPACKS_2] = TYPE(19, BOTH, "stream_listpacks_2", STREAM, NONE, rdb_load_stream, LAYOUT(2)),
    [RDB_ENC_SET_LISTPACK] =
        TYPE(20, BOTH, "set_listpack", SET, NONE, rdb_load_packed, PACKED(LISTPACK, 1, MEMBERS), PASSED(1, 0)),
    [RDB_ENC_STREAM_LISTPACKS_3] = TYPE(21, BOTH, "stream_listpacks_3", STREAM, NONE, rdb_load_stream, LAYOUT(3)),
    [RDB_ENC_HASH_METADATA_PRE_GA] =
        TYPE(22, REDIS(12), "hash_metadata_pre_ga", HASH, COUNT, rdb_load_hash_metadata, STRINGS(2)),
    [RDB_ENC_HASH_LISTPACK_EX_PRE_GA] = TYPE(23, REDIS(12), "hash_listpack_ex_pre_ga", HASH, NONE, rdb_load_packed,
                                             PACKED(LISTPACK, 3, MEMBERS), PASSED(1, 0)),
    [RDB_ENC_HASH_METADATA] =
        TYPE(24, REDIS(12), "hash_metadata", HASH, EXPIRE_COUNT, rdb_load_hash_metadata, STRINGS(2)),
    [RDB_ENC_HASH_LISTPACK_EX] =
        TYPE(25, REDIS(12), "hash_listpack_ex", HASH, NONE, rdb_load_listpack_ex, PACKED(LISTPACK, 3, MEMBERS)),
    [RDB_ENC_STREAM_LISTPACKS_4] = TYPE(26, REDIS(13), "stream_listpacks_4", STREAM, NONE, rdb_load_stream, LAYOUT(4)),
    [RDB_ENC_STREAM_LISTPACKS_5] = TYPE(27, REDIS(14), "stream_listpacks_5", STREAM, NONE, rdb_load_stream, LAYOUT(5)),
    [RDB_ENC_ARRAY] = TYPE(28, REDIS(14), "array", ARRAY, COUNT, rdb_load_array, 0),
    [RDB_ENC_HASH_TMPL_LP] = TYPE(29, REDIS(15), "hash_tmpl_lp", HASH, NONE, rdb_load_template_listpack, 0),
    [RDB_ENC_HASH_TMPL_LP_REF] = TYPE(30, REDIS(15), "hash_tmpl_lp_ref", HASH, NONE, rdb_load_template_listpack_ref, 0),
    [RDB_ENC_HASH_TMPL_ARRAY] = TYPE(31, REDIS(15), "hash_tmpl_array", HASH, NONE, rdb_load_template_array, 0),
    [RDB_ENC_HASH_TMPL_ARRAY_REF] =
        TYPE(32, REDIS(15), "hash_tmpl_array_ref", HASH, TEMPLATE, rdb_load_template_array_ref, 0),
    [RDB_ENC_VALKEY_HASH_2] = TYPE(22, VALKEY(80), "hash_2", HASH, COUNT, rdb_load_hash_2, STRINGS(2), PASSED(2, 8)),
    [RDB_ENC_VALKEY_PATH_HASH] = TYPE(23, VALKEY(81), "path_hash", HASH, NONE, rdb_load_path_hash, STRINGS(2)),
    [RDB_ENC_GCRA] = TYPE(33, REDIS(14), "gcra", OTHER, NONE, rdb_load_gcra, 0),
    [RDB_ENC_KEYDB_CRON] = TYPE(64, REDIS(1), "keydb_cron", OTHER, NONE, rdb_load_cron, 0),
    [RDB_ENC_DRAGONFLY_JSON] = TYPE(30, DRAGONFLY, "dragonfly_json", OTHER, NONE, rdb_load_dragonfly_json, 0),
    [RDB_ENC_DRAGONFLY_HASH_EXPIRY] =
        TYPE(31, DRAGONFLY, "dragonfly_hash_expiry", HASH, COUNT, rdb_load_dragonfly_expiring, STRINGS(3)),
    [RDB_ENC_DRAGONFLY_SET_EXPIRY] =
        TYPE(32, DRAGONFLY, "dragonfly_set_expiry", SET, COUNT, rdb_load_dragonfly_expiring, STRINGS(2)),
    [RDB_ENC_DRAGONFLY_SBF] = TYPE(33, DRAGONFLY, "dragonfly_sbf", OTHER, NONE, rdb_load_dragonfly_sbf, 0),
    /* redis 8.8 src/rdb.h, built with ENABLE_GCRA: the number before templates took it */
    TYPE_(29, RDB_IN_REDIS, 14, 14, "gcra", OTHER, NONE, rdb_load_gcra, .encoding = RDB_ENC_GCRA),
    TYPE(6, BOTH, "module_pre_ga", MODULE, NONE, NULL, 0),
    TYPE(34, DRAGONFLY, "dragonfly_sbf_2", OTHER, NONE, NULL, 0),
    TYPE(35, DRAGONFLY, "dragonfly_cms", OTHER, NONE, NULL, 0),
};

#define OPCODE(number_, where, name_, load_) OPCODE_(number_, where, name_, load_)
#define OPCODE_(number_, dialects_, since_, until_, name_, load_)                                                      \
    {                                                                                                                  \
        .number = (number_), .dialects = (dialects_), .since = (since_), .until = (until_), .name = (name_),           \
        .load = (load_)                                                                                                \
    }

static const struct rdb_opcode_row opcodes[] = {
    OPCODE(255, BOTH, "eof", rdb_load_eof),
    OPCODE(254, BOTH, "selectdb", rdb_load_selectdb),
    OPCODE(253, BOTH, "expiretime", rdb_load_expiretime),
    OPCODE(252, BOTH, "expiretime_ms", rdb_load_expiretime_ms),
    OPCODE(251, BOTH, "resizedb", rdb_load_resizedb),
    OPCODE(250, BOTH, "aux", rdb_load_aux),
    OPCODE(249, BOTH, "freq", rdb_load_freq),
    OPCODE(248, BOTH, "idle", rdb_load_idle),
    OPCODE(247, BOTH, "module_aux", rdb_load_module_aux),
    OPCODE(246, BOTH, "function_pre_ga", rdb_load_function_pre_ga),
    OPCODE(245, BOTH, "function2", rdb_load_function),
    OPCODE(244, BOTH, "slot_info", rdb_load_slot_info),
    OPCODE(243, REDIS(13), "key_meta", rdb_load_key_meta),
    OPCODE(243, VALKEY(80), "slot_import", rdb_load_slot_import),
    OPCODE(242, REDIS(15), "hash_template", rdb_load_template),
    OPCODE(242, VALKEY(81), "opcode_update", rdb_load_command),
    OPCODE(121, REDIS(1), "slot_num of Redis Enterprise", rdb_load_one_number),
    OPCODE(107, REDIS(1), "ram_lru of Redis Enterprise", rdb_load_one_number),
    OPCODE(100, REDIS(1), "gd_dict of Redis Enterprise", NULL),
    OPCODE(101, REDIS(1), "gd_cas of Redis Enterprise", NULL),
    OPCODE(102, REDIS(1), "gd_flags of Redis Enterprise", NULL),
    OPCODE(200, DRAGONFLY, "fullsync_end of Dragonfly", rdb_load_eight_bytes),
    OPCODE(201, DRAGONFLY, "zstd blob of Dragonfly", rdb_load_dragonfly_zstd),
    OPCODE(202, DRAGONFLY, "lz4 blob of Dragonfly", rdb_load_dragonfly_lz4),
    OPCODE(203, DRAGONFLY, "blob end of Dragonfly", rdb_load_dragonfly_blob_end),
    OPCODE(210, DRAGONFLY, "journal blob of Dragonfly", rdb_load_dragonfly_journal),
    OPCODE(211, DRAGONFLY, "journal offset of Dragonfly", rdb_load_eight_bytes),
    OPCODE(220, DRAGONFLY, "key mask of Dragonfly", rdb_load_dragonfly_mask),
    OPCODE(222, DRAGONFLY, "vector index of Dragonfly", NULL),
    OPCODE(223, DRAGONFLY, "document mapping of Dragonfly", NULL),
};

enum { TYPE_ROWS = sizeof types / sizeof *types, OPCODE_ROWS = sizeof opcodes / sizeof *opcodes };

static bool holds(enum rdb_dialects set, unsigned since, unsigned until, const struct rdb_header *header)
{
    return set >> header->dialect & 1 && since <= header->version && header->version <= until;
}

void rdb_rows_for(const struct rdb_header *header, const struct rdb_type_row *by_type[256],
                  const struct rdb_opcode_row *by_opcode[256])
{
    for (size_t i = 0; i < 256; i++) {
        by_type[i] = NULL;
        by_opcode[i] = NULL;
    }
    for (size_t i = 0; i < TYPE_ROWS; i++)
        if (holds(types[i].dialects, types[i].since, types[i].until, header))
            by_type[types[i].number] = &types[i];
    for (size_t i = 0; i < OPCODE_ROWS; i++)
        if (holds(opcodes[i].dialects, opcodes[i].since, opcodes[i].until, header))
            by_opcode[opcodes[i].number] = &opcodes[i];
}

static struct rdb_number_use use_of(const char *name, enum rdb_dialects set, unsigned since, unsigned until)
{
    return (struct rdb_number_use){name, dialects[set == RDB_IN_VALKEY].name, since, until};
}

bool rdb_number_elsewhere(uint8_t number, struct rdb_number_use *use)
{
    for (size_t i = 0; i < TYPE_ROWS; i++) {
        if (types[i].number == number) {
            *use = use_of(types[i].name, types[i].dialects, types[i].since, types[i].until);
            return true;
        }
    }
    for (size_t i = 0; i < OPCODE_ROWS; i++) {
        if (opcodes[i].number == number) {
            *use = use_of(opcodes[i].name, opcodes[i].dialects, opcodes[i].since, opcodes[i].until);
            return true;
        }
    }
    return false;
}

enum rdb_encoding rdb_row_encoding(const struct rdb_type_row *row)
{
    return row < types + RDB_ENC_COUNT ? (enum rdb_encoding)(row - types) : row->encoding;
}

unsigned rdb_newest_version(enum rdb_dialect dialect)
{
    return dialects[dialect].newest;
}

bool rdb_version_known(const struct rdb_header *header)
{
    return dialects[header->dialect].oldest <= header->version && header->version <= dialects[header->dialect].newest;
}

bool rdb_has_checksum(const struct rdb_header *header)
{
    return header->version >= FIRST_WITH_CHECKSUM;
}

const char *rdb_dialect_name(enum rdb_dialect dialect)
{
    return dialects[dialect].name;
}

const char *rdb_encoding_name(enum rdb_encoding encoding)
{
    return (unsigned)encoding < RDB_ENC_COUNT ? types[encoding].name : "unknown";
}

const char *rdb_type_name(enum rdb_type type)
{
    static const char *const names[] = {
        [RDB_TYPE_STRING] = "string", [RDB_TYPE_LIST] = "list",   [RDB_TYPE_SET] = "set",
        [RDB_TYPE_ZSET] = "zset",     [RDB_TYPE_HASH] = "hash",   [RDB_TYPE_STREAM] = "stream",
        [RDB_TYPE_MODULE] = "module", [RDB_TYPE_ARRAY] = "array", [RDB_TYPE_OTHER] = "other",
    };
    return (unsigned)type < sizeof names / sizeof *names ? names[type] : "unknown";
}
