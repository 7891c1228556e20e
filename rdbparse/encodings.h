/* Private: the tables of the format. One row says everything about a value type or an opcode of one dialect and range
 * of versions; a number that means several things has several rows. */
#ifndef RDB_ENCODINGS_H
#define RDB_ENCODINGS_H

#include "deep_check.h"

struct rdb_parser;
typedef enum rdb_status rdb_loader(struct rdb_parser *parser);

enum rdb_dialects { RDB_IN_REDIS = 1 << RDB_DIALECT_REDIS, RDB_IN_VALKEY = 1 << RDB_DIALECT_VALKEY, RDB_IN_BOTH = 3 };

/* What lies between the key's name and its elements and belongs into RDB_EVENT_KEY. */
enum rdb_lead {
    RDB_LEAD_NONE,
    RDB_LEAD_COUNT,
    RDB_LEAD_EXPIRE_COUNT, /* the smallest field expiry, then the count */
    RDB_LEAD_MODULE,       /* module id */
    RDB_LEAD_TEMPLATE      /* id of a hash template, which has the count */
};

struct rdb_type_row {
    const char *name;
    rdb_loader *load; /* NULL: known, but nothing tells how long it is */
    enum rdb_encoding encoding;
    enum rdb_type type;
    enum rdb_dialects dialects;
    enum rdb_lead lead;
    enum rdb_packed_form form; /* of packed types */
    enum rdb_check_kind check; /* of a deep parse: what the entries mean */
    uint8_t number;
    uint8_t since, until; /* versions of the dialect */
    uint8_t arity;        /* packed: entries that make one element. Elements: strings that make one */
    uint8_t layout;       /* streams: version of the layout, 1 to 5 */
    /* What passing over the value takes: so many strings, then so many bytes, once or for each element that it counts
     * at its start. 0 strings: its loader. */
    uint8_t passed_strings, passed_tail;
};

struct rdb_opcode_row {
    const char *name;
    rdb_loader *load; /* NULL: as for types */
    enum rdb_dialects dialects;
    uint8_t number;
    uint8_t since, until;
};

/* Newest version whose contents are known. */
unsigned rdb_newest_version(enum rdb_dialect dialect);
bool rdb_version_known(const struct rdb_header *header);
/* Whether the snapshot ends with a checksum. */
bool rdb_has_checksum(const struct rdb_header *header);
const char *rdb_dialect_name(enum rdb_dialect dialect);

/* Fills tables by number with the rows that hold for a dialect and version. NULL where none does. */
void rdb_rows_for(const struct rdb_header *header, const struct rdb_type_row *types[256],
                  const struct rdb_opcode_row *opcodes[256]);

enum rdb_encoding rdb_row_encoding(const struct rdb_type_row *row);

/* What `number` means elsewhere, as text for an error. */
struct rdb_number_use {
    const char *name, *dialect;
    unsigned since, until;
};
/* False when no dialect and version knows the number. */
bool rdb_number_elsewhere(uint8_t number, struct rdb_number_use *use);

#endif
