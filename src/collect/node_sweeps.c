#include "node_sweeps.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alternatives.h"
#include "archive/archive.h"
#include "inventory.h"

/* ---- points --------------------------------------------------------------------------------------------------------
 */

static void add_point(struct node_points *points, enum setting setting, int64_t value, int64_t in_force)
{
    unsigned same = 0;
    for (unsigned i = 0; i < points->count; i++) {
        if (points->point[i].setting != setting)
            continue;
        if (points->point[i].value == value)
            return;
        same++;
    }
    if (value == in_force || same == NODE_REWRITES_MAX - 1)
        return;
    points->point[points->count].setting = setting;
    points->point[points->count++].value = value;
}

static void add_doublings(struct node_points *points, enum setting setting, int64_t in_force)
{
    enum { DOUBLINGS = 4 };
    if (in_force <= 0 || in_force > INT32_MAX)
        return;
    add_point(points, setting, in_force / 2, in_force);
    for (unsigned shift = 1; shift <= DOUBLINGS; shift++)
        add_point(points, setting, in_force << shift, in_force);
}

void node_sweeps_points(const struct plan_view *view, const struct sweep_points *chosen, struct node_points *points)
{
    static const int64_t list_sizes[] = {-1, -2, -3, -4, -5, 128, 512};
    static const enum setting settings[] = {SETTING_LIST_MAX_SIZE, SETTING_STREAM_NODE_MAX_BYTES,
                                            SETTING_STREAM_NODE_MAX_ENTRIES};
    points->count = 0;
    for (size_t s = 0; s < sizeof(settings) / sizeof(*settings); s++) {
        enum setting setting = settings[s];
        int64_t in_force = view->settings.value[setting];
        for (unsigned i = 0; i < chosen->count[setting]; i++)
            add_point(points, setting, chosen->value[setting][i], in_force);
        if (chosen->count[setting])
            continue;
        if (setting != SETTING_LIST_MAX_SIZE)
            add_doublings(points, setting, in_force);
        for (size_t i = 0; setting == SETTING_LIST_MAX_SIZE && i < sizeof(list_sizes) / sizeof(*list_sizes); i++)
            add_point(points, setting, list_sizes[i], in_force);
    }
}

size_t node_sweeps_views(const struct sweep_points *chosen, struct plan_view *views, size_t count)
{
    static const int64_t usual[] = {0, 1, 2};
    bool is_chosen = chosen->count[SETTING_LIST_COMPRESS_DEPTH] != 0;
    size_t depths = is_chosen ? chosen->count[SETTING_LIST_COMPRESS_DEPTH] : sizeof(usual) / sizeof(*usual);
    for (size_t i = 0; i < depths && i < NODE_SWEEP_DEPTHS - 1 && count < PLAN_MAX_VIEWS; i++) {
        int64_t depth = is_chosen ? chosen->value[SETTING_LIST_COMPRESS_DEPTH][i] : usual[i];
        if (depth == views[0].settings.value[SETTING_LIST_COMPRESS_DEPTH])
            continue;
        views[count] = views[0];
        views[count++].settings.value[SETTING_LIST_COMPRESS_DEPTH] = depth;
    }
    return count;
}

/* ---- records -------------------------------------------------------------------------------------------------------
 */

static void add_depth(struct node_sweeps *sweeps, size_t view, int64_t depth)
{
    sweeps->depth_view[sweeps->depths] = view;
    sweeps->depth[sweeps->depths++] = depth;
}

/* Views that differ from the target in their compress depth alone, and the target. */
void node_sweeps_init(void *self, const struct collect_context *context)
{
    struct node_sweeps *sweeps = self;
    const struct plan_view *own = plan_view(context->plan, 0);
    for (size_t i = 0; i < plan_view_count(context->plan) && sweeps->depths < NODE_SWEEP_DEPTHS; i++) {
        const struct plan_view *view = plan_view(context->plan, i);
        struct settings settings = view->settings;
        settings.value[SETTING_LIST_COMPRESS_DEPTH] = own->settings.value[SETTING_LIST_COMPRESS_DEPTH];
        if (view->server == own->server && view->allocator == own->allocator &&
            memcmp(&settings, &own->settings, sizeof(settings)) == 0)
            add_depth(sweeps, i, view->settings.value[SETTING_LIST_COMPRESS_DEPTH]);
    }
}

static void learn_points(struct node_sweeps *sweeps, const struct node_rewrites *rewrites)
{
    sweeps->count = node_rewrites_count(rewrites);
    for (unsigned i = 0; i < sweeps->count; i++) {
        sweeps->setting[i] = node_rewrites_setting(rewrites, i);
        sweeps->value[i] = node_rewrites_value(rewrites, i);
    }
}

static void add_lengths(struct node_lengths *to, const struct node_lengths *from)
{
    to->count += from->count;
    to->bytes += from->bytes;
    to->longest = from->longest > to->longest ? from->longest : to->longest;
}

void node_sweeps_add(void *self, const struct collect_context *context, const struct record *record)
{
    struct node_sweeps *sweeps = self;
    bool is_list = record->type == OBJECT_LIST;
    uint64_t in_force = 0;
    if (!record->rewrites)
        return;
    if (sweeps->count == 0)
        learn_points(sweeps, record->rewrites);
    for (unsigned i = 0; i < sweeps->count; i++) {
        uint64_t bytes;
        if (!node_rewrites_bytes(record->rewrites, i, record->type, &record->facts, &bytes))
            continue;
        *(is_list ? &sweeps->list_rewritten[i] : &sweeps->stream_rewritten[i]) += bytes;
        in_force = i == 0 ? bytes : in_force;
        sweeps->changed[i] += bytes != in_force;
        struct node_lengths lengths;
        node_rewrites_lengths(record->rewrites, i, record->type, &lengths);
        add_lengths(is_list ? &sweeps->list_nodes[i] : &sweeps->stream_nodes[i], &lengths);
    }
    if (!is_list) {
        sweeps->streams++;
        sweeps->stream_entries += record->elements;
        return;
    }
    sweeps->lists++;
    sweeps->list_bytes += record->cost.size_in_bytes;
    sweeps->is_coarse |= shape_is_coarse(record->shape);
    for (unsigned i = 0; i < sweeps->depths; i++) {
        struct cost cost;
        model_cost(context->plan, sweeps->depth_view[i], NULL, record->shape, &record->facts, &cost);
        sweeps->depth_bytes[i] += cost.size_in_bytes;
        sweeps->depth_changed[i] += cost.size_in_bytes != record->cost.size_in_bytes;
        if (context->row)
            context->row->changes.depth_bytes[i] += cost.size_in_bytes;
    }
}

void node_sweeps_merge(void *self, const void *other, const struct collect_context *context)
{
    (void)context;
    struct node_sweeps *sweeps = self;
    const struct node_sweeps *from = other;
    if (sweeps->count == 0) {
        sweeps->count = from->count;
        memcpy(sweeps->setting, from->setting, sizeof(sweeps->setting));
        memcpy(sweeps->value, from->value, sizeof(sweeps->value));
    }
    if (sweeps->depths < from->depths) {
        sweeps->depths = from->depths;
        memcpy(sweeps->depth, from->depth, sizeof(sweeps->depth));
    }
    for (unsigned i = 0; i < from->count; i++) {
        sweeps->list_rewritten[i] += from->list_rewritten[i];
        sweeps->stream_rewritten[i] += from->stream_rewritten[i];
        sweeps->changed[i] += from->changed[i];
        add_lengths(&sweeps->list_nodes[i], &from->list_nodes[i]);
        add_lengths(&sweeps->stream_nodes[i], &from->stream_nodes[i]);
    }
    for (unsigned i = 0; i < from->depths; i++) {
        sweeps->depth_bytes[i] += from->depth_bytes[i];
        sweeps->depth_changed[i] += from->depth_changed[i];
    }
    sweeps->lists += from->lists;
    sweeps->list_bytes += from->list_bytes;
    sweeps->streams += from->streams;
    sweeps->stream_entries += from->stream_entries;
    sweeps->is_coarse |= from->is_coarse;
}

static void archive_lengths(struct node_lengths *lengths, struct archive *archive)
{
    archive_u64(archive, &lengths->count);
    archive_u64(archive, &lengths->bytes);
    archive_u64(archive, &lengths->longest);
}

static void archive_point(struct node_sweeps *sweeps, unsigned i, struct archive *archive)
{
    uint64_t setting = sweeps->setting[i];
    archive_within(archive, &setting, SETTING_COUNT); /* of point 0, the settings in force */
    sweeps->setting[i] = (enum setting)setting;
    archive_i64(archive, &sweeps->value[i]);
    archive_u64(archive, &sweeps->list_rewritten[i]);
    archive_u64(archive, &sweeps->stream_rewritten[i]);
    archive_u64(archive, &sweeps->changed[i]);
    archive_lengths(&sweeps->list_nodes[i], archive);
    archive_lengths(&sweeps->stream_nodes[i], archive);
}

void node_sweeps_archive(void *self, const struct collect_context *context, struct archive *archive)
{
    (void)context;
    struct node_sweeps *sweeps = self;
    uint64_t count = sweeps->count, depths = sweeps->depths;
    archive_u64(archive, &sweeps->lists);
    archive_u64(archive, &sweeps->list_bytes);
    archive_u64(archive, &sweeps->streams);
    archive_u64(archive, &sweeps->stream_entries);
    archive_within(archive, &count, NODE_SWEEP_POINTS);
    sweeps->count = (unsigned)count;
    for (unsigned i = 0; i < sweeps->count; i++)
        archive_point(sweeps, i, archive);
    archive_within(archive, &depths, NODE_SWEEP_DEPTHS);
    sweeps->depths = (unsigned)depths;
    for (unsigned i = 0; i < sweeps->depths; i++) {
        archive_i64(archive, &sweeps->depth[i]);
        archive_u64(archive, &sweeps->depth_bytes[i]);
        archive_u64(archive, &sweeps->depth_changed[i]);
    }
    archive_bool(archive, &sweeps->is_coarse);
}

/* ---- the section ---------------------------------------------------------------------------------------------------
 */

static const struct doc_column columns[] = {
    {"setting", "Setting", DOC_CODE, DOC_COLUMN_KEY},
    {"value", "Value", DOC_TEXT, DOC_COLUMN_KEY},
    {"bytes", "Bytes", DOC_BYTES, 0},
    {"saved_bytes", "Saves", DOC_DELTA, 0},
    {"share", "Of all", DOC_SHARE, DOC_COLUMN_OPTIONAL},
    {"keys", "Keys affected", DOC_COUNT, 0},
    {"longest_node", "Longest node", DOC_BYTES, 0},
    {"average_node", "Average node", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"in_force", "In force", DOC_BOOL, DOC_COLUMN_OPTIONAL},
};

struct node_point_row {
    enum setting setting;
    int64_t value;
    uint64_t bytes, changed;
    bool in_force;
    const struct node_lengths *nodes; /* NULL: as they are */
};

static void write_point(struct doc_table *table, const struct node_point_row *row, uint64_t now, uint64_t all_bytes)
{
    char text[32];
    int64_t saved = (int64_t)(now - row->bytes);
    bool has_nodes = row->nodes && row->nodes->count;
    const struct doc_value cells[] = {doc_code(setting_info(row->setting)->name),
                                      doc_text(setting_format(row->setting, row->value, text, sizeof(text))),
                                      doc_bytes(row->bytes),
                                      doc_delta(saved),
                                      doc_share((double)saved, (double)all_bytes),
                                      doc_count(row->changed),
                                      has_nodes ? doc_bytes(row->nodes->longest) : doc_none(),
                                      has_nodes ? doc_bytes(row->nodes->bytes / row->nodes->count) : doc_none(),
                                      doc_bool(row->in_force)};
    table_row(table, cells);
}

static uint64_t bytes_of_all(const struct collect_context *context)
{
    struct inventory_totals totals;
    inventory_totals(context->inventory, OBJECT_TYPE_COUNT, &totals);
    return totals.bytes;
}

static void write_points(struct doc_table *table, const struct collect_context *context,
                         const struct node_sweeps *sweeps, bool of_lists)
{
    static const enum setting settings[] = {SETTING_LIST_MAX_SIZE, SETTING_STREAM_NODE_MAX_BYTES,
                                            SETTING_STREAM_NODE_MAX_ENTRIES};
    const uint64_t *bytes = of_lists ? sweeps->list_rewritten : sweeps->stream_rewritten;
    const struct node_lengths *nodes = of_lists ? sweeps->list_nodes : sweeps->stream_nodes;
    uint64_t now = of_lists ? sweeps->list_bytes : bytes[0], all_bytes = bytes_of_all(context);
    for (size_t s = 0; s < sizeof(settings) / sizeof(*settings); s++) {
        if ((settings[s] == SETTING_LIST_MAX_SIZE) != of_lists)
            continue;
        int64_t in_force = plan_view(context->plan, 0)->settings.value[settings[s]];
        write_point(table, &(struct node_point_row){settings[s], in_force, bytes[0], 0, true, &nodes[0]}, now,
                    all_bytes);
        for (unsigned i = 1; i < sweeps->count; i++)
            if (sweeps->setting[i] == settings[s])
                write_point(table,
                            &(struct node_point_row){settings[s], sweeps->value[i], bytes[i], sweeps->changed[i], false,
                                                     &nodes[i]},
                            now, all_bytes);
    }
}

static void write_depths(struct doc_section *section, const struct collect_context *context,
                         const struct node_sweeps *sweeps)
{
    struct doc_table *table = section_table(section, "list_depth", "Lists loaded under another compress depth", columns,
                                            sizeof(columns) / sizeof(*columns), DOC_CHART_NONE);
    for (unsigned i = 0; i < sweeps->depths; i++)
        write_point(table,
                    &(struct node_point_row){SETTING_LIST_COMPRESS_DEPTH, sweeps->depth[i], sweeps->depth_bytes[i],
                                             sweeps->depth_changed[i], i == 0, NULL},
                    sweeps->list_bytes, bytes_of_all(context));
}

uint64_t node_sweeps_depth_saved(const struct node_sweeps *sweeps, const struct collect_context *context,
                                 int64_t *depth)
{
    unsigned best = 0;
    for (unsigned i = 1; i < sweeps->depths; i++)
        if (sweeps->depth_bytes[i] < sweeps->depth_bytes[best])
            best = i;
    if (depth)
        *depth = sweeps->depth[best];
    bool is_worth = sweeps->depth_bytes[best] + alternatives_worth(context) <= sweeps->list_bytes;
    return is_worth ? sweeps->list_bytes - sweeps->depth_bytes[best] : 0;
}

static void write_depth_action(const struct collect_context *context, const struct node_sweeps *sweeps,
                               struct document *document)
{
    int64_t depth;
    uint64_t saved = node_sweeps_depth_saved(sweeps, context, &depth);
    if (saved == 0)
        return;
    char paste[64], commands[80];
    snprintf(paste, sizeof(paste), "list-compress-depth %" PRId64, depth);
    settings_commands(paste, commands, sizeof(commands));
    struct doc_action *action = document_action(
        document, "list_compress_depth", "Compress the inner nodes of lists",
        "Nodes away from both ends would be held compressed with LZF. Pushing and popping is as fast as "
        "before; commands that reach into the middle (LINDEX, LRANGE, LREM) unpack nodes on the way. It "
        "applies to lists that are loaded or written after it is set: after a restart or failover, to all.",
        saved, paste);
    action_commands(document, action, commands);
}

void node_sweeps_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                        struct document *document)
{
    const struct node_sweeps *sweeps = self;
    struct doc_section *section = document_section(document, collector->id, collector->title);
    if (sweeps->count == 0) {
        section_note(section, DOC_INFO, "There are no lists and no streams.");
        return;
    }
    if (sweeps->lists) {
        write_points(section_table(section, "list_size", "Lists written anew under another node size", columns,
                                   sizeof(columns) / sizeof(*columns), DOC_CHART_NONE),
                     context, sweeps, true);
        write_depths(section, context, sweeps);
        write_depth_action(context, sweeps, document);
    }
    if (sweeps->streams)
        write_points(section_table(section, "stream_nodes", "Entries of streams written anew", columns,
                                   sizeof(columns) / sizeof(*columns), DOC_CHART_NONE),
                     context, sweeps, false);
    section_note(section, DOC_INFO,
                 "Node sizes: what the same elements take when they are pushed or added anew, one by one. A restart "
                 "does not change nodes. Streams: their nodes without groups and consumers, against the same entries "
                 "written anew as it is. Larger nodes save headers and cost every insertion and range a longer copy.");
    if (sweeps->is_coarse)
        section_note(section, DOC_INFO,
                     "How some nodes compress is estimated: the file does not hold them as the server would.");
}
