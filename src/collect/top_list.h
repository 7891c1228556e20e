/* The N heaviest items of a stream, in bounded memory: a heap whose root is the lightest one kept. The order is total
 * and does not depend on the order of arrival: larger measure first, then lower database, then name, then offset in
 * the snapshot, then the text beside it. */
#ifndef TOP_LIST_H
#define TOP_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hiding.h"
#include "record.h"

enum {
    TOP_NAME_MAX = 1024,   /* bytes of a name that are kept */
    TOP_TEXT_MAX = 96,     /* of a text beside it */
    TOP_LIST_MAX = 1 << 16 /* rows that a list holds at most, whatever is asked for */
};

/* What is kept of a key. */
struct top_item {
    uint64_t measure;
    uint64_t db, offset;
    uint8_t *name; /* name_len bytes, owned by the list */
    uint32_t name_len;
    uint64_t name_full_len;
    enum object_type type;
    enum object_encoding encoding;
    uint64_t bytes, elements, longest;
    int64_t expire_at_ms;
    uint64_t idle_seconds;
    bool has_expiry, has_idle;
    uint64_t note[4]; /* what else the list's owner wants to keep */
    uint8_t text[TOP_TEXT_MAX];
    uint8_t text_len;
};

struct top_list {
    size_t count, maximum;
    uint64_t floor; /* measures below it do not get in */
    struct top_item *item;
};

void top_list_init(struct top_list *list, size_t maximum);
void top_list_release(struct top_list *list);
/* Whether a record of this measure may get in: the cheap test before top_list_add. Zero never does. */
static inline bool top_list_wants(const struct top_list *list, uint64_t measure)
{
    return measure >= list->floor;
}
/* Of keys of this measure whose names begin with the first `from` bytes of this record's, all in its database: the
 * list will never want one whose name_word (name_order.h) from there on is larger than this. */
uint64_t top_list_names_upto(const struct top_list *list, uint64_t measure, const struct record *record, size_t from);
/* Copies what is kept. `note` may be NULL. */
void top_list_add(struct top_list *list, uint64_t measure, const struct record *record, const uint64_t note[4]);
/* Likewise, with the first TOP_TEXT_MAX bytes of a text. */
void top_list_add_text(struct top_list *list, uint64_t measure, const struct record *record, const uint64_t note[4],
                       const uint8_t *text, size_t len);
/* A list that was full is complete only as far as it goes: the result goes no further than the shorter of such. */
void top_list_merge(struct top_list *list, const struct top_list *other);
/* Puts stand-ins in place of the names; the texts beside them are for the list's owner. */
void top_list_hide(struct top_list *list, const struct doc_hider *hider);
struct archive;
/* Writes the heaviest items, as many as `budget` bytes hold, or reads them; what is read has room for as many as it was
 * complete to. */
void top_list_archive(struct top_list *list, size_t budget, struct archive *archive);
/* Likewise, with the texts of keys of the types 1 << object_type alone: of others they are values, which are not kept
 * on disk. */
void top_list_archive_texts(struct top_list *list, unsigned types, size_t budget, struct archive *archive);
/* Pointers to the items, heaviest first. The caller frees the array. */
const struct top_item **top_list_sorted(const struct top_list *list);

#endif
