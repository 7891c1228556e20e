/* One view, one shape: what the checks of the model share. */
#ifndef MODEL_FIXTURE_H
#define MODEL_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "model/shape.h"
#include "run_suite.h"

struct fixture {
    struct plan *plan;
    struct shape *shape;
    struct cost_line line[64];
    struct cost_lines lines; /* of the last fixture_cost */
};

/* `settings`: "name=value name=value" or NULL. */
static inline void fixture_init_on(struct fixture *f, const char *server, const char *allocator, const char *settings)
{
    const struct server_model *model = server_by_id(server);
    ck_assert_msg(model != NULL, "no server %s", server);
    struct plan_view view = {.server = model, .settings = *model->defaults};
    view.allocator = allocator ? allocator_by_name(allocator) : allocator_get(model->allocator);
    char text[256] = "", *rest = text;
    if (settings)
        snprintf(text, sizeof text, "%s", settings);
    for (char *word = strtok_r(rest, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        ck_assert_ptr_nonnull(value);
        *value++ = '\0';
        ck_assert_int_eq(settings_set(&view.settings, word, value, NULL), SETTING_OK);
    }
    f->plan = plan_new(&view, 1);
    f->shape = shape_new(f->plan);
}

static inline void fixture_init(struct fixture *f, const char *server)
{
    fixture_init_on(f, server, NULL, NULL);
}

static inline void fixture_release(struct fixture *f)
{
    shape_free(f->shape);
    plan_free(f->plan);
}

/* The cost of the shape; its parts and its lines must add up to it. */
static inline struct cost fixture_cost(struct fixture *f, uint64_t name_len, bool has_expiry)
{
    struct key_facts key = {.name_len = name_len, .has_expiry = has_expiry};
    struct cost cost, hot;
    f->lines = (struct cost_lines){f->line, 0, 64};
    model_explain(f->plan, 0, f->shape, &key, &cost, &f->lines);
    model_cost(f->plan, 0, NULL, f->shape, &key, &hot);
    uint64_t held = 0, parts = 0;
    for (size_t i = 0; i < f->lines.count; i++)
        held += f->line[i].held;
    for (int i = 0; i < COST_PART_COUNT; i++) {
        ck_assert_uint_lt(cost.part[i], (uint64_t)1 << 62); /* no part fell below zero */
        ck_assert_uint_eq(cost.part[i], hot.part[i]);
        parts += cost.part[i];
    }
    ck_assert_uint_eq(held, cost.size_in_bytes);
    ck_assert_uint_eq(parts, cost.size_in_bytes);
    ck_assert_uint_eq(hot.size_in_bytes, cost.size_in_bytes);
    ck_assert_uint_eq(hot.memory_usage, cost.memory_usage);
    ck_assert_int_eq(hot.encoding, cost.encoding);
    return cost;
}

/* The note of the first line that says `what`; 0 when none does. */
static inline uint64_t fixture_note(const struct fixture *f, const char *what)
{
    for (size_t i = 0; i < f->lines.count; i++)
        if (strcmp(f->line[i].what, what) == 0)
            return f->line[i].note;
    return 0;
}

/* Text of a length that is no integer. */
static inline struct shape_text text_of_len(uint64_t len)
{
    return (struct shape_text){.len = len};
}

static inline struct shape_text text_of_integer(int64_t value, bool stored_as_integer)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%lld", (long long)value);
    return (struct shape_text){
        .len = (uint64_t)len, .integer = value, .is_integer = true, .stored_as_integer = stored_as_integer};
}

#endif
