/* Every key of the three types passes here, so those that no setting of the grid changes leave early: most are small
 * and packed. What a reload would hold depends on the limits through three tests: whether the entries limit admits the
 * count, whether the value limit admits the longest element, and, for an object that starts packed and meets a longer
 * element, where the first such element stands. So a key is costed once per outcome: under an entries limit below its
 * count, under limits that admit it, and under each value limit below its longest element. */
#include "thresholds.h"

#include "archive/archive.h"
#include "packed_types.h"

static const struct {
    enum setting entries, value;
} swept[SWEEP_COUNT] = {
    [SWEEP_HASH] = {SETTING_HASH_MAX_ENTRIES, SETTING_HASH_MAX_VALUE},
    [SWEEP_ZSET] = {SETTING_ZSET_MAX_ENTRIES, SETTING_ZSET_MAX_VALUE},
    [SWEEP_SET] = {SETTING_SET_MAX_ENTRIES, SETTING_SET_MAX_VALUE},
    [SWEEP_INTSET] = {SETTING_SET_MAX_INTSET, SETTING_COUNT},
    [SWEEP_SET_TEXT] = {SETTING_SET_MAX_ENTRIES, SETTING_SET_MAX_VALUE},
};

/* The section itself is written by threshold_report.c. */
void thresholds_init(void *self, const struct collect_context *context)
{
    struct thresholds *thresholds = self;
    const struct plan_view *view = plan_view(context->plan, 0);
    thresholds->scratch = view->settings;
    for (int i = 0; i < SWEEP_COUNT; i++) {
        sweep_init(&thresholds->sweep[i], swept[i].entries, swept[i].value, &view->settings, view->server->defaults);
        sweep_choose(&thresholds->sweep[i], &view->settings, context->points);
        thresholds->packed[i] = ENCODING_COUNT;
    }
}

/* One key as a sweep sees it. */
struct candidate {
    struct thresholds *thresholds;
    const struct collect_context *context;
    const struct record *record;
    struct sweep *sweep;
    unsigned row;    /* first entries limit that admits it; entries_count when none does */
    unsigned column; /* first value limit that admits it; value_count when none does */
};

/* Its cost under limits number `entries` and `value`. */
static void cost_under(const struct candidate *c, unsigned entries, unsigned value, struct cost *cost)
{
    const struct sweep *sweep = c->sweep;
    bool value_in_force = sweep->value_setting == SETTING_COUNT || value == sweep->current_value;
    if (entries == sweep->current_entries && value_in_force) {
        *cost = c->record->cost;
        return;
    }
    struct settings *settings = &c->thresholds->scratch;
    settings->value[sweep->entries_setting] = sweep->entries[entries];
    if (sweep->value_setting != SETTING_COUNT)
        settings->value[sweep->value_setting] = sweep->value[value];
    model_cost(c->context->plan, 0, settings, c->record->shape, &c->record->facts, cost);
    settings->value[sweep->entries_setting] = sweep->entries[sweep->current_entries];
    if (sweep->value_setting != SETTING_COUNT)
        settings->value[sweep->value_setting] = sweep->value[sweep->current_value];
}

/* The key is packed from this cell on. */
static void count_packed(const struct candidate *c, enum object_encoding packed)
{
    struct packing packing;
    struct sweep_cell *cell = &c->sweep->cell[c->row][c->column];
    cell->keys++;
    c->thresholds->packed[c->sweep - c->thresholds->sweep] = packed;
    if (!model_packing(c->context->plan, 0, NULL, c->record->shape, &c->record->facts, &packing))
        return;
    cell->packed_bytes += packing.packed_len;
    if (cell->packed_longest < packing.packed_len)
        cell->packed_longest = packing.packed_len;
}

/* An index whose outcome is that of the settings in force, where there is one in [first, end), else `first`. */
static unsigned representative(unsigned first, unsigned end, unsigned current)
{
    return current >= first && current < end ? current : first;
}

/* Returns how the key is encoded when all limits admit it. */
static enum object_encoding sweep_key(const struct candidate *c)
{
    struct sweep *sweep = c->sweep;
    struct cost below = {0}, cost = c->record->cost;
    if (c->row > 0) {
        cost_under(c, representative(0, c->row, sweep->current_entries), sweep->current_value, &below);
        sweep->base_bytes += below.size_in_bytes;
    }
    if (c->row == sweep->entries_count)
        return below.encoding;
    unsigned row = representative(c->row, sweep->entries_count, sweep->current_entries);
    for (unsigned v = 0; v < c->column; v++) {
        cost_under(c, row, v, &cost);
        sweep->delta[c->row][v] += (int64_t)(cost.size_in_bytes - below.size_in_bytes);
    }
    if (c->column == sweep->value_count)
        return cost.encoding;
    enum object_encoding unpacked = c->column > 0 ? cost.encoding : below.encoding;
    bool is_swept = c->row > 0 || c->column > 0;
    cost_under(c, row, representative(c->column, sweep->value_count, sweep->current_value), &cost);
    for (unsigned v = c->column; v < sweep->value_count; v++)
        sweep->delta[c->row][v] += (int64_t)(cost.size_in_bytes - below.size_in_bytes);
    if (encoding_is_packed(cost.encoding) && (!is_swept || cost.encoding != unpacked))
        count_packed(c, cost.encoding);
    return cost.encoding;
}

static enum object_encoding sweep_record(struct thresholds *thresholds, const struct collect_context *context,
                                         const struct record *record, enum threshold_sweep which)
{
    struct candidate c = {thresholds, context, record, &thresholds->sweep[which], 0, 0};
    c.row = sweep_index(c.sweep->entries, c.sweep->entries_count, record->elements);
    if (c.sweep->value_setting != SETTING_COUNT)
        c.column = sweep_index(c.sweep->value, c.sweep->value_count, shape_longest_tested(record->shape));
    return sweep_key(&c);
}

static bool smallest_limits_admit(const struct sweep *sweep, const struct record *record)
{
    return record->elements <= (uint64_t)sweep->entries[0] &&
           shape_longest_tested(record->shape) <= (uint64_t)sweep->value[0];
}

static void add_set(struct thresholds *thresholds, const struct collect_context *context, const struct record *record)
{
    const struct sweep *set = &thresholds->sweep[SWEEP_SET], *intset = &thresholds->sweep[SWEEP_INTSET];
    bool is_small_intset = record->cost.encoding == ENCODING_INTSET && record->elements <= (uint64_t)intset->entries[0];
    bool is_small_packed = encoding_is_packed(record->cost.encoding) && smallest_limits_admit(set, record) &&
                           record->elements <= (uint64_t)intset->entries[0];
    if (is_small_intset || is_small_packed) {
        thresholds->sweep[SWEEP_SET].base_bytes += record->cost.size_in_bytes;
        thresholds->sweep[SWEEP_INTSET].base_bytes += record->cost.size_in_bytes;
        thresholds->sweep[is_small_intset ? SWEEP_INTSET : SWEEP_SET].cell[0][0].keys++;
        return;
    }
    if (sweep_record(thresholds, context, record, SWEEP_INTSET) != ENCODING_INTSET)
        sweep_record(thresholds, context, record, SWEEP_SET_TEXT);
    sweep_record(thresholds, context, record, SWEEP_SET);
}

void thresholds_add(void *self, const struct collect_context *context, const struct record *record)
{
    struct thresholds *thresholds = self;
    if (record->type == OBJECT_SET) {
        add_set(thresholds, context, record);
        return;
    }
    enum threshold_sweep which = record->type == OBJECT_HASH ? SWEEP_HASH : SWEEP_ZSET;
    struct sweep *sweep = &thresholds->sweep[which];
    if (!encoding_is_packed(record->cost.encoding) || !smallest_limits_admit(sweep, record)) {
        sweep_record(thresholds, context, record, which);
        return;
    }
    sweep->base_bytes += record->cost.size_in_bytes;
    sweep->cell[0][0].keys++;
}

void thresholds_merge(void *self, const void *other, const struct collect_context *context)
{
    (void)context;
    struct thresholds *thresholds = self;
    const struct thresholds *from = other;
    for (int i = 0; i < SWEEP_COUNT; i++) {
        sweep_merge(&thresholds->sweep[i], &from->sweep[i]);
        if (from->packed[i] != ENCODING_COUNT)
            thresholds->packed[i] = from->packed[i];
    }
}

void thresholds_archive(void *self, const struct collect_context *context, struct archive *archive)
{
    (void)context;
    struct thresholds *thresholds = self;
    for (int i = 0; i < SWEEP_COUNT; i++) {
        uint64_t packed = thresholds->packed[i];
        sweep_archive(&thresholds->sweep[i], archive);
        archive_within(archive, &packed, ENCODING_COUNT);
        thresholds->packed[i] = (enum object_encoding)packed;
    }
}
