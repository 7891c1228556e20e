#include "size_census.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "plan_internal.h"
#include "shape_internal.h"

enum { SIZES_MAX = 256, SLOTS = 2 * SIZES_MAX };

struct kind_census {
    uint64_t units, held; /* units: what a line counts */
    bool overflows;
    size_t count;
    struct size_count size[SIZES_MAX];
    uint16_t slot[SLOTS]; /* index + 1 */
};

struct size_census {
    const struct planned_view *view;
    const struct lane_table *lanes;
    struct kind_census texts, blobs;
};

struct size_census *size_census_new(const struct plan *plan)
{
    struct size_census *census = allocate(1, sizeof *census);
    census->view = &plan->view[0];
    census->lanes = &plan->lanes;
    return census;
}

void size_census_free(struct size_census *census)
{
    free(census);
}

static unsigned slot_of(const struct kind_census *kind, uint64_t size)
{
    unsigned at = (unsigned)(size / 8 * UINT64_C(0x9e3779b97f4a7c15) >> 40) % SLOTS;
    while (kind->slot[at] && kind->size[kind->slot[at] - 1].size != size)
        at = (at + 1) % SLOTS;
    return at;
}

static void clear(struct kind_census *kind)
{
    memset(kind->slot, 0, sizeof kind->slot);
    kind->units = kind->held = kind->count = 0;
    kind->overflows = false;
}

void size_census_begin(struct size_census *census)
{
    if (census->texts.units)
        clear(&census->texts);
    if (census->blobs.units)
        clear(&census->blobs);
}

static void add_block(struct kind_census *kind, uint64_t held, uint64_t asked)
{
    unsigned at = slot_of(kind, held);
    if (kind->slot[at] == 0) {
        if (kind->count == SIZES_MAX) {
            kind->overflows = true;
            return;
        }
        kind->size[kind->count] = (struct size_count){.size = held};
        kind->slot[at] = (uint16_t)++kind->count;
    }
    struct size_count *size = &kind->size[kind->slot[at] - 1];
    size->count++;
    size->asked += asked;
    kind->held += held;
}

static void add_text(struct size_census *census, const struct text_lane *lane, const struct shape_text *text)
{
    bool is_object = text_is_object(lane->layout);
    uint64_t held =
        is_object ? text_layout_object_bytes(lane->layout, lane->classes, text) : text_lane_bytes(lane, text->len);
    uint64_t asked = is_object ? text_layout_object_bytes(lane->layout, NULL, text)
                               : text_layout_bytes(lane->layout, NULL, text->len);
    if (held)
        add_block(&census->texts, held, asked);
}

/* An expectation is no size. */
static bool is_expectation(const struct text_lane *lane)
{
    return lane->layout == TEXT_NODE_REDIS_8_6 || lane->layout == TEXT_NODE_VALKEY_9_1;
}

void size_census_member(struct size_census *census, enum object_type type, const struct shape_text *member)
{
    const struct view_lanes *lanes = &census->view->lanes;
    const struct text_lane *lane =
        type == OBJECT_SET ? census->lanes->set.lane[lanes->set_held] : census->lanes->zset.lane[lanes->zset_held];
    census->texts.units++;
    if (lane && !is_expectation(lane))
        add_text(census, lane, member);
}

static void add_pair(struct size_census *census, const struct hash_lane *lane, uint64_t field, uint64_t value,
                     bool has_expiry)
{
    struct pair_bytes whole;
    pair_layout_bytes(lane->pair, lane->classes, field, value, has_expiry, &whole);
    uint64_t apart = sds_request(&sds_8_2, value), apart_held = text_layout_bytes(TEXT_SDS_8_2, lane->classes, value);
    uint64_t expiry = has_expiry ? lane->pair->expiry_bytes : 0;
    uint64_t block = expiry + lane->pair->apart_bytes + sds_request(&sds_entry, field);
    census->texts.units++;
    if (whole.asked == block + apart && whole.held == size_classes_held(lane->classes, block) + apart_held &&
        whole.asked > lane->pair->embed_max) {
        add_block(&census->texts, whole.held - apart_held, block);
        add_block(&census->texts, apart_held, apart);
    } else {
        add_block(&census->texts, whole.held, whole.asked);
    }
}

void size_census_pair(struct size_census *census, const struct shape_text *field, const struct shape_text *value,
                      bool has_expiry)
{
    const struct hash_lane *lane = &census->lanes->hash[census->view->lanes.hash_held / 3];
    if (lane->pair) {
        add_pair(census, lane, field->len, value->len, has_expiry);
        return;
    }
    census->texts.units += 2;
    add_text(census, has_expiry ? lane->timed_field : lane->field, field);
    add_text(census, lane->value, value);
}

void size_census_blob(struct size_census *census, uint64_t len)
{
    census->blobs.units++;
    add_block(&census->blobs, size_classes_held(census->view->classes, len), len);
}

static bool tells(const struct kind_census *kind, const struct cost_line *line)
{
    return !kind->overflows && kind->units == line->count && kind->held == line->held;
}

const struct size_count *size_census_find(struct size_census *census, const struct cost_line *line, size_t *count)
{
    const struct kind_census *kind = tells(&census->texts, line)   ? &census->texts
                                     : tells(&census->blobs, line) ? &census->blobs
                                                                   : NULL;
    *count = kind ? kind->count : 0;
    return kind ? kind->size : NULL;
}
