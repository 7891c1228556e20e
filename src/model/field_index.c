#include "field_index.h"

#include <stdlib.h>
#include <string.h>

#include "ebuckets.h"
#include "grow.h"
#include "plan_internal.h"

/* An item is its time, which has 48 bits (ebuckets.c), below the number of its database. */
enum { TIME_BITS = 48, DATABASES = 1 << 16 };
static const uint64_t time_mask = ((uint64_t)1 << TIME_BITS) - 1;

/* From here on items are of this part. */
struct mark {
    uint64_t part;
    size_t from;
};

struct field_index {
    const struct plan *plan;
    uint64_t *item; /* in the order of the file */
    size_t count, capacity;
    struct mark *mark;
    size_t mark_count, mark_capacity;
    uint64_t part;  /* of what comes now */
    uint64_t *time; /* by database, once they were asked for; NULL: not since the last change */
    uint32_t *end;  /* of each database's times; they begin where those before end */
};

struct field_index *field_index_new(const struct plan *plan)
{
    struct field_index *index = allocate(1, sizeof *index);
    index->plan = plan;
    return index;
}

static void forget_times(struct field_index *index)
{
    free(index->time);
    free(index->end);
    index->time = NULL;
    index->end = NULL;
}

void field_index_free(struct field_index *index)
{
    if (!index)
        return;
    forget_times(index);
    free(index->item);
    free(index->mark);
    free(index);
}

void field_index_part(struct field_index *index, uint64_t part)
{
    index->part = part;
}

void field_index_end_parts(struct field_index *index)
{
    index->mark_count = index->count != 0;
    if (index->count)
        index->mark[0] = (struct mark){0, 0};
    index->part = 0;
}

static void append(struct field_index *index, uint64_t item, uint64_t part)
{
    if (index->mark_count == 0 || index->mark[index->mark_count - 1].part != part) {
        index->mark = grow(index->mark, &index->mark_capacity, index->mark_count + 1, sizeof *index->mark);
        index->mark[index->mark_count++] = (struct mark){part, index->count};
    }
    index->item = grow(index->item, &index->capacity, index->count + 1, sizeof *index->item);
    index->item[index->count++] = item;
}

void field_index_add(struct field_index *index, unsigned serial, int64_t expire_at_ms)
{
    if (index->count == FIELD_INDEX_LOGGED)
        return;
    if (index->time)
        forget_times(index);
    append(index, ((uint64_t)expire_at_ms & time_mask) | (uint64_t)serial << TIME_BITS, index->part);
}

static size_t end_of(const struct field_index *index, size_t mark)
{
    return mark + 1 < index->mark_count ? index->mark[mark + 1].from : index->count;
}

/* The items of one part, with their databases' other numbers where there are such. */
static void append_part(struct field_index *to, const struct field_index *from, size_t mark, const uint16_t *serial)
{
    for (size_t i = from->mark[mark].from; i < end_of(from, mark) && to->count < FIELD_INDEX_LOGGED; i++) {
        uint64_t number = from->item[i] >> TIME_BITS;
        append(to, (from->item[i] & time_mask) | (serial ? serial[number] : number) << TIME_BITS,
               from->mark[mark].part);
    }
}

void field_index_merge(struct field_index *index, const struct field_index *other, const uint16_t *serial)
{
    struct field_index merged = {.plan = index->plan, .part = index->part};
    size_t own = 0, others = 0;
    if (other->count == 0)
        return;
    while (own < index->mark_count || others < other->mark_count) {
        bool takes_own = others == other->mark_count ||
                         (own < index->mark_count && index->mark[own].part <= other->mark[others].part);
        if (takes_own)
            append_part(&merged, index, own++, NULL);
        else
            append_part(&merged, other, others++, serial);
    }
    forget_times(index);
    free(index->item);
    free(index->mark);
    *index = merged;
}

/* Counting sort: items of one database stay in their order. */
static void sort_times(struct field_index *index)
{
    uint32_t *next = allocate(DATABASES, sizeof *next);
    index->time = allocate(index->count + 1, sizeof *index->time);
    for (size_t i = 0; i < index->count; i++)
        next[index->item[i] >> TIME_BITS]++;
    for (uint32_t i = 0, begin = 0; i < DATABASES; i++) {
        uint32_t items = next[i];
        next[i] = begin;
        begin += items;
    }
    for (size_t i = 0; i < index->count; i++)
        index->time[next[index->item[i] >> TIME_BITS]++] = index->item[i] & time_mask;
    index->end = next;
}

const uint64_t *field_index_times(struct field_index *index, unsigned serial, size_t *count)
{
    if (!index->time)
        sort_times(index);
    size_t begin = serial ? index->end[serial - 1] : 0;
    *count = index->end[serial] - begin;
    return index->time + begin;
}

/* Buckets of times that are spread evenly fill and are split at about the same moment, so what an item takes goes up
 * and down with each doubling: it is taken from a number of items that is smaller by a power of two. */
static size_t items_to_play(size_t count, uint64_t items)
{
    while (items > count)
        items /= 2;
    return items;
}

uint64_t field_index_held(const struct field_index *index, const uint64_t *time, size_t count, uint64_t items,
                          unsigned allocator, uint64_t rax_header)
{
    struct ebuckets ebuckets;
    size_t played = items_to_play(count, items);
    ebuckets_init(&ebuckets, index->plan->classes, index->plan->allocator_count);
    for (size_t i = 0; i < played; i++)
        ebuckets_add(&ebuckets, (int64_t)time[i]);
    ebuckets.items = items;
    uint64_t held = ebuckets_held(&ebuckets, allocator, rax_header);
    ebuckets_release(&ebuckets);
    return held;
}
