/* rdbparse: reads a Redis or Valkey snapshot (RDB) as a stream of events.
 *
 * Bytes are pulled from a source; events are pushed to one sink. Memory is bounded whatever the file claims: strings
 * are announced with their exact length and a bounded prefix of their bytes, packed blobs (listpack, ziplist, intset,
 * zipmap) with a cursor that decodes them only when the sink walks it.
 *
 * Every pointer inside an event is borrowed: it is valid until the sink returns, or until the next call on the same
 * cursor, whichever comes first. The library keeps no global state; two parsers may run in two threads. */
#ifndef RDBPARSE_H
#define RDBPARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define RDB_MUST_CHECK __attribute__((warn_unused_result))
#else
#define RDB_MUST_CHECK
#endif

/* ---- status and errors --------------------------------------------------------------------------------------------
 */

enum rdb_status {
    RDB_OK = 0,
    RDB_SKIP,    /* from the sink, on RDB_EVENT_KEY only: skip this key's value unread */
    RDB_STOPPED, /* from the sink: stop; rdb_parse returns it */
    RDB_ERR_NO_MEMORY,
    RDB_ERR_READ,        /* the source could not be opened or read */
    RDB_ERR_NOT_RDB,     /* no snapshot in any known wrapping */
    RDB_ERR_VERSION,     /* a snapshot of a version that this library does not know */
    RDB_ERR_TRUNCATED,   /* the bytes end in the middle of something */
    RDB_ERR_CORRUPT,     /* the bytes contradict the format */
    RDB_ERR_UNSUPPORTED, /* a known type or opcode whose length cannot be told without its writer's code */
    RDB_ERR_LIMIT        /* a bound given in struct rdb_options was reached */
};

/* Where and why a call failed. Filled once, where the fault is found; untouched on success. The message is one line
 * without the offset and says what was expected. */
struct rdb_error {
    enum rdb_status status;
    uint64_t offset; /* byte offset in the (unwrapped) snapshot */
    char message[240];
};

/* A fixed English word for a status ("truncated", "corrupt", ...). Never NULL. */
const char *rdb_status_name(enum rdb_status status);

/* ---- sources ------------------------------------------------------------------------------------------------------
 */

/* Pulls bytes. `read` stores at most `capacity` bytes and their number in *got; *got == 0 with RDB_OK is the end.
 * `close` releases `self`. A source may be implemented by the caller. */
struct rdb_source {
    void *self;
    enum rdb_status (*read)(void *self, uint8_t *buffer, size_t capacity, size_t *got, struct rdb_error *error);
    void (*close)(void *self);
    /* Bytes taken from the outermost input so far, for progress; may be NULL. */
    uint64_t (*position)(void *self);
};

enum rdb_wrapping {
    RDB_WRAPPING_NONE = 0,
    RDB_WRAPPING_GZIP,
    RDB_WRAPPING_ZSTD,
    RDB_WRAPPING_LZ4,
    RDB_WRAPPING_VCS,          /* Valkey 9.2's compressed envelope */
    RDB_WRAPPING_AOF_MANIFEST, /* a multi-part AOF's manifest; the base file is read */
    RDB_WRAPPING_REPLICATION   /* a captured full synchronisation ($length or $EOF: framing) */
};

/* What was found around the snapshot. */
struct rdb_source_info {
    enum rdb_wrapping wrappings[4]; /* outermost first */
    unsigned wrapping_count;
    uint64_t size_bytes;        /* of the outermost file, a manifest's base file; 0 when not known (a pipe) */
    uint64_t incremental_bytes; /* AOF manifest: size of the incremental files, which are not read */
    char base_path[4096];       /* AOF manifest: the base file that is read, else "" */
};

/* Opens `path` ("-" is standard input), looks at its first bytes and unwraps what it knows, never by the name.
 * On success *source is the plain snapshot and must be closed with rdb_source_close. `info` may be NULL.
 *
 * Memory is bounded whatever the input claims: under 1 MB for gzip, 9 MB for LZ4, 33 MB for zstd, whose frames fail
 * with RDB_ERR_LIMIT when they ask for a window above 32 MiB; so does a fifth wrapping around the others. Something
 * else than a snapshot, or nothing, is RDB_ERR_NOT_RDB, with what it seems to be. A damaged wrapping delivers what
 * comes before the damage; the message has the offset in the compressed data. */
RDB_MUST_CHECK enum rdb_status rdb_source_open(struct rdb_source *source, const char *path,
                                               struct rdb_source_info *info, struct rdb_error *error);
/* As rdb_source_open over another source, which it takes: closing the result closes `inner`, also after a failure. */
RDB_MUST_CHECK enum rdb_status rdb_source_unwrap(struct rdb_source *source, struct rdb_source inner,
                                                 struct rdb_source_info *info, struct rdb_error *error);
/* Reads from memory, which is borrowed until the source is closed. */
RDB_MUST_CHECK enum rdb_status rdb_source_memory(struct rdb_source *source, const void *bytes, size_t len,
                                                 struct rdb_error *error);
void rdb_source_close(struct rdb_source *source);
/* "gzip", "zstd", ...; "" for none. */
const char *rdb_wrapping_name(enum rdb_wrapping wrapping);

/* ---- strings ------------------------------------------------------------------------------------------------------
 */

enum rdb_string_form {
    RDB_STRING_RAW, /* bytes as they are */
    RDB_STRING_INT, /* an integer; its text is the shortest decimal form of `value` */
    RDB_STRING_LZF  /* LZF-compressed in the file; `bytes` is NULL until rdb_string_bytes is asked */
};

/* A string of the snapshot. `len` is exact. `bytes` holds the first `bytes_len` bytes: all of them for a raw string
 * that fits the window (always so for names up to rdb_options.max_name_bytes), else a prefix. */
struct rdb_string {
    uint64_t len;         /* bytes of the decoded string; of an integer: of its decimal text */
    uint64_t stored_len;  /* bytes it takes in the file after its length prefix; LZF: compressed bytes */
    const uint8_t *bytes; /* RAW: the first bytes_len bytes; INT and LZF: NULL */
    union {
        int64_t value;         /* INT: the value */
        const uint8_t *stored; /* LZF, private: the compressed bytes */
    };
    uint32_t bytes_len; /* RAW: bytes at `bytes`; else 0 */
    enum rdb_string_form form;
    struct rdb_input *input; /* private, INT and LZF: whose scratch rdb_string_bytes writes into */
};

/* The bytes of `string`, whatever its form: an integer is printed, an LZF string decompressed into the parser's
 * scratch. Returns the number of bytes at *bytes, at most `max`; fewer than min(max, len) only where the parser's
 * bounds do not allow more, or the compressed bytes are damaged (then 0). Asking for a prefix unpacks no more than
 * that. Valid as long as the event; the scratch keeps the last two LZF strings and the last 1024 integers asked for. */
size_t rdb_string_bytes(const struct rdb_string *string, size_t max, const uint8_t **bytes);
/* The first byte of a string that is no integer form, without unpacking anything; -1 when there is none, or it is not
 * known. */
int rdb_string_first_byte(const struct rdb_string *string);
/* Digits of a number's decimal form, as in the text of an integer form. */
unsigned rdb_decimal_digits(uint64_t number);

/* ---- packed blobs -------------------------------------------------------------------------------------------------
 */

enum rdb_packed_form {
    RDB_PACKED_LISTPACK,
    RDB_PACKED_ZIPLIST,
    RDB_PACKED_INTSET,
    RDB_PACKED_ZIPMAP,
    RDB_PACKED_PLAIN /* a quicklist node that holds one element and nothing else */
};

/* A packed blob, announced before it is decoded. */
struct rdb_packed {
    enum rdb_packed_form form;
    uint64_t len;        /* bytes of the blob in memory */
    uint64_t stored_len; /* bytes in the file; less than len when `lzf` */
    bool lzf;
    uint8_t int_width;     /* intset: 2, 4 or 8 bytes an element */
    uint64_t header_count; /* entries by the blob's own header; UINT64_MAX where the header does not know */
    struct rdb_cursor *cursor;
};

/* Decodes the next entries, at most `max`, into `entries` (RAW or INT form, never LZF). Returns their number; 0 at the
 * end and at damage. Entries of hash-like blobs alternate field, value(, expiry); of sorted sets member, score. There
 * may be fewer than `max` before the end, of a long blob, and the last group may go on with the next entries. Not
 * walking a blob, or not to its end, is allowed and cheap. */
size_t rdb_packed_read(const struct rdb_packed *packed, struct rdb_string *entries, size_t max);
/* After rdb_packed_read returned 0: RDB_OK at the regular end; else RDB_ERR_CORRUPT (a damaged blob inside an intact
 * record: parsing goes on behind it) or RDB_ERR_NO_MEMORY (parsing ends), with the detail in *error. */
enum rdb_status rdb_packed_status(const struct rdb_packed *packed, struct rdb_error *error);

/* ---- events -------------------------------------------------------------------------------------------------------
 */

enum rdb_dialect { RDB_DIALECT_REDIS, RDB_DIALECT_VALKEY };

enum rdb_type {
    RDB_TYPE_STRING,
    RDB_TYPE_LIST,
    RDB_TYPE_SET,
    RDB_TYPE_ZSET,
    RDB_TYPE_HASH,
    RDB_TYPE_STREAM,
    RDB_TYPE_MODULE,
    RDB_TYPE_ARRAY,
    RDB_TYPE_OTHER /* KeyDB cron, GCRA, Dragonfly's JSON and sketches: skipped, measured by their stored bytes */
};

/* How a value lies in the file: one row per type number and dialect (encodings.c). */
enum rdb_encoding {
    RDB_ENC_STRING,
    RDB_ENC_LIST,
    RDB_ENC_SET,
    RDB_ENC_ZSET,
    RDB_ENC_HASH,
    RDB_ENC_ZSET_2,
    RDB_ENC_MODULE_2,
    RDB_ENC_HASH_ZIPMAP,
    RDB_ENC_LIST_ZIPLIST,
    RDB_ENC_SET_INTSET,
    RDB_ENC_ZSET_ZIPLIST,
    RDB_ENC_HASH_ZIPLIST,
    RDB_ENC_LIST_QUICKLIST,
    RDB_ENC_STREAM_LISTPACKS,
    RDB_ENC_HASH_LISTPACK,
    RDB_ENC_ZSET_LISTPACK,
    RDB_ENC_LIST_QUICKLIST_2,
    RDB_ENC_STREAM_LISTPACKS_2,
    RDB_ENC_SET_LISTPACK,
    RDB_ENC_STREAM_LISTPACKS_3,
    RDB_ENC_HASH_METADATA_PRE_GA,
    RDB_ENC_HASH_LISTPACK_EX_PRE_GA,
    RDB_ENC_HASH_METADATA,
    RDB_ENC_HASH_LISTPACK_EX,
    RDB_ENC_STREAM_LISTPACKS_4,
    RDB_ENC_STREAM_LISTPACKS_5,
    RDB_ENC_ARRAY,
    RDB_ENC_HASH_TMPL_LP,
    RDB_ENC_HASH_TMPL_LP_REF,
    RDB_ENC_HASH_TMPL_ARRAY,
    RDB_ENC_HASH_TMPL_ARRAY_REF,
    RDB_ENC_VALKEY_HASH_2,
    RDB_ENC_VALKEY_PATH_HASH,
    RDB_ENC_GCRA,
    RDB_ENC_KEYDB_CRON,
    RDB_ENC_DRAGONFLY_JSON,
    RDB_ENC_DRAGONFLY_HASH_EXPIRY,
    RDB_ENC_DRAGONFLY_SET_EXPIRY,
    RDB_ENC_DRAGONFLY_SBF,
    RDB_ENC_COUNT
};

/* Lower-case name as the file format calls it ("hash_listpack", "list_quicklist_2", ...). Never NULL. */
const char *rdb_encoding_name(enum rdb_encoding encoding);
const char *rdb_type_name(enum rdb_type type);

struct rdb_id { /* a stream id */
    uint64_t ms, seq;
};

enum rdb_event_kind {
    RDB_EVENT_HEADER,         /* header */
    RDB_EVENT_AUX,            /* aux; also after keys: KeyDB's member expiry */
    RDB_EVENT_MODULE_AUX,     /* module_aux */
    RDB_EVENT_FUNCTION,       /* function */
    RDB_EVENT_DATABASE,       /* database: SELECTDB; may repeat */
    RDB_EVENT_RESIZEDB,       /* resizedb */
    RDB_EVENT_SLOT_INFO,      /* slot_info (Redis opcode; Valkey's aux "slot-info" comes as AUX) */
    RDB_EVENT_KEY,            /* key: starts a record */
    RDB_EVENT_STRING,         /* string: the value of a string key */
    RDB_EVENT_ELEMENT,        /* element: of a list, set, sorted set, hash stored element by element */
    RDB_EVENT_PACKED,         /* packed: a blob of a list, set, sorted set or hash; lists have one per node. Hashes of a
                               * template (types 29 to 32) come as elements, for their blob holds values alone */
    RDB_EVENT_ARRAY_ITEM,     /* array_item */
    RDB_EVENT_STREAM_NODE,    /* stream_node: id of the node and its listpack */
    RDB_EVENT_STREAM_META,    /* stream_meta: after the nodes */
    RDB_EVENT_STREAM_GROUP,   /* stream_group */
    RDB_EVENT_STREAM_PENDING, /* stream_pending: of the group, of a consumer, or released */
    RDB_EVENT_STREAM_CONSUMER, /* stream_consumer: its pending ids follow */
    RDB_EVENT_STREAM_PRODUCER, /* stream_producer: idempotent producer (8.6+), its ids follow */
    RDB_EVENT_STREAM_IID,      /* stream_iid */
    RDB_EVENT_MODULE_ITEM,     /* module_item: of a module value */
    RDB_EVENT_KEY_END,         /* key_end: ends a record; always follows RDB_EVENT_KEY unless parsing fails */
    RDB_EVENT_STRING_KEY,      /* string_key: the whole record of a string key; rdb_options.joins_strings */
    RDB_EVENT_FINDING,         /* finding: an inconsistency that parsing survives */
    RDB_EVENT_PASSED,          /* passed: rdb_options.pass_bytes */
    RDB_EVENT_END              /* end: last event of a complete snapshot */
};

struct rdb_header {
    enum rdb_dialect dialect;
    unsigned version; /* 1..15 (REDIS), 80, 81 (VALKEY) */
};

struct rdb_key {
    struct rdb_string name;
    enum rdb_type type;
    enum rdb_encoding encoding;
    uint64_t count; /* elements (hash: fields) as the record claims; for packed and unknown: 0 */
    int64_t expire_at_ms;
    uint64_t idle_seconds;
    uint64_t module_id;   /* RDB_TYPE_MODULE */
    char module_name[10]; /* RDB_TYPE_MODULE: nine characters; else "" */
    uint8_t lfu_frequency;
    uint8_t metadata_classes; /* Redis 8.6+ key metadata attached to this key */
    bool has_expiry, has_idle, has_frequency;
};

/* What RDB_EVENT_KEY, RDB_EVENT_STRING and RDB_EVENT_KEY_END would have said of an undamaged string key. */
struct rdb_string_key {
    struct rdb_key key;
    struct rdb_string value;
    uint64_t stored_bytes; /* of the value in the file */
    uint64_t end;          /* offset behind the record */
};

struct rdb_element {
    struct rdb_string text;  /* list element, set member, sorted-set member, hash field */
    struct rdb_string value; /* hashes only */
    double score;            /* sorted sets only */
    int64_t expire_at_ms;    /* hash field (Dragonfly: set member) expiry; 0 = none */
};

enum rdb_array_tag { RDB_ARRAY_STRING, RDB_ARRAY_INT, RDB_ARRAY_FLOAT, RDB_ARRAY_SMALL_STRING };

struct rdb_array_item {
    uint64_t index;
    enum rdb_array_tag tag;
    struct rdb_string string;
    int64_t integer;
    double number;
};

struct rdb_stream_meta {
    uint64_t length; /* live entries */
    struct rdb_id last_id, first_id, max_deleted_id;
    uint64_t entries_added;
    uint64_t groups;
    bool has_v2; /* first_id, max_deleted_id, entries_added are in the file */
};

struct rdb_stream_group {
    struct rdb_string name;
    struct rdb_id last_id;
    uint64_t pending; /* entries of the group's pending list that follow */
};

enum rdb_pending_owner { RDB_PENDING_GROUP, RDB_PENDING_CONSUMER, RDB_PENDING_RELEASED };

struct rdb_stream_pending {
    struct rdb_id id;
    enum rdb_pending_owner owner;
    int64_t delivery_time_ms; /* RDB_PENDING_GROUP only, as the count */
    uint64_t delivery_count;
};

struct rdb_stream_consumer {
    struct rdb_string name;
    int64_t seen_time_ms, active_time_ms;
    uint64_t pending;
};

struct rdb_stream_producer {
    struct rdb_string id;
    uint64_t entries;
    uint64_t duration_seconds; /* the stream's own idmp-duration: how long ids are remembered */
};

struct rdb_stream_iid {
    struct rdb_string iid;
    struct rdb_id id;
};

enum rdb_module_opcode { RDB_MODULE_SINT = 1, RDB_MODULE_UINT, RDB_MODULE_FLOAT, RDB_MODULE_DOUBLE, RDB_MODULE_STRING };

struct rdb_module_item {
    enum rdb_module_opcode opcode;
    uint64_t integer;
    double number;
    struct rdb_string string;
};

/* Things that a server would load, or that cost one key only. */
enum rdb_finding_kind {
    RDB_FINDING_DAMAGED_VALUE,  /* inside an intact record; the key is counted as damaged */
    RDB_FINDING_COUNT_MISMATCH, /* RESIZEDB or slot counts against what was read */
    RDB_FINDING_TRAILING_BYTES,
    RDB_FINDING_OTHER
};

enum rdb_checksum {
    RDB_CHECKSUM_OK,
    RDB_CHECKSUM_MISMATCH,
    RDB_CHECKSUM_NOT_COMPUTED, /* the file holds zero: its writer had checksums off */
    RDB_CHECKSUM_ABSENT,       /* before RDB 5 there is none */
    RDB_CHECKSUM_SKIPPED       /* not asked for */
};

struct rdb_end {
    enum rdb_checksum checksum;
    uint64_t checksum_stored, checksum_computed;
    uint64_t snapshot_bytes; /* magic through trailer */
    uint64_t trailing_bytes; /* behind the trailer; 0 when the source ends there */
    bool trailing_is_aof;    /* they begin like AOF commands (a preamble's tail) */
    bool trailing_is_mark;   /* they are the mark that ends a snapshot sent between servers (40 hexadecimal digits) */
};

struct rdb_event {
    enum rdb_event_kind kind;
    uint64_t offset; /* of the first byte of this item in the snapshot */
    union {
        struct rdb_header header;
        struct {
            struct rdb_string name, value;
        } aux;
        struct {
            char name[10];
            uint64_t stored_bytes;
        } module_aux;
        struct {
            struct rdb_string code;
            bool pre_ga;
        } function;
        struct {
            uint64_t db;
        } database;
        struct {
            uint64_t keys, expires;
        } resizedb;
        struct {
            uint64_t slot, keys, expires;
        } slot_info;
        struct rdb_key key;
        struct rdb_string_key string_key; /* its key is `key` */
        struct rdb_string string;
        struct rdb_element element;
        struct rdb_packed packed;
        struct rdb_array_item array_item;
        struct {
            struct rdb_id id;
            struct rdb_packed packed;
        } stream_node;
        struct rdb_stream_meta stream_meta;
        struct rdb_stream_group stream_group;
        struct rdb_stream_pending stream_pending;
        struct rdb_stream_consumer stream_consumer;
        struct rdb_stream_producer stream_producer;
        struct rdb_stream_iid stream_iid;
        struct rdb_module_item module_item;
        struct {
            uint64_t stored_bytes;
            bool damaged;
        } key_end; /* value bytes in the file */
        struct {
            enum rdb_finding_kind kind;
            const char *message;
        } finding;
        struct {
            uint64_t keys; /* since the last such event */
            bool is_last;
        } passed;
        struct rdb_end end;
    };
};

/* Receives every event in file order. Returns RDB_OK to go on. */
typedef enum rdb_status rdb_sink(void *context, const struct rdb_event *event);

struct rdb_options {
    bool skip_checksum;
    /* Check every packed blob, whether or not the sink walks it, as sanitize-dump-payload yes, in bounded memory: of
     * one value 524,288 members are compared with each other, by what is at hand of them. */
    bool deep;
    /* String keys that lie in the window whole, as nearly all do, come as one RDB_EVENT_STRING_KEY in place of three
     * events. Not in a deep parse. */
    bool joins_strings;
    size_t window_bytes;     /* input window; 0: 256 KiB. Tests use tiny windows */
    size_t max_name_bytes;   /* key and field names are whole up to here, or to a window's size; 0: 1 MiB */
    size_t max_unpack_bytes; /* largest LZF blob that is unpacked whole, longer ones piece by piece; 0: 16 MiB */
    /* Not 0: keys are not delivered, but passed over; only what tells where they end is looked at. RDB_EVENT_PASSED
     * comes before the first key, then each time that so many bytes or keys (0: any number) have been passed over, and
     * behind the last one; its offset is a place between two records. Records inside a compressed blob are an error
     * then. */
    uint64_t pass_bytes, pass_keys;
    size_t max_template_bytes; /* the fields of all hash templates; 0: 16 MiB. Beyond, parsing ends: RDB_ERR_LIMIT */
};

/* Parses one snapshot. `options` may be NULL. Returns RDB_OK after RDB_EVENT_END; a checksum mismatch is not an error
 * of this call but the verdict in struct rdb_end. On failure *error says where and why, and what the sink got before
 * holds. */
RDB_MUST_CHECK enum rdb_status rdb_parse(struct rdb_source *source, const struct rdb_options *options, rdb_sink *sink,
                                         void *context, struct rdb_error *error);

/* ---- parts --------------------------------------------------------------------------------------------------------
 *
 * Records between two places of a snapshot, apart from all others: so that several threads can have a part each. A
 * place is the offset of an RDB_EVENT_PASSED but the first, or where what precedes the first key begins: the end of the
 * header, or the offset of the last event. */

enum { RDB_HEADER_BYTES = 9 };

struct rdb_part_parser;

/* For parts of a snapshot with that header, one after the other. NULL when out of memory. */
struct rdb_part_parser *rdb_part_parser_new(const struct rdb_header *header, const struct rdb_options *options);
void rdb_part_parser_free(struct rdb_part_parser *parser);
/* Parses the part that `source` delivers, whose first byte is at `offset` of the snapshot. Delivers what rdb_parse
 * would deliver of these records, and what is between them, but compares no counts. RDB_OK: it ended where a record
 * ends. Hash templates are those of the part itself: one that refers to another part's fails as corrupt. */
RDB_MUST_CHECK enum rdb_status rdb_part_parse(struct rdb_part_parser *parser, struct rdb_source *source,
                                              uint64_t offset, rdb_sink *sink, void *context, struct rdb_error *error);

#endif
