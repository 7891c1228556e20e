#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "collect/top_list.h"
#include "complain.h"
#include "diff.h"
#include "run.h"

/* How sure a size is. */
enum known {
    KNOWN_NOT,    /* it is not among the heaviest, and was not looked up: less than the lightest of those */
    KNOWN_ABSENT, /* the side has no such key */
    KNOWN_SIZE
};

struct candidate {
    const struct top_item *item; /* of either side: its name */
    uint64_t bytes[2];
    enum known known[2];
};

struct candidates {
    size_t count, slot_mask;
    struct candidate *candidate;
    uint32_t *slot; /* index + 1 */
};

/* ---- the union of both lists ---------------------------------------------------------------------------------------
 */

static uint64_t hash_of(uint64_t db, const uint8_t *name, size_t len, uint64_t full_len)
{
    uint64_t hash = db * UINT64_C(0x9e3779b97f4a7c15) ^ full_len;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ name[i]) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 29;
}

static struct candidate *find(const struct candidates *all, uint64_t db, const uint8_t *name, size_t len,
                              uint64_t full_len, size_t *at)
{
    for (*at = hash_of(db, name, len, full_len) & all->slot_mask; all->slot[*at] != 0;
         *at = (*at + 1) & all->slot_mask) {
        struct candidate *candidate = &all->candidate[all->slot[*at] - 1];
        const struct top_item *item = candidate->item;
        if (item->db == db && item->name_full_len == full_len && item->name_len == len &&
            (len == 0 || memcmp(item->name, name, len) == 0))
            return candidate;
    }
    return NULL;
}

static void join(struct candidates *all, const struct top_list *const list[2])
{
    size_t slots = 2, most = list[0]->count + list[1]->count;
    while (slots < 2 * most)
        slots *= 2;
    all->slot_mask = slots - 1;
    all->slot = xcalloc(slots, sizeof *all->slot);
    all->candidate = xcalloc(most + 1, sizeof *all->candidate);
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < list[side]->count; i++) {
            const struct top_item *item = &list[side]->item[i];
            size_t at;
            struct candidate *candidate = find(all, item->db, item->name, item->name_len, item->name_full_len, &at);
            if (candidate == NULL) {
                candidate = &all->candidate[all->count++];
                all->slot[at] = (uint32_t)all->count;
                candidate->item = item;
            }
            candidate->bytes[side] = item->bytes;
            candidate->known[side] = KNOWN_SIZE;
        }
}

/* ---- looking up ----------------------------------------------------------------------------------------------------
 */

struct lookup {
    struct candidates *all;
    int side;
    size_t wanted; /* not found yet */
};

static bool look_up(void *self, struct record *record)
{
    struct lookup *lookup = self;
    size_t at, len = record->key_bytes < TOP_NAME_MAX ? record->key_bytes : TOP_NAME_MAX;
    struct candidate *candidate = find(lookup->all, record->db, record->key, len, record->key_len, &at);
    if (candidate != NULL && candidate->known[lookup->side] != KNOWN_SIZE) {
        candidate->known[lookup->side] = KNOWN_SIZE;
        candidate->bytes[lookup->side] = record->cost.size_in_bytes;
        lookup->wanted--;
    }
    return lookup->wanted != 0;
}

static enum exit_status lookup_end(void *self, const struct run_context *context)
{
    struct lookup *lookup = self;
    for (size_t i = 0; i < lookup->all->count && !context->file->partial; i++) {
        struct candidate *candidate = &lookup->all->candidate[i];
        if (candidate->known[lookup->side] == KNOWN_NOT && lookup->wanted != 0)
            candidate->known[lookup->side] = KNOWN_ABSENT;
    }
    return EXIT_STATUS_DONE;
}

/* A list that is not full has every key of its side. */
static void settle_short_list(struct candidates *all, int side, const struct top_list *list)
{
    for (size_t i = 0; i < all->count && list->count < list->maximum; i++)
        if (all->candidate[i].known[side] == KNOWN_NOT)
            all->candidate[i].known[side] = KNOWN_ABSENT;
}

static enum exit_status look_up_side(const struct diff *diff, struct candidates *all, int side)
{
    static const struct run_job job = {.add = look_up, .end = lookup_end};
    struct lookup lookup = {all, side, 0};
    const char *paths[] = {diff->path[side]};
    struct cli_options own = *diff->options;
    for (size_t i = 0; i < all->count; i++)
        lookup.wanted += all->candidate[i].known[side] == KNOWN_NOT;
    if (lookup.wanted == 0 || !diff->is_snapshot[side])
        return EXIT_STATUS_DONE;
    own.operands = (struct operand_list){paths, 1, 1};
    own.input.skip_checksum = true;
    return run_snapshot(&job, &lookup, &own, diff->environment);
}

/* ---- writing -------------------------------------------------------------------------------------------------------
 */

enum key_change { KEY_GREW, KEY_SHRANK, KEY_APPEARED, KEY_VANISHED, KEY_CHANGES };

static const struct {
    const char *id, *title;
} changes[KEY_CHANGES] = {
    [KEY_GREW] = {"grew", "Keys that grew most"},
    [KEY_SHRANK] = {"shrank", "Keys that shrank most"},
    [KEY_APPEARED] = {"appeared", "Heaviest keys that were not there"},
    [KEY_VANISHED] = {"vanished", "Heaviest keys that are gone"},
};

static const struct doc_column columns[] = {
    {"key", "Key", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"database", "DB", DOC_COUNT, DOC_COLUMN_KEY | DOC_COLUMN_OPTIONAL},
    {"type", "Type", DOC_TEXT, 0},
    {"old_bytes", "Before", DOC_BYTES, 0},
    {"new_bytes", "Now", DOC_BYTES, 0},
    {"change_bytes", "Change", DOC_DELTA, 0},
    {"is_bound", "At least that much", DOC_BOOL, DOC_COLUMN_OPTIONAL},
};

/* KEY_CHANGES when nothing changed, or nothing can be said: a side that is not known may hold up to `floor` bytes. */
static enum key_change change_of(const struct candidate *candidate, const uint64_t floor[2])
{
    uint64_t low[2], high[2];
    for (int side = 0; side < 2; side++) {
        low[side] = candidate->known[side] == KNOWN_SIZE ? candidate->bytes[side] : 0;
        high[side] = candidate->known[side] == KNOWN_NOT ? floor[side] : low[side];
    }
    if (candidate->known[DIFF_OLD] == KNOWN_ABSENT)
        return KEY_APPEARED;
    if (candidate->known[DIFF_NEW] == KNOWN_ABSENT)
        return KEY_VANISHED;
    return low[DIFF_NEW] > high[DIFF_OLD] ? KEY_GREW : low[DIFF_OLD] > high[DIFF_NEW] ? KEY_SHRANK : KEY_CHANGES;
}

struct sort_item {
    const struct candidate *candidate;
    uint64_t before, now, size; /* what is shown, a bound where it is not known */
};

static int most_first(const void *a, const void *b)
{
    const struct sort_item *x = a, *y = b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    const struct top_item *ix = x->candidate->item, *iy = y->candidate->item;
    if (ix->db != iy->db)
        return ix->db < iy->db ? -1 : 1;
    int order = memcmp(ix->name, iy->name, ix->name_len < iy->name_len ? ix->name_len : iy->name_len);
    return order != 0 ? order : (int)ix->name_len - (int)iy->name_len;
}

static uint64_t shown(const struct candidate *candidate, int side, const uint64_t floor[2])
{
    return candidate->known[side] == KNOWN_NOT ? floor[side] : candidate->bytes[side];
}

static void write_row(struct doc_table *table, const struct sort_item *row)
{
    const struct top_item *item = row->candidate->item;
    bool is_bound = row->candidate->known[0] == KNOWN_NOT || row->candidate->known[1] == KNOWN_NOT;
    const struct doc_value cells[] = {
        doc_name_of(DOC_THEIR_NAME, item->name, item->name_len, item->name_full_len),
        doc_count(item->db),
        doc_text(object_type_name(item->type)),
        row->candidate->known[DIFF_OLD] == KNOWN_ABSENT ? doc_none() : doc_bytes(row->before),
        row->candidate->known[DIFF_NEW] == KNOWN_ABSENT ? doc_none() : doc_bytes(row->now),
        doc_delta((int64_t)(row->now - row->before)),
        doc_bool(is_bound),
    };
    table_row(table, cells);
}

static void write_changes(struct doc_section *section, const struct candidates *all, const uint64_t floor[2],
                          enum key_change wanted, size_t top)
{
    size_t count = 0;
    struct sort_item *row = xcalloc(all->count + 1, sizeof *row);
    for (size_t i = 0; i < all->count; i++) {
        const struct candidate *candidate = &all->candidate[i];
        if (change_of(candidate, floor) != wanted)
            continue;
        uint64_t before = shown(candidate, DIFF_OLD, floor), now = shown(candidate, DIFF_NEW, floor);
        row[count++] = (struct sort_item){candidate, before, now, now > before ? now - before : before - now};
    }
    if (count != 0) {
        struct doc_table *table = section_table(section, changes[wanted].id, changes[wanted].title, columns,
                                                sizeof columns / sizeof *columns, DOC_CHART_NONE);
        qsort(row, count, sizeof *row, most_first);
        for (size_t i = 0; i < count && i < top; i++)
            write_row(table, &row[i]);
    }
    free(row);
}

static void write_notes(struct doc_section *section, const struct candidates *all, const struct top_list *const list[2])
{
    size_t bounds = 0;
    for (size_t i = 0; i < all->count; i++)
        bounds += all->candidate[i].known[0] == KNOWN_NOT || all->candidate[i].known[1] == KNOWN_NOT;
    section_note(section, DOC_INFO,
                 "Compared are the %zu heaviest keys of the old and the %zu heaviest of the new side.",
                 list[DIFF_OLD]->count, list[DIFF_NEW]->count);
    if (bounds != 0)
        section_note(section, DOC_INFO,
                     "%zu of them are among the heaviest of one side only, and a summary does not hold the others: the "
                     "lightest of the heaviest stands for them, and they changed at least as much as is shown.",
                     bounds);
}

enum exit_status diff_write_keys(const struct diff *diff, struct document *document)
{
    struct candidates all = {0};
    const struct top_list *list[2];
    uint64_t floor[2];
    enum exit_status status = EXIT_STATUS_DONE;
    struct doc_section *section = document_section(document, "keys", "Heaviest keys");
    for (int side = 0; side < 2; side++)
        list[side] = collection_state(collection_context(diff->gathered[side]->collection), "top_keys");
    join(&all, list);
    for (int side = 0; side < 2; side++) {
        floor[side] = list[side]->count == list[side]->maximum ? list[side]->floor : 0;
        settle_short_list(&all, side, list[side]);
        status = exit_status_worst(status, look_up_side(diff, &all, side));
    }
    for (int i = 0; i < KEY_CHANGES; i++)
        write_changes(section, &all, floor, (enum key_change)i, (size_t)diff->options->output.top);
    write_notes(section, &all, list);
    free(all.candidate);
    free(all.slot);
    return status;
}
