#include "score_text.h"
#include "shape_internal.h"

/* Scores beyond so many members are taken to be as long as any: no setting packs so many. */
enum { PRINTED_MEMBERS = 1 << 16, LONGEST_SCORE = 24 };

static __attribute__((noinline)) void add_other_score(struct shape *shape, double score)
{
    const struct plan *plan = shape->plan;
    struct zset_shape *zset = &shape->zset;
    bool estimate = shape->elements >= PRINTED_MEMBERS;
    struct shape_text longest = {.len = LONGEST_SCORE}, text;
    if (plan->needs_printed_score || shape->origin == ORIGIN_ZIPLIST) {
        text = estimate ? longest : score_text_printed(score);
        if (plan->needs_ziplist)
            packed_sums_ziplist(&zset->printed, ziplist_body(&text));
        /* A ziplist's entries become those of a listpack as they are (redis 7.0 src/rdb.c, src/ziplist.c). */
        if (shape->origin != ORIGIN_ZIPLIST && !estimate)
            text = score_text_integral(score, text);
        zset->printed.listpack += listpack_entry(&text);
    }
    if (plan->needs_shortest_score) {
        text = estimate ? longest : score_text_integral(score, score_text_shortest(score));
        zset->shortest += listpack_entry(&text);
    }
}

/* What every release packs the same. */
static void add_packed(const struct shape *shape, struct zset_shape *zset, const struct shape_text *text)
{
    uint64_t entry = listpack_entry(text);
    zset->printed.listpack += entry;
    zset->shortest += entry;
    if (shape->plan->needs_ziplist)
        packed_sums_ziplist(&zset->printed, ziplist_body(text));
}

/* Apart, like other scores, so that what nearly all members take is not slowed by it. */
static __attribute__((noinline)) void add_by_lanes(struct shape *shape, const struct shape_text *member)
{
    struct zset_shape *zset = &shape->zset;
    shape_count_text(shape, member);
    text_sums_add(&zset->texts, member->len);
    shape_sum_text(shape, &shape->plan->lanes.zset, member);
    add_packed(shape, zset, member);
}

void shape_zset_member(struct shape *shape, const struct shape_text *member, double score)
{
    struct zset_shape *zset = &shape->zset;
    const struct text_rows *rows = shape->plan->zset_rows;
    struct shape_text integer;
    if (rows && member->len <= TEXT_LANE_SMALL) {
        text_rows_add(&shape->row, rows, member->len);
        shape_count_short(shape, member, &zset->members);
    } else {
        add_by_lanes(shape, member);
    }
    if (score_is_small_integer(score, &integer))
        add_packed(shape, zset, &integer);
    else
        add_other_score(shape, score);
    if (!member->is_integer && member->len > zset->longest_text)
        zset->longest_text = member->len;
    shape->elements++;
}
