#include "shape_internal.h"

static void add_integer(struct set_shape *set, int64_t value)
{
    if (set->integers == 0 || value < set->smallest)
        set->smallest = value;
    if (set->integers == 0 || value > set->largest)
        set->largest = value;
    set->integers++;
}

/* A server that reads member by member holds an intset until this one comes. */
static void note_first_text(struct set_shape *set, uint64_t index, uint64_t longest)
{
    set->first_text = index;
    set->longest_then = longest;
    set->smallest_then = set->smallest;
    set->largest_then = set->largest;
}

static __attribute__((noinline)) void add_by_lanes(struct shape *shape, const struct shape_text *member)
{
    struct set_shape *set = &shape->set;
    shape_count_text(shape, member);
    text_sums_add(&set->texts, member->len);
    shape_sum_text(shape, &shape->plan->lanes.set, member);
    set->packed.listpack += listpack_entry(member);
}

void shape_set_member(struct shape *shape, const struct shape_text *member)
{
    struct set_shape *set = &shape->set;
    const struct text_rows *rows = shape->plan->set_rows;
    if (rows && member->len <= TEXT_LANE_SMALL) {
        text_rows_add(&shape->row, rows, member->len);
        shape_count_short(shape, member, &set->packed);
    } else {
        add_by_lanes(shape, member);
    }
    if (shape->plan->counts_numbers && set->first_text == UINT64_MAX)
        number_texts_add(&shape->numbers, member);
    if (member->is_integer)
        add_integer(set, member->integer);
    else if (set->first_text == UINT64_MAX)
        note_first_text(set, shape->elements, shape->longest);
    if (set->first_text != UINT64_MAX && member->len > set->text_longest)
        set->text_longest = member->len;
    shape->elements++;
}
