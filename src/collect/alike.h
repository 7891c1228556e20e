/* Strings alike: keys that no sum of a report tells apart, for they differ only in bytes of the name that the pattern
 * folds, in bytes of the value, and in when they expire. The first of them is added as every key is; those that follow
 * are counted, and go into the sums together: with `more` in their record. What is kept by name or time is added key by
 * key as ever. So most strings of most files are costed and summed up once for thousands of them. */
#ifndef ALIKE_H
#define ALIKE_H

#include "grouping.h"
#include "name_order.h"
#include "plain_string.h"
#include "record.h"

/* Where what lies in `others`; bit 0 is always set. */
enum {
    ALIKE_HAS_EXPIRY = 1,
    ALIKE_IS_EXPIRED,
    ALIKE_HAS_FREQUENCY,
    ALIKE_TEXT_AT, /* string_kind_flags */
    ALIKE_IDLE_AT = 8,
    ALIKE_NAME_AT = 16,
    ALIKE_VALUE_AT = ALIKE_NAME_AT + PLAIN_STRING_BITS,
    ALIKE_DATABASE_AT = ALIKE_VALUE_AT + PLAIN_STRING_BITS
};

/* All that sums depend on. */
struct alike_tag {
    uint64_t pattern_hash, saved;
    uint64_t others; /* database, lengths of name and value, flags; not 0 */
};

/* What every key looks at; the record is apart. */
struct alike {
    struct alike_tag tag;
    uint64_t waiting;    /* so many keys have come that the sums do not have yet */
    uint64_t candidate;  /* hash of the last other tag that came by */
    uint64_t names_upto; /* of collectors that keep names none wants one whose name_word is larger */
    struct grouped_key grouped;
    uint32_t row;      /* of alternatives */
    uint8_t name_from; /* first byte of their names that is not the same in all: their name_word is from there on, */
    uint8_t name_at, name_shift; /* and these are the eight bytes from name_at on less the first name_shift bits */
    bool is_by_itself;           /* something is to be done for each, whatever its name and value are */
};

enum { ALIKE_BITS = 9, ALIKE_ENTRIES = 1 << ALIKE_BITS };

struct alike_table {
    struct alike *entry;   /* ALIKE_ENTRIES of each: */
    struct record *record; /* the first one of an entry; what it borrowed is gone */
    uint32_t used_count;
    uint16_t used[ALIKE_ENTRIES]; /* which ones */
};

void alike_init(struct alike_table *table);
void alike_release(struct alike_table *table);
/* False: it is like no other. `pattern_hash`: of its name. */
bool alike_tag_of(const struct record *record, uint64_t pattern_hash, struct alike_tag *tag);
/* Likewise. */
static inline void alike_tag_of_plain(const struct plain_string *string, uint64_t pattern_hash, struct alike_tag *tag)
{
    tag->pattern_hash = pattern_hash;
    tag->saved = string->saved;
    tag->others = 1 | string->flags << ALIKE_TEXT_AT | (uint64_t)string->name_len << ALIKE_NAME_AT |
                  (uint64_t)string->len << ALIKE_VALUE_AT | string->db << ALIKE_DATABASE_AT;
}
/* The entry of the tag, which another tag may have. */
struct alike *alike_entry(struct alike_table *table, const struct alike_tag *tag);
static inline bool alike_is(const struct alike *entry, const struct alike_tag *tag)
{
    return entry->tag.others == tag->others && entry->tag.pattern_hash == tag->pattern_hash &&
           entry->tag.saved == tag->saved;
}
static inline struct record *alike_record(const struct alike_table *table, const struct alike *entry)
{
    return &table->record[entry - table->entry];
}
/* The name_word of a name of the entry. */
static inline uint64_t alike_name_word(const struct alike *entry, const uint8_t *name, uint32_t len)
{
    return len < 8 ? name_word(name, len, entry->name_from) : name_eight(name + entry->name_at) << entry->name_shift;
}
/* Whether the entry is to be given to the tag, which is not its own: the second time in a row that it comes, so that
 * keys that are like no other do not drive out those that are. */
bool alike_is_due(struct alike *entry, const struct alike_tag *tag);
/* Gives the entry, of which nothing waits any more, to this record, which has been added. `name_from`: what their names
 * begin with is the same so far. */
void alike_take(struct alike_table *table, struct alike *entry, const struct alike_tag *tag,
                const struct record *record, uint8_t name_from);
/* Forgets all entries. Nothing waits in any. */
void alike_clear(struct alike_table *table);

#endif
