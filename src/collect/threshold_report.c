/* What the sweeps say, as tables; and the settings that are worth having, as actions. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory.h"
#include "memory.h"
#include "packed_types.h"
#include "thresholds.h"
#include "values.h"
#include "words.h"

enum { WORTH_DIVISOR = 100 }; /* less than a hundredth of the data is not worth an action */

static const struct {
    const char *id, *title, *noun, *plural, *entries, *text;
} swept[SWEEP_COUNT] = {
    [SWEEP_HASH] = {"hash", "Hashes: entries x longest field or value", "hash", "hashes", "fields", "field or value"},
    [SWEEP_ZSET] = {"zset", "Sorted sets: entries x longest member", "sorted set", "sorted sets", "members", "member"},
    [SWEEP_SET] = {"set", "Sets: entries x longest member", "set", "sets", "members", "member"},
    [SWEEP_INTSET] = {"intset", "Sets of integers: entries", "set of integers", "sets of integers", "members", ""},
    [SWEEP_SET_TEXT] = {"set", "Sets: entries x longest member", "set", "sets", "members", "member"},
};

static const char *setting_name(const struct thresholds *thresholds, enum threshold_sweep which, bool is_value)
{
    const struct sweep *sweep = &thresholds->sweep[which];
    return packed_setting_name(is_value ? sweep->value_setting : sweep->entries_setting, thresholds->packed[which]);
}

/* The most that a point of the grid saves and loses against the settings in force. */
struct sweep_range {
    int64_t gain, loss;
};

static struct sweep_range range_of(const struct sweep *sweep)
{
    struct sweep_range range = {0, 0};
    struct sweep_result result;
    for (unsigned e = 0; e < sweep->entries_count; e++)
        for (unsigned v = 0; v < sweep->value_count; v++) {
            sweep_result(sweep, e, v, &result);
            range.gain = result.saved_bytes > range.gain ? result.saved_bytes : range.gain;
            range.loss = result.saved_bytes < range.loss ? result.saved_bytes : range.loss;
        }
    return range;
}

/* ---- grids ---------------------------------------------------------------------------------------------------------
 */

static const struct doc_column grid_columns[] = {
    {"value", "Value", DOC_COUNT, DOC_COLUMN_KEY}, /* curves of one limit start behind it */
    {"entries", "Entries", DOC_COUNT, DOC_COLUMN_KEY},
    {"saved_bytes", "Saves", DOC_DELTA, 0},
    {"share", "Share of all", DOC_SHARE, DOC_COLUMN_OPTIONAL},
    {"bytes", "Bytes", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"newly_packed", "More packed", DOC_COUNT, 0},
    {"newly_unpacked", "Fewer packed", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"scan_longest", "Longest scan", DOC_BYTES, 0},
    {"scan_average", "Average scan", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"in_force", "In force", DOC_BOOL, DOC_COLUMN_OPTIONAL},
};

enum { GRID_COLUMNS = sizeof(grid_columns) / sizeof(*grid_columns) };

static void write_point(struct doc_table *table, const struct sweep *sweep, const unsigned at[2], uint64_t all_bytes)
{
    struct sweep_result result;
    sweep_result(sweep, at[0], at[1], &result);
    const struct doc_value cells[] = {
        doc_count((uint64_t)sweep->value[at[1]]),
        doc_count((uint64_t)sweep->entries[at[0]]),
        doc_delta(result.saved_bytes),
        doc_share((double)result.saved_bytes, (double)all_bytes),
        doc_bytes(result.bytes),
        doc_count(result.newly_packed),
        doc_count(result.newly_unpacked),
        doc_bytes(result.scan_longest),
        doc_bytes(result.scan_average),
        doc_bool(at[0] == sweep->current_entries && at[1] == sweep->current_value),
    };
    table_row(table, sweep->value_setting == SETTING_COUNT ? cells + 1 : cells);
}

/* All points of a sweep: those of two limits as a grid, those of one as a curve. Where nothing is to be gained there is
 * nothing to draw. */
static void write_grid(struct doc_section *section, const struct sweep *sweep, enum threshold_sweep which,
                       uint64_t all_bytes)
{
    bool is_curve = sweep->value_setting == SETTING_COUNT;
    struct sweep_range range = range_of(sweep);
    if (range.gain == 0 && range.loss == 0)
        return;
    enum doc_chart chart = range.gain == 0 ? DOC_CHART_NONE : is_curve ? DOC_CHART_LINE : DOC_CHART_HEATMAP;
    struct doc_table *table = section_table(section, swept[which].id, swept[which].title, grid_columns + is_curve,
                                            GRID_COLUMNS - is_curve, chart);
    table_print_at_most(table, 0);
    for (unsigned v = 0; v < sweep->value_count; v++)
        for (unsigned e = 0; e < sweep->entries_count; e++)
            write_point(table, sweep, (const unsigned[2]){e, v}, all_bytes);
}

/* ---- the choices ---------------------------------------------------------------------------------------------------
 */

static const struct doc_column choice_columns[] = {
    {"what", "What", DOC_TEXT, DOC_COLUMN_KEY},
    {"entries", "Entries", DOC_COUNT, DOC_COLUMN_KEY},
    {"value", "Value", DOC_COUNT, DOC_COLUMN_KEY},
    {"saved_bytes", "Saves", DOC_DELTA, 0},
    {"newly_packed", "Keys packed", DOC_COUNT, 0},
    {"scan_longest", "Longest scan", DOC_BYTES, 0},
    {"scan_average", "Average scan", DOC_BYTES, DOC_COLUMN_OPTIONAL},
};

/* A setting that none beats: every other one that saves as much scans more, or has a higher limit for nothing. */
static bool is_beaten(const struct sweep *sweep, unsigned entries, unsigned value, const struct sweep_result *result)
{
    for (unsigned e = sweep->current_entries; e < sweep->entries_count; e++)
        for (unsigned v = sweep->current_value; v < sweep->value_count; v++) {
            struct sweep_result other;
            sweep_result(sweep, e, v, &other);
            if (other.saved_bytes < result->saved_bytes || other.scan_longest > result->scan_longest)
                continue;
            if (other.saved_bytes > result->saved_bytes || other.scan_longest < result->scan_longest || e < entries ||
                (e == entries && v < value))
                return true;
        }
    return false;
}

struct unbeaten {
    enum threshold_sweep which;
    unsigned entries, value;
    struct sweep_result result;
};

static int most_saved_first(const void *a, const void *b)
{
    const struct unbeaten *x = a, *y = b;
    if (x->result.saved_bytes != y->result.saved_bytes)
        return x->result.saved_bytes < y->result.saved_bytes ? 1 : -1;
    return x->which != y->which ? (int)x->which - (int)y->which : (int)x->entries - (int)y->entries;
}

/* Higher limits only, each with the most that it can save for its price. */
static size_t find_unbeaten(const struct thresholds *thresholds, struct unbeaten *found)
{
    size_t count = 0;
    for (int i = 0; i < SWEEP_SET_TEXT; i++) {
        const struct sweep *sweep = &thresholds->sweep[i];
        for (unsigned e = sweep->current_entries; e < sweep->entries_count; e++)
            for (unsigned v = sweep->current_value; v < sweep->value_count; v++) {
                found[count] = (struct unbeaten){.which = i, .entries = e, .value = v};
                sweep_result(sweep, e, v, &found[count].result);
                count += found[count].result.saved_bytes > 0 && !is_beaten(sweep, e, v, &found[count].result);
            }
    }
    qsort(found, count, sizeof(*found), most_saved_first);
    return count;
}

static void write_choices(struct doc_section *section, const struct thresholds *thresholds)
{
    struct unbeaten found[SWEEP_COUNT * SWEEP_POINTS * SWEEP_POINTS];
    size_t count = find_unbeaten(thresholds, found);
    if (count == 0)
        return;
    struct doc_table *table = section_table(section, "choices", "What higher limits would give", choice_columns,
                                            sizeof(choice_columns) / sizeof(*choice_columns), DOC_CHART_NONE);
    for (size_t i = 0; i < count; i++) {
        const struct sweep *sweep = &thresholds->sweep[found[i].which];
        const struct sweep_result *result = &found[i].result;
        const struct doc_value cells[] = {
            doc_text(swept[found[i].which].plural),
            doc_count((uint64_t)sweep->entries[found[i].entries]),
            sweep->value_setting == SETTING_COUNT ? doc_none() : doc_count((uint64_t)sweep->value[found[i].value]),
            doc_delta(result->saved_bytes),
            doc_count(result->newly_packed),
            doc_bytes(result->scan_longest),
            doc_bytes(result->scan_average),
        };
        table_row(table, cells);
    }
}

/* ---- what is worth having ------------------------------------------------------------------------------------------
 */

static const struct doc_column best_columns[] = {
    {"type", "What", DOC_TEXT, DOC_COLUMN_KEY},
    {"settings", "Settings", DOC_CODE, 0},
    {"saved_bytes", "Saves", DOC_BYTES, 0},
    {"share", "Of all", DOC_SHARE, 0},
    {"newly_packed", "Keys packed", DOC_COUNT, 0},
    {"scan_longest", "Longest scan", DOC_BYTES, 0},
    {"commands", "At once", DOC_CODE, DOC_COLUMN_OPTIONAL},
};

struct choice {
    enum threshold_sweep which;
    unsigned entries, value;
    struct sweep_result result;
    char lines[160]; /* of redis.conf, only those that change */
};

static void fill_lines(const struct thresholds *thresholds, struct choice *choice)
{
    const struct sweep *sweep = &thresholds->sweep[choice->which];
    int len = 0;
    *choice->lines = '\0';
    if (choice->entries != sweep->current_entries)
        len = snprintf(choice->lines, sizeof(choice->lines), "%s %" PRId64,
                       setting_name(thresholds, choice->which, false), sweep->entries[choice->entries]);
    if (choice->value != sweep->current_value)
        snprintf(choice->lines + len, sizeof(choice->lines) - (size_t)len, "%s%s %" PRId64, len ? "\n" : "",
                 setting_name(thresholds, choice->which, true), sweep->value[choice->value]);
}

static bool choose(const struct thresholds *thresholds, enum threshold_sweep which, uint64_t worth_bytes,
                   struct choice *choice)
{
    choice->which = which;
    if (!sweep_recommend(&thresholds->sweep[which], worth_bytes, &choice->entries, &choice->value))
        return false;
    sweep_result(&thresholds->sweep[which], choice->entries, choice->value, &choice->result);
    fill_lines(thresholds, choice);
    return true;
}

/* "512 fields and 64 bytes"; without the bytes when `value` is negative. */
static void limits_text(enum threshold_sweep which, int64_t entries, int64_t value, char text[120])
{
    if (value < 0)
        snprintf(text, 120, "%" PRId64 " %s", entries, swept[which].entries);
    else
        snprintf(text, 120, "%" PRId64 " %s and %" PRId64 " bytes", entries, swept[which].entries, value);
}

static void write_action(const struct thresholds *thresholds, const struct choice *choice, struct document *document)
{
    const struct sweep *sweep = &thresholds->sweep[choice->which];
    char id[40], title[160], why[600], longest[16], average[16], limits[120], in_force[120], keys[32], commands[200],
        tables[80];
    bool entries_change = choice->entries != sweep->current_entries,
         value_changes = choice->value != sweep->current_value;
    snprintf(id, sizeof(id), "thresholds_%s", swept[choice->which].id);
    if (entries_change && value_changes)
        limits_text(choice->which, sweep->entries[choice->entries], sweep->value[choice->value], limits);
    else if (entries_change)
        limits_text(choice->which, sweep->entries[choice->entries], -1, limits);
    else
        snprintf(limits, sizeof(limits), "%" PRId64 " bytes a %s", sweep->value[choice->value],
                 swept[choice->which].text);
    limits_text(choice->which, sweep->entries[sweep->current_entries],
                sweep->value_setting == SETTING_COUNT ? -1 : sweep->value[sweep->current_value], in_force);
    snprintf(title, sizeof(title), "Let %s stay packed up to %s", swept[choice->which].plural, limits);
    bool is_one = choice->result.newly_packed == 1;
    snprintf(tables, sizeof(tables), "%s %s", is_one ? swept[choice->which].noun : swept[choice->which].plural,
             is_one ? "is a table because it is" : "are tables because they are");
    print_grouped(keys, choice->result.newly_packed);
    snprintf(
        why, sizeof(why),
        "%s %s over the limits in force (%s); packed, each would be one block. The "
        "price is that commands scan the block: the longest would be %s, the average %s. The lines go into "
        "redis.conf, the commands to the server: keys written from then on are packed, the others at the next restart "
        "or failover, or by rdbmeter rewrite.",
        keys, tables, in_force, words_bytes(choice->result.scan_longest, longest),
        words_bytes(choice->result.scan_average, average));
    settings_commands(choice->lines, commands, sizeof(commands));
    struct doc_action *action =
        document_action(document, id, title, why, (uint64_t)choice->result.saved_bytes, choice->lines);
    action_commands(document, action, commands);
}

static void join_lines(char *text)
{
    for (; *text; text++)
        if (*text == '\n')
            *text = ';';
}

static void write_choice(struct doc_table *table, const struct choice *choice, uint64_t all_bytes)
{
    char lines[sizeof(choice->lines)], commands[200];
    snprintf(lines, sizeof(lines), "%s", choice->lines);
    settings_commands(choice->lines, commands, sizeof(commands));
    join_lines(lines);
    join_lines(commands);
    const struct doc_value cells[] = {
        doc_text(swept[choice->which].plural),
        doc_code(lines),
        doc_bytes((uint64_t)choice->result.saved_bytes),
        doc_share((double)choice->result.saved_bytes, (double)all_bytes),
        doc_count(choice->result.newly_packed),
        doc_bytes(choice->result.scan_longest),
        doc_code(commands),
    };
    table_row(table, cells);
}

/* The choices for all types. They are about different keys, so their savings add up: where an intset limit is chosen,
 * the other limits of sets are chosen for the sets that it cannot pack. */
static size_t choose_all(const struct thresholds *thresholds, uint64_t worth_bytes, struct choice choice[SWEEP_COUNT])
{
    size_t count = 0;
    count += choose(thresholds, SWEEP_HASH, worth_bytes, &choice[count]);
    count += choose(thresholds, SWEEP_ZSET, worth_bytes, &choice[count]);
    bool has_intset = choose(thresholds, SWEEP_INTSET, worth_bytes, &choice[count]);
    count += has_intset;
    count += choose(thresholds, has_intset ? SWEEP_SET_TEXT : SWEEP_SET, worth_bytes, &choice[count]);
    return count;
}

void thresholds_recommended(const struct thresholds *thresholds, const struct collect_context *context,
                            uint64_t saved_bytes[SWEEP_COUNT])
{
    struct inventory_totals totals;
    struct choice choice[SWEEP_COUNT];
    inventory_totals(context->inventory, OBJECT_TYPE_COUNT, &totals);
    size_t count = choose_all(thresholds, totals.bytes / WORTH_DIVISOR + 1, choice);
    memset(saved_bytes, 0, SWEEP_COUNT * sizeof(*saved_bytes));
    for (size_t i = 0; i < count; i++)
        saved_bytes[choice[i].which] = (uint64_t)choice[i].result.saved_bytes;
}

static void write_notes(struct doc_section *section, size_t choices)
{
    if (choices == 0)
        section_note(section, DOC_GOOD,
                     "No limit is worth changing: none saves a hundredth of the data without packing blocks of more "
                     "than 8 KB.");
    else
        section_note(section, DOC_INFO,
                     "Recommended are limits that pack nothing longer than 8 KB (what servers let a list node grow to) "
                     "and give nine tenths of what is possible under that, with the shortest scans.");
    section_note(
        section, DOC_INFO,
        "Every number is what this data would take after a reload under those limits, all others as they are.");
}

void thresholds_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                       struct document *document)
{
    const struct thresholds *thresholds = self;
    struct inventory_totals totals;
    inventory_totals(context->inventory, OBJECT_TYPE_COUNT, &totals);
    struct choice choice[SWEEP_COUNT];
    size_t count = choose_all(thresholds, totals.bytes / WORTH_DIVISOR + 1, choice);
    struct doc_section *section = document_section(document, collector->id, collector->title);
    if (count) {
        struct doc_table *table = section_table(section, "recommended", "Settings worth having", best_columns,
                                                sizeof(best_columns) / sizeof(*best_columns), DOC_CHART_NONE);
        uint64_t saved_bytes = 0;
        for (size_t i = 0; i < count; i++) {
            write_choice(table, &choice[i], totals.bytes);
            write_action(thresholds, &choice[i], document);
            saved_bytes += (uint64_t)choice[i].result.saved_bytes;
        }
        section_headline(section, "saved_bytes", "Other limits would save", doc_bytes(saved_bytes));
    }
    write_choices(section, thresholds);
    for (int i = 0; i < SWEEP_SET_TEXT; i++)
        write_grid(section, &thresholds->sweep[i], i, totals.bytes);
    write_notes(section, count);
}
