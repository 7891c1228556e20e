/* Section violations: hashes, sets and sorted sets that limits keep from being packed, and packed ones beyond a limit.
 */
#ifndef VIOLATIONS_H
#define VIOLATIONS_H

#include "collector.h"
#include "key_pattern.h"
#include "top_list.h"

enum violation {
    VIOLATION_ENTRIES,      /* a table: too many entries */
    VIOLATION_INTEGERS,     /* a table: a set of too many integers for an intset */
    VIOLATION_LENGTH,       /* a table: an element is too long */
    VIOLATION_NOT_INTEGERS, /* a table: a set of integers but for a few members, where text is never packed */
    VIOLATION_UNPACKED,     /* packed in the file, but has too many entries for the target: loading unpacks it */
    VIOLATION_UNPACKED_SET, /* likewise an intset of too many integers */
    VIOLATION_KEPT,         /* packed, and stays so, although an element is too long: loading tests counts only */
    VIOLATION_STALE,        /* a table in the file although within all limits: loading packs it */
    VIOLATION_LIST_BYTES,   /* a list of several nodes: too many bytes for one */
    VIOLATION_LIST_ENTRIES, /* likewise, too many elements */
    VIOLATION_COUNT
};

/* Which violation a key's value is under view 0; VIOLATION_COUNT when it is none, or of a type without such limits.
 * Fills *packing (zeroed by the caller) unless the answer needs none. */
enum violation violation_of(const struct plan *plan, const struct record *record, struct packing *packing);

struct violation_sum {
    uint64_t keys, bytes;
    uint64_t packable_keys, saved_bytes; /* keys that have a packed form, and what it would save */
    uint64_t near_keys, near_saved;      /* of those, keys at most a quarter over the limit */
    uint64_t worst;                      /* largest count or length */
    int64_t limit;
    enum setting limit_setting;
};

/* The key of a pattern that is worst off, and the element that breaks its limit: a field, or a member. */
struct violation_example {
    uint64_t measure; /* bytes that it would save, or has; 0: there is none yet */
    uint64_t key_len;
    uint8_t key_bytes, element_len;
    uint8_t key[KEY_PATTERN_MAX];
    uint8_t element[RECORD_STRAY_BYTES];
};

/* By database, pattern, type and reason; the lighter half is dropped when there are too many. */
struct violation_row {
    uint64_t hash, db;
    enum object_type type;
    enum violation violation;
    uint8_t pattern_len;
    uint8_t pattern[KEY_PATTERN_MAX];
    struct violation_sum sum;
    struct violation_example example;
};

enum { VIOLATION_ROWS = 1 << 12 };

struct violation_rows {
    uint32_t count, capacity;
    struct violation_row *row;
    uint32_t *slot; /* index + 1; 2 * capacity of them */
    uint64_t dropped_keys;
};

void violation_rows_release(struct violation_rows *rows);
/* The row of the record's pattern. */
struct violation_row *violation_rows_find(struct violation_rows *rows, const struct collect_context *context,
                                          const struct record *record, enum violation violation);
/* Takes it for the row's example if none is worse off; ties go by name. `culprit` may be NULL. */
void violation_row_offer(struct violation_row *row, const struct record *record, uint64_t measure,
                         const struct record_stray *culprit);
void violation_rows_merge(struct violation_rows *rows, const struct violation_rows *other);
void violation_rows_archive(struct violation_rows *rows, struct archive *archive);
/* Stand-ins for names and fields; members, which are values, go. */
void violation_rows_hide(struct violation_rows *rows, const struct doc_hider *hider);
/* Those that would save most first. The caller frees the array. */
const struct violation_row **violation_rows_sorted(const struct violation_rows *rows);

void violation_sum_add(struct violation_sum *to, const struct violation_sum *from);
void violation_sum_archive(struct violation_sum *sum, struct archive *archive);
/* What a sum says first: what packing would save, then what there is. */
int violation_sum_compare(const struct violation_sum *a, const struct violation_sum *b);

struct violations {
    struct violation_sum sum[OBJECT_TYPE_COUNT][VIOLATION_COUNT];
    struct violation_rows rows;
    struct top_list examples;
};

void violations_init(void *self, const struct collect_context *context);
void violations_add(void *self, const struct collect_context *context, const struct record *record);
bool violations_depend_on_order(const void *self);
void violations_merge(void *self, const void *other, const struct collect_context *context);
void violations_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                       struct document *document);
void violations_release(void *self);
void violations_hide(void *self, const struct doc_hider *hider);
/* collector.h, archive(). */
void violations_archive(void *self, const struct collect_context *context, struct archive *archive);

#endif
