#include "trend.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/saturated.h"
#include "complain.h"
#include "diff.h"
#include "regression.h"

static const double day_ms = 86400000.0;

static int by_hash(const void *a, const void *b)
{
    uint64_t x = ((const struct trend_pattern *)a)->hash, y = ((const struct trend_pattern *)b)->hash;
    return (x > y) - (x < y);
}

void trend_take(struct trend_point *point, const struct gathered *gathered)
{
    const struct group_table *groups = collection_state(collection_context(gathered->collection), "groups");
    *point = (struct trend_point){
        .ctime_ms = gathered->facts.ctime_ms,
        .keys = gathered->facts.keys,
        .dataset_bytes = diff_dataset_bytes(gathered),
        .used_mem = gathered->facts.used_mem,
        .has_used_mem = gathered->facts.has_used_mem,
        .server = plan_view(gathered->plan, 0)->server,
        .pattern = xcalloc(groups->count + 1, sizeof *point->pattern),
        .pattern_count = groups->count,
        .bound = groups->bound,
    };
    snprintf(point->path, sizeof point->path, "%s", gathered->file_count != 0 ? gathered->file[0].path : "");
    for (uint32_t i = 0; i < groups->count; i++)
        point->pattern[i] = (struct trend_pattern){groups->group[i].hash, groups->group[i].bytes};
    qsort(point->pattern, point->pattern_count, sizeof *point->pattern, by_hash);
}

void trend_release(struct trend *trend)
{
    for (size_t i = 0; i < trend->count; i++)
        free(trend->point[i].pattern);
    free(trend->point);
    group_table_release(&trend->names);
}

/* ---- all together --------------------------------------------------------------------------------------------------
 */

static double day_of(const struct trend *trend, size_t point)
{
    return ((double)trend->point[point].ctime_ms - (double)trend->point[0].ctime_ms) / day_ms;
}

static struct doc_value moment(const struct trend *trend, double day)
{
    double ms = (double)trend->point[0].ctime_ms + day * day_ms;
    return ms < 253402300800000.0 ? doc_time((int64_t)ms) : doc_none(); /* the year 10000 */
}

static const struct doc_column history_columns[] = {
    {"taken_at", "Taken at", DOC_TIME, DOC_COLUMN_KEY},    {"keys", "Keys", DOC_COUNT, 0},
    {"dataset_bytes", "Memory of the data", DOC_BYTES, 0}, {"used_mem", "used_memory", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"file", "File", DOC_NAME, DOC_COLUMN_OPTIONAL},
};

static void write_history(const struct trend *trend, struct doc_section *section)
{
    struct doc_table *table = section_table(section, "history", "History", history_columns,
                                            sizeof history_columns / sizeof *history_columns, DOC_CHART_LINE);
    for (size_t i = 0; i < trend->count; i++) {
        const struct trend_point *point = &trend->point[i];
        size_t len = strlen(point->path);
        const struct doc_value cells[] = {
            doc_time(point->ctime_ms), doc_count(point->keys), doc_bytes(point->dataset_bytes),
            point->has_used_mem ? doc_bytes(point->used_mem) : doc_none(), doc_name(point->path, len, len)};
        table_row(table, cells);
    }
}

static void write_crossing(const struct trend *trend, const struct regression *fit, double now_bytes,
                           struct doc_section *section)
{
    struct crossing crossing;
    double last = day_of(trend, trend->count - 1);
    section_fact(section, "maxmemory", "maxmemory", doc_bytes(trend->maxmemory));
    section_fact(section, "of_maxmemory", "Of it now", doc_share(now_bytes, (double)trend->maxmemory));
    if (now_bytes >= (double)trend->maxmemory) {
        section_note(section, DOC_CRITICAL, "maxmemory is reached already.");
        return;
    }
    if (!regression_crossing(fit, (double)trend->maxmemory, last, &crossing)) {
        section_note(section, DOC_GOOD, "At this rate maxmemory is never reached.");
        return;
    }
    section_headline(section, "maxmemory_at", "maxmemory is reached at this rate", moment(trend, crossing.at));
    if (trend->count < 3) {
        section_note(section, DOC_INFO,
                     "Two moments make a line, but say nothing of how sure it is: give three or more.");
        return;
    }
    section_fact(section, "maxmemory_earliest", "Earliest, 19 times in 20",
                 crossing.has_earliest ? moment(trend, crossing.earliest) : doc_none());
    section_fact(section, "maxmemory_latest", "Latest, likewise",
                 crossing.has_latest ? moment(trend, crossing.latest) : doc_none());
    if (!crossing.has_latest)
        section_note(section, DOC_INFO,
                     "The growth is not surely above zero: there is no latest moment; it may never be reached.");
}

static void note_assumptions(const struct trend *trend, bool is_used_mem, struct doc_section *section)
{
    for (size_t i = 1; i < trend->count; i++)
        if (trend->point[i].server != trend->point[0].server) {
            section_note(section, DOC_WARNING, "The servers differ (%s, then %s): a part of the change is theirs.",
                         trend->point[0].server->id, trend->point[i].server->id);
            break;
        }
    section_note(
        section, DOC_INFO,
        "A straight line through %zu moments of %s, least squares; the interval is that of the line's mean and "
        "assumes independent deviations of equal size. Seasons, releases and campaigns are not in it.",
        trend->count, is_used_mem ? "used_memory" : "the memory of the data, without the server's own");
}

static void write_totals(const struct trend *trend, struct document *document)
{
    struct doc_section *section = document_section(document, "trend", "Trend");
    double *x = xcalloc(trend->count, sizeof *x), *y = xcalloc(trend->count, sizeof *y);
    bool is_used_mem = true;
    struct regression fit;
    for (size_t i = 0; i < trend->count; i++)
        is_used_mem &= trend->point[i].has_used_mem && trend->point[i].used_mem != 0;
    for (size_t i = 0; i < trend->count; i++) {
        x[i] = day_of(trend, i);
        y[i] = (double)(is_used_mem ? trend->point[i].used_mem : trend->point[i].dataset_bytes);
    }
    section_fact(section, "moments", "Moments", doc_count(trend->count));
    section_fact(section, "span", "From first to last", doc_duration(saturated_i64(x[trend->count - 1] * day_ms)));
    if (regression_fit(&fit, x, y, trend->count)) {
        section_headline(section, "bytes_per_day", "Growth a day", doc_delta(saturated_i64(fit.slope)));
        if (trend->count > 2)
            section_fact(section, "bytes_per_day_off", "Off by at most, 19 times in 20",
                         doc_bytes(saturated_u64(fit.slope_half)));
        if (trend->maxmemory != 0)
            write_crossing(trend, &fit, y[trend->count - 1], section);
        note_assumptions(trend, is_used_mem, section);
    } else {
        section_note(section, DOC_WARNING, "All are of one moment: there is no growth to be seen.");
    }
    write_history(trend, section);
    free(x);
    free(y);
}

/* ---- patterns ------------------------------------------------------------------------------------------------------
 */

static uint64_t bytes_at(const struct trend_point *point, uint64_t hash)
{
    const struct trend_pattern wanted = {hash, 0};
    const struct trend_pattern *found = bsearch(&wanted, point->pattern, point->pattern_count, sizeof wanted, by_hash);
    return found != NULL ? found->bytes : 0;
}

struct pattern_trend {
    uint32_t index; /* of trend->names */
    uint32_t rank;  /* by all bytes */
    double per_day, per_day_off;
};

static int fastest_first(const void *a, const void *b)
{
    const struct pattern_trend *x = a, *y = b;
    double fx = x->per_day < 0 ? -x->per_day : x->per_day, fy = y->per_day < 0 ? -y->per_day : y->per_day;
    if (fx != fy)
        return fx < fy ? 1 : -1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Every pattern's line, those that change fastest first. The caller frees it. */
static struct pattern_trend *pattern_trends(const struct trend *trend)
{
    struct pattern_trend *row = xcalloc(trend->names.count + 1, sizeof *row);
    uint32_t *order = group_table_sorted(&trend->names);
    double *x = xcalloc(trend->count, sizeof *x), *y = xcalloc(trend->count, sizeof *y);
    for (size_t i = 0; i < trend->count; i++)
        x[i] = day_of(trend, i);
    for (uint32_t k = 0; k < trend->names.count; k++) {
        struct regression fit;
        uint32_t index = order[k];
        for (size_t i = 0; i < trend->count; i++)
            y[i] = (double)bytes_at(&trend->point[i], trend->names.group[index].hash);
        row[k].index = index;
        row[k].rank = k;
        if (regression_fit(&fit, x, y, trend->count)) {
            row[k].per_day = fit.slope;
            row[k].per_day_off = fit.slope_half;
        }
    }
    qsort(row, trend->names.count, sizeof *row, fastest_first);
    free(x);
    free(y);
    free(order);
    return row;
}

static const struct doc_column growth_columns[] = {
    {"pattern", "Pattern", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"first_bytes", "First", DOC_BYTES, 0},
    {"last_bytes", "Last", DOC_BYTES, 0},
    {"bytes_per_day", "Growth a day", DOC_DELTA, 0},
    {"bytes_per_day_off", "Off by at most", DOC_BYTES, DOC_COLUMN_OPTIONAL},
};

static const struct doc_column series_columns[] = {
    {"pattern", "Pattern", DOC_NAME, DOC_COLUMN_KEY},
    {"taken_at", "Taken at", DOC_TIME, DOC_COLUMN_KEY},
    {"bytes", "Bytes", DOC_BYTES, 0},
};

static void write_patterns(const struct trend *trend, struct document *document)
{
    struct doc_section *section = document_section(document, "patterns", "By key pattern");
    struct pattern_trend *row = pattern_trends(trend);
    size_t rows = trend->top < trend->names.count ? trend->top : trend->names.count;
    struct doc_table *growth = section_table(section, "growth", "Patterns that change fastest", growth_columns,
                                             sizeof growth_columns / sizeof *growth_columns, DOC_CHART_NONE);
    uint64_t bound = 0;
    for (size_t k = 0; k < rows; k++) {
        const struct group_name *name = &trend->names.name[row[k].index];
        uint64_t hash = trend->names.group[row[k].index].hash;
        const struct doc_value cells[] = {
            doc_name_of(DOC_THEIR_NAME, name->text, name->len, name->len),
            doc_bytes(bytes_at(&trend->point[0], hash)),
            doc_bytes(bytes_at(&trend->point[trend->count - 1], hash)),
            doc_delta(saturated_i64(row[k].per_day)),
            trend->count > 2 ? doc_bytes(saturated_u64(row[k].per_day_off)) : doc_none(),
        };
        table_row(growth, cells);
    }
    struct doc_table *series = section_table(section, "history", "Their history", series_columns,
                                             sizeof series_columns / sizeof *series_columns, DOC_CHART_LINE);
    table_print_at_most(series, 0);
    for (size_t k = 0; k < rows; k++)
        for (size_t i = 0; i < trend->count; i++) {
            const struct group_name *name = &trend->names.name[row[k].index];
            uint64_t hash = trend->names.group[row[k].index].hash;
            const struct doc_value cells[] = {doc_name_of(DOC_THEIR_NAME, name->text, name->len, name->len),
                                              doc_time(trend->point[i].ctime_ms),
                                              doc_bytes(bytes_at(&trend->point[i], hash))};
            table_row(series, cells);
        }
    for (size_t i = 0; i < trend->count; i++)
        bound = trend->point[i].bound > bound ? trend->point[i].bound : bound;
    if (bound != 0)
        section_note(
            section, DOC_INFO,
            "Where there are more patterns than a summary keeps, one that is missing counts as none; it had at "
            "most %" PRIu64 " bytes.",
            bound);
    free(row);
}

void trend_write(const struct trend *trend, struct document *document)
{
    write_totals(trend, document);
    write_patterns(trend, document);
}
