/* Section violations: hashes, sets and sorted sets that limits keep from being packed, and packed ones beyond a limit.
 */
#ifndef VIOLATIONS_H
#define VIOLATIONS_H

#include "collector.h"
#include "top_list.h"

enum violation {
    VIOLATION_ENTRIES,      /* a table: too many entries */
    VIOLATION_INTEGERS,     /* a table: a set of too many integers for an intset */
    VIOLATION_LENGTH,       /* a table: an element is too long */
    VIOLATION_NOT_INTEGERS, /* a table: a set of integers but for a few members, where text is never packed */
    VIOLATION_UNPACKED,     /* packed in the file, but has too many entries for the target: loading unpacks it */
    VIOLATION_KEPT,         /* packed, and stays so, although an element is too long: loading tests counts only */
    VIOLATION_STALE,        /* a table in the file although within all limits: loading packs it */
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

struct violations {
    struct violation_sum sum[OBJECT_TYPE_COUNT][VIOLATION_COUNT];
    struct top_list examples;
};

void violations_init(void *self, const struct collect_context *context);
void violations_add(void *self, const struct collect_context *context, const struct record *record);
void violations_merge(void *self, const void *other, const struct collect_context *context);
void violations_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                       struct document *document);
void violations_release(void *self);
void violations_hide(void *self, const struct doc_hider *hider);
/* collector.h, archive(). */
void violations_archive(void *self, const struct collect_context *context, struct archive *archive);

#endif
