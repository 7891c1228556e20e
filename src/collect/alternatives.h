/* Alternatives: what keys would take in another form, gathered by database, type and pattern of the names for all
 * sections that propose one: grouped into hashes, a JSON document as a hash, compressed by the client, a number as an
 * integer, under a shorter name. They are kept side by side because they are about the same bytes: a key can be changed
 * one way only, and the joint figure (savings.c) takes the best way of each row.
 *
 * Bounded: ALTERNATIVES_ROWS rows, of which the lighter half is dropped when they are full (a row that came after that
 * is_late: it may lack keys), and GROUPING_CELLS hashes (grouping.h). Up to there everything is exact. */
#ifndef ALTERNATIVES_H
#define ALTERNATIVES_H

#include "best_savings.h"
#include "collector.h"
#include "key_pattern.h"
#include "record.h"

enum alternative {
    ALTERNATIVE_GROUPED,    /* with others of its pattern in one hash */
    ALTERNATIVE_HASH,       /* a JSON object as a hash */
    ALTERNATIVE_COMPRESSED, /* by the client */
    ALTERNATIVE_INTEGER,    /* a number written so that the server keeps it as an integer */
    ALTERNATIVE_SHORT_NAME, /* under a shorter name */
    ALTERNATIVE_SPARSE,     /* a HyperLogLog in its sparse form */
    ALTERNATIVE_COUNT
};

struct alternative_sum {
    uint64_t keys, before, after; /* before, after: size_in_bytes of those keys */
};

/* Why a number is not kept as an integer. */
enum number_kind {
    NUMBER_LEADING_ZERO, /* 007, +7, -0 */
    NUMBER_FRACTION,     /* 1.50, 2e9 */
    NUMBER_BLANKS,       /* blanks around it */
    NUMBER_TOO_LARGE,    /* beyond 64 bits */
    NUMBER_KINDS
};

enum { ALTERNATIVES_ROWS = 1 << 13, ALTERNATIVES_LONG_NAME = 32 };

struct alternative_row {
    uint64_t hash; /* of database, type and pattern */
    uint64_t db;
    enum object_type type;
    uint32_t serial; /* never used again, so that cells can name a row that moves */
    bool is_late;    /* rows were dropped before it came: keys of it may be missing */
    uint8_t pattern_len;
    uint8_t pattern[KEY_PATTERN_MAX];
    uint64_t keys, bytes, expiring;                /* all of its keys that were looked at */
    struct alternative_sum sum[ALTERNATIVE_COUNT]; /* GROUPED: `after` is in the cells */
    struct {
        uint8_t digits;            /* of the name's last number that become the field; 0: none was found */
        uint8_t name_len, at, len; /* a name for example, and its field */
        uint8_t name[KEY_PATTERN_MAX];
        uint64_t expiring, left, fields;
        uint8_t id_at;         /* where in the example the id begins that the number may be */
        bool is_id;            /* the example's field is an id */
        bool as_ids_lost;      /* not all of the long numbers are kept as ids, too */
        uint64_t sample_below; /* only cells below this rank were kept: grouping_cells.h; 0: all */
    } grouping;
    struct {
        uint64_t sampled;  /* documents that stand for others too */
        int64_t change;    /* sum over those: what they take as hashes, less what they take */
        uint64_t squares;  /* of those changes */
        uint64_t larger;   /* of ALTERNATIVE_HASH: those that would grow */
        uint64_t too_long; /* begin as a document, but are longer than is looked at */
        uint64_t fields;
    } json;
    uint64_t numbers[NUMBER_KINDS];
    struct {
        uint64_t keys, bytes, stored_bytes;
    } bitmaps;
    uint64_t value_bytes, stored_bytes; /* of ALTERNATIVE_COMPRESSED: lengths, plain and compressed */
    uint64_t sparse_longest;            /* of ALTERNATIVE_SPARSE */
    uint64_t name_bytes;                /* of ALTERNATIVE_SHORT_NAME: their names */
    uint8_t name_cut;                   /* bytes that abbreviating its words takes off a name */
    struct row_changes changes;         /* what sections that look at single keys found out of them */
};

struct grouping;

/* What a string of a length under a name of a length was costed at last. */
struct alternative_memo {
    uint32_t wanted, bytes;
};
enum { MEMO_BITS = 10 };

struct alternatives {
    const struct plan *plan;
    struct shape *shape; /* for made-up values */
    uint32_t count, next_serial, maximum;
    uint64_t dropped; /* rows */
    uint64_t dropped_keys;
    uint64_t changes_left_out;   /* rows whose `changes` a summary had no room for */
    struct alternative_row *row; /* maximum of them */
    uint64_t *slot;              /* hash's upper half and index + 1; 0 is free; 2 * maximum of them at least */
    uint32_t slot_mask;
    struct grouping *grouping;
    struct alternative_memo memo[1 << MEMO_BITS];
};

struct alternatives *alternatives_new(const struct collect_context *context);
void alternatives_free(struct alternatives *alternatives);
/* The row of a record's pattern, for the next two, until a new one is made; ALTERNATIVES_NO_ROW: no change of such keys
 * is looked at. A new row drops others where the table is full. */
enum { ALTERNATIVES_NO_ROW = -1U };
uint32_t alternatives_row(struct alternatives *alternatives, const struct collect_context *context,
                          const struct record *record);
bool alternatives_are_full(const struct alternatives *alternatives);
/* collector.h, depends_on_order() and is_large(). */
bool alternatives_depend_on_order(const struct alternatives *alternatives);
bool alternatives_are_large(const struct alternatives *alternatives, unsigned sharers);
/* For all keys that the record stands for. */
void alternatives_add_sums(struct alternatives *alternatives, uint32_t row, const struct record *record);
/* Once a key. Returns its row; NULL: none. */
struct alternative_row *alternatives_add_key(struct alternatives *alternatives, uint32_t row,
                                             const struct key_pattern *pattern, const struct record *record);
/* Of strings that are alike: what is known of all of them with the first one; and likewise, once a key, of those whose
 * names are shorter than ALTERNATIVES_LONG_NAME and after grouping_names_upto, and of which no value bytes are
 * offered. `record`: NULL where there is none yet. False: there must be one, or it goes through alternatives_add_key.
 */
struct grouped_key;
void alternatives_prepare(struct alternatives *alternatives, uint32_t row, const struct key_pattern *pattern,
                          const struct record *record, struct grouped_key *prepared);
bool alternatives_add_short(struct alternatives *alternatives, const struct grouped_key *prepared,
                            const struct key_pattern *pattern, const uint8_t *name, const struct record *record);
/* The hash of the pattern of a row's names, as key_pattern_hash has it. */
uint64_t alternatives_pattern_hash(const struct alternative_row *row);
/* Before rows are read: some keys are added late. */
void alternatives_flush(const struct alternatives *alternatives);
/* `other` may be of a summary: where cells of a row are a sample, they are one afterwards. */
void alternatives_merge(struct alternatives *alternatives, const struct alternatives *other);

/* Puts stand-ins in place of the patterns; of names for example nothing is left. */
void alternatives_hide(struct alternatives *alternatives, const struct doc_hider *hider);
/* A new row, for readers of archives; NULL when there is one. */
struct alternative_row *alternatives_append(struct alternatives *alternatives, uint64_t hash);
/* NULL when there is none. */
struct alternative_row *alternatives_find(const struct alternatives *alternatives, uint64_t hash);
struct archive;
/* Writes the heaviest rows, as many as COLLECT_ARCHIVE_ALTERNATIVES holds, and a sample of their cells, or reads
 * them. */
void alternatives_archive(struct alternatives *alternatives, struct archive *archive);

/* Costs a string value of another form, or under another name. */
uint64_t alternatives_string_bytes(struct alternatives *alternatives, const struct key_facts *key,
                                   const struct shape_text *text);
static inline void alternative_sum_add(struct alternative_sum *sum, uint64_t before, uint64_t after, uint64_t weight)
{
    sum->keys += weight;
    sum->before += before * weight;
    sum->after += after * weight;
}
static inline uint64_t alternative_saved(const struct alternative_sum *sum)
{
    return sum->before > sum->after ? sum->before - sum->after : 0;
}

/* Rows where an alternative saves something, most saved first; *count of them. The caller frees the array. */
const struct alternative_row **alternatives_sorted(const struct alternatives *alternatives,
                                                   enum alternative alternative, size_t *count);
/* Below that an alternative is not worth an action: a hundredth of the data. */
uint64_t alternatives_worth(const struct collect_context *context);
/* Says what the bounds left out, where they did. */
void alternatives_note_bounds(const struct alternatives *alternatives, struct doc_section *section);

/* The columns that rows begin with in every section: pattern, database, type; and their cells. */
#define ALTERNATIVE_COLUMNS                                                                                            \
    {"pattern", "Pattern", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},                                                \
        {"database", "DB", DOC_COUNT, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL},                                           \
    {                                                                                                                  \
        "type", "Type", DOC_TEXT, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL                                                 \
    }
#define ALTERNATIVE_CELLS(row)                                                                                         \
    doc_name_of(DOC_THEIR_NAME, (row)->pattern, (row)->pattern_len, (row)->pattern_len), doc_count((row)->db),         \
        doc_text(object_type_name((row)->type))
enum { ALTERNATIVE_MAX_TABLE = 1000 }; /* rows of a section in formats that are not for paper */

/* A section whose table is the rows that an alternative is about, with an action for those that it saves enough on. */
struct alternative_table {
    enum alternative alternative;
    const struct doc_column *columns;
    size_t column_count;
    void (*write_row)(struct doc_table *table, const struct alternative_row *row);
    /* Numbers begin with 1. NULL: no row has an action of its own. */
    void (*write_action)(const struct alternative_row *row, size_t number, struct document *document);
};
/* Begins the section; its notes are the caller's. *rows: how many there are. */
struct doc_section *alternative_table_write(const struct alternative_table *what, const struct collect_context *context,
                                            const struct collector *collector, struct document *document, size_t *rows);

enum { ALTERNATIVE_NAME_SIZE = 2 * KEY_PATTERN_MAX + 1 };
/* The pattern for use inside a sentence, as the document shows names: its printable ASCII, all else as '?'. */
const char *alternative_pattern(const struct alternative_row *row, struct document *document,
                                char text[ALTERNATIVE_NAME_SIZE]);
/* Likewise of any pattern. */
const char *alternative_shown(const uint8_t *pattern, size_t len, struct document *document,
                              char text[ALTERNATIVE_NAME_SIZE]);

/* The subjects, each in its own file: grouping.c, json_strings.c, compressible.c, text_numbers.c, key_names.c,
 * sparse_values.c. */
void json_strings_add(struct alternatives *alternatives, struct alternative_row *row, const struct record *record);
/* For all keys that the record stands for; the others once a key. */
void compressible_add(struct alternatives *alternatives, struct alternative_row *row, const struct record *record);
void text_numbers_add(struct alternatives *alternatives, struct alternative_row *row, const struct record *record);
void hyperloglog_add(struct alternatives *alternatives, struct alternative_row *row, const struct record *record);
void bitmap_add(struct alternative_row *row, const struct record *record);
void key_names_add(struct alternatives *alternatives, struct alternative_row *row, const struct record *record);
/* Bytes that key_names.c's abbreviation takes off names of this pattern. */
unsigned key_names_cut(const struct key_pattern *pattern);

#endif
