#include "score_text.h"
#include "shape_internal.h"

/* Scores beyond so many members are taken to be as long as any: no setting packs so many. */
enum { PRINTED_MEMBERS = 1 << 16, LONGEST_SCORE = 24 };

static void add_score(struct shape *shape, double score)
{
    const struct plan *plan = shape->plan;
    struct zset_shape *zset = &shape->zset;
    struct shape_text text;
    if (score_is_small_integer(score, &text)) {
        shape_pack_text(shape, &zset->printed, &text);
        zset->shortest += listpack_entry(&text);
        return;
    }
    bool estimate = shape->elements >= PRINTED_MEMBERS;
    struct shape_text longest = {.len = LONGEST_SCORE};
    if (plan->needs_printed_score || shape->origin == ORIGIN_ZIPLIST) {
        text = estimate ? longest : score_text_printed(score);
        if (plan->needs_ziplist)
            packed_sums_ziplist(&zset->printed, ziplist_body(&text));
        text = estimate ? longest : score_text_integral(score, text);
        zset->printed.listpack += listpack_entry(&text);
    }
    if (plan->needs_shortest_score) {
        text = estimate ? longest : score_text_integral(score, score_text_shortest(score));
        zset->shortest += listpack_entry(&text);
    }
}

void shape_zset_member(struct shape *shape, const struct shape_text *member, double score)
{
    struct zset_shape *zset = &shape->zset;
    shape_count_text(shape, member);
    text_sums_add(&zset->texts, member->len);
    shape_sum_text(shape, &shape->plan->lanes.zset, member);
    shape_pack_text(shape, &zset->printed, member);
    zset->shortest += listpack_entry(member);
    add_score(shape, score);
    if (!member->is_integer && member->len > zset->longest_text)
        zset->longest_text = member->len;
    shape->elements++;
}
