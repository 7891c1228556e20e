/* The inside of a plan, for the files of src/model only. */
#ifndef MODEL_PLAN_INTERNAL_H
#define MODEL_PLAN_INTERNAL_H

#include "chance.h"
#include "lanes.h"
#include "list_packer.h"
#include "pair_rows.h"
#include "shape.h"
#include "size_classes.h"
#include "text_rows.h"

/* The shell of a key is everything of it but its value (keyspace_part.h). */
enum shell_kind { SHELL_WITH_OBJECT, SHELL_WITHOUT_OBJECT, SHELL_KINDS };
enum { SHELL_NAME_MAX = 127 };

struct shell_memo {
    uint64_t part[COST_PART_COUNT];
    uint64_t held, before, behind; /* memory_usage: before and behind the value */
};

struct shell_memos {
    struct shell_memo memo[SHELL_KINDS][2][SHELL_NAME_MAX + 1]; /* by has_expiry, length of the name */
};

/* One view, with what is looked up once instead of per key. */
struct planned_view {
    struct plan_view view;
    const struct size_classes *classes; /* of its allocator */
    unsigned allocator;                 /* dense index into plan.classes and every per-allocator sum of a shape */
    struct view_lanes lanes;            /* where its running sums lie in a shape */
    struct shell_memos *shells;
    uint64_t node_expected; /* skip list node without member, fixed point (CHANCE_BITS) */
    unsigned lacks;         /* a bit for each type that its server has not: such values cannot be loaded */
};

struct plan {
    size_t view_count;
    struct planned_view view[PLAN_MAX_VIEWS];
    unsigned allocator_count; /* distinct allocators of the views */
    struct size_classes classes[ALLOCATOR_COUNT];
    struct lane_table lanes;                                          /* the distinct running sums of all views */
    struct text_rows *set_rows, *zset_rows, *field_rows, *value_rows; /* NULL: texts are added lane by lane */
    struct pair_rows *pair_rows; /* where hashes have no rows for fields and values, many lanes; else NULL */
    unsigned list_lane_count;
    struct list_lane list_lane[PLAN_MAX_VIEWS];
    struct chance_tables chance;
    struct settings everything_packed, nothing_packed; /* limits as high, as low as they go */
    bool counts_numbers;                               /* some view needs number_texts.h, of lists and hashes */
    bool keeps_pairs;                                  /* the first view has hashes with field expiries in tables */
    bool watches_pairs;                                /* one of these two, of hashes */
    uint64_t list_packed_until, hash_packed_until;     /* until an element is longer: such a view's own limits */
    bool presses_lists;                                /* some view has a list-compress-depth */
    bool needs_ziplist;                                /* some view packs into ziplists */
    bool needs_printed_score;                          /* some view packs scores as %.17g prints them */
    bool needs_shortest_score;                         /* some view packs scores in their shortest form */
};

/* What a costing function may read. */
struct cost_context {
    const struct plan *plan;
    const struct planned_view *view;
    const struct server_model *server; /* == view->view.server */
    const struct size_classes *classes;
    const struct settings *settings;
    const struct shell_memos *shells; /* NULL where they do not hold */
    const struct shape *shape;        /* NULL where a form is costed that no key has */
    const struct key_facts *key;
};

/* Bytes held for a request above SIZE_CLASSES_SMALL. */
uint64_t held_large(const struct cost_context *c, uint64_t request);

/* Bytes that the view's allocator holds for a request. */
static inline uint64_t held(const struct cost_context *c, uint64_t request)
{
    return request <= SIZE_CLASSES_SMALL ? c->classes->small[request] : held_large(c, request);
}

static inline uint64_t setting_of(const struct cost_context *c, enum setting setting)
{
    int64_t value = c->settings->value[setting];
    return value > 0 ? (uint64_t)value : 0;
}

#endif
