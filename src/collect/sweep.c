#include "sweep.h"

#include <string.h>

#include "archive/archive.h"

/* Inserts a point in order, once. Points that do not fit are left out. */
static void add_point(int64_t *point, unsigned *count, int64_t value)
{
    unsigned at = 0;
    while (at < *count && point[at] < value)
        at++;
    if ((at < *count && point[at] == value) || *count == SWEEP_POINTS || value < 0)
        return;
    memmove(&point[at + 1], &point[at], (*count - at) * sizeof(*point));
    point[at] = value;
    ++*count;
}

/* Returns the index of the value in force. */
static unsigned fill_points(int64_t *point, unsigned *count, int64_t in_force, int64_t by_default)
{
    enum { LARGEST = 1 << 28 };
    int64_t middle = in_force > 0 && in_force < LARGEST ? in_force : by_default;
    *count = 0;
    add_point(point, count, in_force);
    add_point(point, count, by_default);
    for (int shift = -2; shift <= 4; shift++)
        add_point(point, count, shift < 0 ? middle >> -shift : middle << shift);
    return sweep_index(point, *count, (uint64_t)in_force);
}

void sweep_init(struct sweep *sweep, enum setting entries, enum setting value, const struct settings *settings,
                const struct settings *defaults)
{
    *sweep = (struct sweep){.entries_setting = entries, .value_setting = value, .value_count = 1};
    sweep->current_entries =
        fill_points(sweep->entries, &sweep->entries_count, settings->value[entries], defaults->value[entries]);
    if (value != SETTING_COUNT)
        sweep->current_value =
            fill_points(sweep->value, &sweep->value_count, settings->value[value], defaults->value[value]);
}

static unsigned choose_points(int64_t *point, unsigned *count, enum setting setting, int64_t in_force,
                              const struct sweep_points *points)
{
    *count = 0;
    add_point(point, count, in_force);
    for (unsigned i = 0; i < points->count[setting]; i++)
        add_point(point, count, points->value[setting][i]);
    return sweep_index(point, *count, (uint64_t)in_force);
}

void sweep_choose(struct sweep *sweep, const struct settings *settings, const struct sweep_points *points)
{
    enum setting entries = sweep->entries_setting, value = sweep->value_setting;
    if (points && points->count[entries])
        sweep->current_entries =
            choose_points(sweep->entries, &sweep->entries_count, entries, settings->value[entries], points);
    if (points && value != SETTING_COUNT && points->count[value])
        sweep->current_value = choose_points(sweep->value, &sweep->value_count, value, settings->value[value], points);
}

void sweep_merge(struct sweep *sweep, const struct sweep *other)
{
    sweep->base_bytes += other->base_bytes;
    for (unsigned e = 0; e < sweep->entries_count; e++)
        for (unsigned v = 0; v < sweep->value_count; v++) {
            struct sweep_cell *cell = &sweep->cell[e][v];
            const struct sweep_cell *from = &other->cell[e][v];
            sweep->delta[e][v] += other->delta[e][v];
            cell->keys += from->keys;
            cell->packed_bytes += from->packed_bytes;
            if (cell->packed_longest < from->packed_longest)
                cell->packed_longest = from->packed_longest;
        }
}

static uint64_t bytes_under(const struct sweep *sweep, unsigned entries, unsigned value)
{
    uint64_t bytes = sweep->base_bytes;
    for (unsigned e = 0; e <= entries; e++)
        bytes += (uint64_t)sweep->delta[e][value];
    return bytes;
}

static bool admits(unsigned entries, unsigned value, unsigned e, unsigned v)
{
    return e <= entries && v <= value;
}

void sweep_result(const struct sweep *sweep, unsigned entries, unsigned value, struct sweep_result *result)
{
    *result = (struct sweep_result){.bytes = bytes_under(sweep, entries, value)};
    result->saved_bytes = (int64_t)(bytes_under(sweep, sweep->current_entries, sweep->current_value) - result->bytes);
    uint64_t packed_bytes = 0;
    for (unsigned e = 0; e < sweep->entries_count; e++)
        for (unsigned v = 0; v < sweep->value_count; v++) {
            const struct sweep_cell *cell = &sweep->cell[e][v];
            bool now = admits(sweep->current_entries, sweep->current_value, e, v), then = admits(entries, value, e, v);
            result->packed_keys += then ? cell->keys : 0;
            result->newly_unpacked += now && !then ? cell->keys : 0;
            if (now || !then)
                continue;
            result->newly_packed += cell->keys;
            packed_bytes += cell->packed_bytes;
            if (result->scan_longest < cell->packed_longest)
                result->scan_longest = cell->packed_longest;
        }
    result->scan_average = result->newly_packed ? packed_bytes / result->newly_packed : 0;
}

/* The rule: of the settings that are nowhere lower than those in force and pack nothing longer than SWEEP_SCAN_LIMIT
 * (what the servers themselves let a list node grow to: list-max-listpack-size -2), find the largest saving; then take
 * the setting that scans least among those that give at least nine tenths of it. */
bool sweep_recommend(const struct sweep *sweep, uint64_t worth_bytes, unsigned *entries, unsigned *value)
{
    struct sweep_result result;
    int64_t largest = 0;
    for (unsigned e = sweep->current_entries; e < sweep->entries_count; e++)
        for (unsigned v = sweep->current_value; v < sweep->value_count; v++) {
            sweep_result(sweep, e, v, &result);
            if (result.scan_longest <= SWEEP_SCAN_LIMIT && result.saved_bytes > largest)
                largest = result.saved_bytes;
        }
    if (largest <= 0 || (uint64_t)largest < worth_bytes)
        return false;
    uint64_t shortest_scan = UINT64_MAX;
    for (unsigned e = sweep->current_entries; e < sweep->entries_count; e++)
        for (unsigned v = sweep->current_value; v < sweep->value_count; v++) {
            sweep_result(sweep, e, v, &result);
            if (result.saved_bytes < largest - largest / 10 || result.scan_longest >= shortest_scan)
                continue;
            shortest_scan = result.scan_longest;
            *entries = e;
            *value = v;
        }
    return true;
}

/* The points follow from the settings, which are the reader's as well. */
void sweep_archive(struct sweep *sweep, struct archive *archive)
{
    archive_u64(archive, &sweep->base_bytes);
    for (unsigned e = 0; e < sweep->entries_count; e++)
        for (unsigned v = 0; v < sweep->value_count; v++) {
            struct sweep_cell *cell = &sweep->cell[e][v];
            archive_i64(archive, &sweep->delta[e][v]);
            archive_u64(archive, &cell->keys);
            archive_u64(archive, &cell->packed_bytes);
            archive_u64(archive, &cell->packed_longest);
        }
}
