/* Section fragmentation, and the settings of active defragmentation that fit an instance. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "document_parts.h"

enum { MB = 1 << 20 };

int64_t audit_fragmentation_bytes(const struct audit *audit)
{
    const struct info *info = audit->info;
    if (info && info_has(info, INFO_USED_MEMORY) && info_has(info, INFO_USED_MEMORY_RSS))
        return (int64_t)(info_bytes(info, INFO_USED_MEMORY_RSS) - info_bytes(info, INFO_USED_MEMORY));
    return info && info_has(info, INFO_MEM_FRAGMENTATION_BYTES) ? info->value[INFO_MEM_FRAGMENTATION_BYTES].integer : 0;
}

bool audit_cannot_defrag(const struct audit *audit)
{
    if (audit->malloc_stats && audit->malloc_stats->quantum == 16)
        return true;
    return audit->info && info_has(audit->info, INFO_MEM_ALLOCATOR) &&
           strncmp(audit->info->value[INFO_MEM_ALLOCATOR].text, "jemalloc", 8) != 0;
}

/* Defragmentation starts when the holes are both more than ignore-bytes and more than threshold-lower per cent, and
 * works hardest from threshold-upper on (redis 7.0 src/defrag.c). Defaults: 100mb, 10, 100, 1, 25. A tenth of what is
 * at stake is worth no work, but never more than the default of 100mb; what is above 2.0 gets more CPU. */
void audit_defrag_settings(const struct audit *audit, struct defrag_setting settings[AUDIT_DEFRAG_SETTINGS])
{
    double ratio;
    enum fragmentation_band band = audit_fragmentation(audit, &ratio);
    int64_t more = audit_fragmentation_bytes(audit);
    uint64_t ignore_mb = more > 0 ? (uint64_t)more / 10 / MB : 1;
    ignore_mb = ignore_mb < 1 ? 1 : ignore_mb > 100 ? 100 : ignore_mb;
    /* Full effort at the fragmentation of today, so that it does not last. */
    unsigned upper = ratio >= 2.0 ? 100 : ratio > 1.3 ? (unsigned)(100 * (ratio - 1)) : 30;
    const struct defrag_setting rows[AUDIT_DEFRAG_SETTINGS] = {
        {"activedefrag", "yes", "turns it on"},
        {"active-defrag-ignore-bytes", "", "holes that are worth no work"},
        {"active-defrag-threshold-lower", "10", "per cent of holes from which it works"},
        {"active-defrag-threshold-upper", "", "per cent from which it does its utmost"},
        {"active-defrag-cycle-min", "1", "per cent of CPU at the lower threshold"},
        {"active-defrag-cycle-max", "", "at the upper: lower it for latency"},
    };
    memcpy(settings, rows, sizeof rows);
    snprintf(settings[1].value, sizeof settings[1].value, "%" PRIu64 "mb", ignore_mb);
    snprintf(settings[3].value, sizeof settings[3].value, "%u", upper);
    snprintf(settings[5].value, sizeof settings[5].value, "%u", band == BAND_RESTART ? 50 : 25);
}

static void write_split(const struct audit *audit, struct doc_section *section)
{
    static const struct {
        enum info_field ratio, bytes;
        const char *what, *remedy;
    } parts[] = {
        {INFO_ALLOCATOR_FRAG_RATIO, INFO_ALLOCATOR_FRAG_BYTES, "holes between blocks", "active defragmentation"},
        {INFO_ALLOCATOR_RSS_RATIO, INFO_ALLOCATOR_RSS_BYTES, "free pages kept by the allocator", "MEMORY PURGE"},
        {INFO_RSS_OVERHEAD_RATIO, INFO_RSS_OVERHEAD_BYTES, "the process beside its heap", "nothing: its own size"},
    };
    static const struct doc_column columns[] = {
        {"part", "What it is", DOC_TEXT, DOC_COLUMN_KEY},
        {"bytes", "Bytes", DOC_DELTA, 0},
        {"ratio", "Ratio", DOC_NUMBER, 0},
        {"remedy", "What helps", DOC_TEXT, 0},
    };
    struct doc_table *table = NULL;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!info_has(audit->info, parts[i].bytes))
            continue;
        if (table == NULL)
            table = section_table(section, "parts", "What the difference is made of", columns,
                                  sizeof columns / sizeof *columns, DOC_CHART_NONE);
        const struct doc_value cells[] = {
            doc_text(parts[i].what),
            doc_delta(audit->info->value[parts[i].bytes].integer),
            info_has(audit->info, parts[i].ratio) ? doc_number(info_number(audit->info, parts[i].ratio)) : doc_none(),
            doc_text(parts[i].remedy),
        };
        table_row(table, cells);
    }
}

static void write_settings(const struct audit *audit, struct doc_section *section)
{
    static const struct doc_column columns[] = {
        {"setting", "Setting", DOC_TEXT, DOC_COLUMN_KEY},
        {"value", "Value", DOC_TEXT, 0},
        {"why", "What it does", DOC_TEXT, 0},
    };
    struct defrag_setting settings[AUDIT_DEFRAG_SETTINGS];
    struct doc_table *table =
        section_table(section, "defrag", "Active defragmentation, for this instance", columns, 3, DOC_CHART_NONE);
    audit_defrag_settings(audit, settings);
    for (size_t i = 0; i < AUDIT_DEFRAG_SETTINGS; i++) {
        const struct doc_value cells[] = {doc_text(settings[i].name), doc_text(settings[i].value),
                                          doc_text(settings[i].why)};
        table_row(table, cells);
    }
}

enum { CLASSES_SHOWN = 8 };

struct size_class {
    uint64_t size, allocations, held;
};

/* The classes that hold most, in order; returns how many. */
static size_t heaviest_classes(const struct doc_table *bins, struct size_class classes[CLASSES_SHOWN])
{
    size_t count = 0;
    for (const struct doc_row *row = bins->rows; row; row = row->next) {
        const struct size_class one = {(uint64_t)audit_cell(bins, row, "size"),
                                       (uint64_t)audit_cell(bins, row, "allocations"),
                                       (uint64_t)audit_cell(bins, row, "held_bytes")};
        size_t at = count < CLASSES_SHOWN ? count++ : CLASSES_SHOWN;
        for (; at > 0 && classes[at - 1].held < one.held; at--)
            if (at < CLASSES_SHOWN)
                classes[at] = classes[at - 1];
        if (at < CLASSES_SHOWN)
            classes[at] = one;
    }
    return count;
}

/* Where the holes could be: a class with few blocks has few slabs to leave half empty. MALLOC-STATS knows better. */
static void write_classes(const struct audit *audit, struct doc_section *section)
{
    static const struct doc_column columns[] = {
        {"size", "Class", DOC_BYTES, DOC_COLUMN_KEY},
        {"allocations", "Blocks", DOC_COUNT, 0},
        {"held_bytes", "Bytes of the data", DOC_BYTES, 0},
    };
    struct size_class classes[CLASSES_SHOWN];
    const struct doc_table *bins = audit_simulated_bins(audit);
    if (bins == NULL || audit->malloc_stats)
        return;
    struct doc_table *table = section_table(section, "size_classes", "Size classes that could be behind it", columns,
                                            sizeof columns / sizeof *columns, DOC_CHART_NONE);
    size_t count = heaviest_classes(bins, classes);
    for (size_t i = 0; i < count; i++) {
        const struct doc_value cells[] = {doc_bytes(classes[i].size), doc_count(classes[i].allocations),
                                          doc_bytes(classes[i].held)};
        table_row(table, cells);
    }
    section_note(section, DOC_INFO,
                 "The size classes are those that hold most of the data; with a saved MEMORY MALLOC-STATS "
                 "(--malloc-stats) the section malloc_bins says which of them have holes.");
}

void audit_write_fragmentation(const struct audit *audit, const struct findings *findings,
                               const struct audit_section *row, struct document *document)
{
    (void)findings;
    double ratio;
    enum fragmentation_band band = audit_fragmentation(audit, &ratio);
    struct doc_section *section = document_section(document, row->id, row->title);
    if (band == BAND_UNKNOWN) {
        section_note(section, DOC_INFO, "A saved INFO (--info) says how much of the process is fragmentation.");
        return;
    }
    section_fact(section, "ratio", "rss / used_memory", doc_number(ratio));
    section_fact(section, "verdict", "Verdict", doc_text(fragmentation_band_name(band)));
    section_fact(section, "bytes", "At stake", doc_delta(audit_fragmentation_bytes(audit)));
    section_note(section, DOC_INFO,
                 "Below 1.0 the server swaps; up to 1.2 is healthy, up to 1.5 moderate, above that high; above 2.0 a "
                 "restart is the better way. Below 5 MB the ratio is that of the program itself.");
    write_split(audit, section);
    if (band >= BAND_MODERATE)
        write_classes(audit, section);
    if (band != BAND_HIGH && band != BAND_RESTART)
        return;
    if (audit_cannot_defrag(audit))
        section_note(section, DOC_INFO, "This server refuses activedefrag: it has not the bundled jemalloc.");
    else
        write_settings(audit, section);
}
