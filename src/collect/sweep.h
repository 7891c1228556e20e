/* A sweep answers, for every pair of limits on a grid (entries x value length), what the keys would take after a reload
 * under them: exactly, from one pass. A key adds itself to the row of the smallest entries limit that admits it; a
 * setting's total is then a sum over rows. */
#ifndef SWEEP_H
#define SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/settings.h"

enum { SWEEP_POINTS = 10 };

/* Keys that an entries limit (row) and a value limit (column) are the smallest to pack. */
struct sweep_cell {
    uint64_t keys;
    uint64_t packed_bytes, packed_longest; /* of their packed blocks: sum and maximum */
};

struct sweep {
    enum setting entries_setting, value_setting; /* value_setting is SETTING_COUNT when there is only one limit */
    unsigned entries_count, value_count;         /* value_count is 1 then */
    unsigned current_entries, current_value;     /* indexes of the settings in force */
    int64_t entries[SWEEP_POINTS], value[SWEEP_POINTS];
    uint64_t base_bytes;                       /* what the keys take under limits that admit none of them */
    int64_t delta[SWEEP_POINTS][SWEEP_POINTS]; /* [row][value index]: what changes from this row on */
    struct sweep_cell cell[SWEEP_POINTS][SWEEP_POINTS];
};

/* A grid of doublings around the settings in force, a quarter to sixteen times of each, with the defaults. */
void sweep_init(struct sweep *sweep, enum setting entries, enum setting value, const struct settings *settings,
                const struct settings *defaults);
/* The points that somebody asked for, setting by setting; none for those that nobody asked about. */
enum { SWEEP_CHOSEN = SWEEP_POINTS - 2 };
struct sweep_points {
    unsigned count[SETTING_COUNT];
    int64_t value[SETTING_COUNT][SWEEP_CHOSEN];
};
/* Takes those points, beside the settings in force. `points` may be NULL. To be called before anything is added. */
void sweep_choose(struct sweep *sweep, const struct settings *settings, const struct sweep_points *points);
void sweep_merge(struct sweep *sweep, const struct sweep *other);

struct archive;
void sweep_archive(struct sweep *sweep, struct archive *archive);

/* Index of the smallest point that is at least `actual`; `count` when there is none. */
static inline unsigned sweep_index(const int64_t *point, unsigned count, uint64_t actual)
{
    unsigned i = 0;
    while (i < count && (uint64_t)point[i] < actual)
        i++;
    return i;
}

/* What one setting would give. */
struct sweep_result {
    uint64_t bytes;       /* of all keys of the sweep */
    int64_t saved_bytes;  /* against the settings in force */
    uint64_t packed_keys; /* packed under it */
    uint64_t newly_packed, newly_unpacked;
    uint64_t scan_longest, scan_average; /* of the newly packed: bytes that a command would have to scan */
};

void sweep_result(const struct sweep *sweep, unsigned entries, unsigned value, struct sweep_result *result);

/* The settings worth having: see sweep.c for the rule. false when those in force are. */
bool sweep_recommend(const struct sweep *sweep, uint64_t worth_bytes, unsigned *entries, unsigned *value);

enum { SWEEP_SCAN_LIMIT = 8192 }; /* longest newly packed block that is recommended */

#endif
