#include "grow.h"
#include "plan_internal.h"

#include <stdlib.h>

#include "hash_part.h"
#include "keyspace_part.h"
#include "list_part.h"
#include "set_part.h"
#include "shape_internal.h"
#include "zset_part.h"

static unsigned allocator_index(struct plan *plan, const struct allocator *allocator)
{
    for (unsigned i = 0; i < plan->allocator_count; i++)
        if (plan->classes[i].allocator == allocator)
            return i;
    size_classes_init(&plan->classes[plan->allocator_count], allocator);
    return plan->allocator_count++;
}

static struct text_rows *rows_of_list(const struct lane_list *list)
{
    return list->object_count == 0 ? text_rows_new(list->lane, list->count) : NULL;
}

static void plan_hash_rows(struct plan *plan)
{
    const struct lane_table *lanes = &plan->lanes;
    const struct text_lane *field[HASH_LANES_MAX], *value[HASH_LANES_MAX];
    for (unsigned i = 0; i < lanes->hash_count; i++) {
        if (lanes->hash[i].pair)
            return;
        field[i] = lanes->hash[i].field;
        value[i] = lanes->hash[i].value;
    }
    plan->field_rows = text_rows_new(field, lanes->hash_count);
    plan->value_rows = text_rows_new(value, lanes->hash_count);
}

/* Once all views have said what they need. */
static void plan_rows(struct plan *plan)
{
    if (!plan->needs_ziplist) {
        plan->set_rows = rows_of_list(&plan->lanes.set);
        plan->zset_rows = rows_of_list(&plan->lanes.zset);
        plan_hash_rows(plan);
    }
    if (!plan->value_rows && plan->lanes.hash_count > TEXT_ROW_LANES)
        plan->pair_rows = pair_rows_new(&plan->lanes);
}

static unsigned lacking_types(const struct server_model *server)
{
    unsigned lacks = 0;
    for (unsigned type = 0; type < OBJECT_TYPE_COUNT; type++)
        lacks |= (unsigned)!server_has_type(server, (enum object_type)type) << type;
    return lacks;
}

struct plan *plan_new(const struct plan_view *views, size_t count)
{
    struct plan *plan = allocate(1, sizeof *plan);
    bool has_hashtable = false;
    plan->view_count = count < PLAN_MAX_VIEWS ? count : PLAN_MAX_VIEWS;
    for (int i = 0; i < SETTING_COUNT; i++)
        plan->everything_packed.value[i] = INT64_MAX;
    for (size_t i = 0; i < plan->view_count; i++) {
        struct planned_view *view = &plan->view[i];
        view->view = views[i];
        view->allocator = allocator_index(plan, views[i].allocator);
        view->classes = &plan->classes[view->allocator];
        view->lacks = lacking_types(views[i].server);
        list_plan(plan, view);
        set_plan(plan, view);
        zset_plan(plan, view);
        hash_plan(plan, view);
        view->shells = shell_memos_new(plan, view);
        has_hashtable |= views[i].server->keyspace->tables->is_hashtable;
    }
    plan->watches_pairs = plan->counts_numbers || plan->keeps_pairs;
    chance_tables_init(&plan->chance, has_hashtable);
    plan_rows(plan);
    return plan;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->view_count; i++)
        free(plan->view[i].shells);
    free(plan->set_rows);
    free(plan->zset_rows);
    free(plan->field_rows);
    free(plan->value_rows);
    pair_rows_free(plan->pair_rows);
    free(plan);
}

const struct plan_view *plan_view(const struct plan *plan, size_t index)
{
    return &plan->view[index].view;
}

size_t plan_view_count(const struct plan *plan)
{
    return plan->view_count;
}

bool plan_remembers_loading(const struct plan *plan)
{
    for (size_t i = 0; i < plan->view_count; i++)
        if (plan->view[i].view.allocator->mapped_from != UINT64_MAX)
            return true;
    return false;
}

uint64_t held_large(const struct cost_context *c, uint64_t request)
{
    return size_classes_held_after(c->classes, request, c->shape ? c->shape->mapped_freed : 0);
}
