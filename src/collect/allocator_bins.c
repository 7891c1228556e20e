#include "allocator_bins.h"

#include <inttypes.h>
#include <string.h>

#include "archive/archive.h"
#include "model/size_census.h"
#include "saturated.h"

static struct allocator_bin *large_bin(struct allocator_bins *bins, uint64_t size)
{
    uint32_t low = 0, high = bins->large_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (bins->large[middle].size < size)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < bins->large_count && bins->large[low].size == size)
        return &bins->large[low];
    if (bins->large_count == BINS_LARGE)
        return NULL;
    memmove(&bins->large[low + 1], &bins->large[low], (bins->large_count - low) * sizeof(*bins->large));
    bins->large_count++;
    bins->large[low] = (struct allocator_bin){.size = size};
    return &bins->large[low];
}

static void put(struct allocator_bins *bins, uint64_t size, uint64_t allocations, uint64_t asked)
{
    struct allocator_bin *bin = size <= BINS_SMALL && size % 8 == 0 ? &bins->small[size / 8] : large_bin(bins, size);
    if (allocations == 0)
        return;
    bins->allocations += allocations;
    if (!bin) {
        bins->beyond_bytes += size * allocations;
        return;
    }
    bin->size = size;
    bin->allocations += allocations;
    bin->asked += asked;
}

/* Splits allocations of various sizes over the classes around their average: as many in the larger one as make up what
 * they hold. */
static void spread(struct allocator_bins *bins, const struct allocator *allocator, const struct cost_line *line)
{
    uint64_t average = line->held / line->count;
    uint64_t above = allocator_usable(allocator, average), below = above;
    for (uint64_t request = average; below > average && request > 0; request = request > 8 ? request - 8 : 0)
        below = allocator_usable(allocator, request);
    if (below == average)
        above = allocator_usable(allocator, below + 1);
    uint64_t beyond = below <= average ? line->held - below * line->count : 0;
    uint64_t larger = above > below ? (beyond + (above - below) / 2) / (above - below) : 0;
    larger = larger < line->count ? larger : line->count;
    uint64_t asked = saturated_u64((double)line->asked * (double)(above * larger) / (double)line->held);
    put(bins, above, larger, asked);
    put(bins, below, line->count - larger, line->asked - asked);
    bins->spread += line->count;
}

/* Blocks of elements, size by size. */
static bool put_census(struct allocator_bins *bins, struct size_census *census, const struct cost_line *line)
{
    size_t count;
    const struct size_count *size = census ? size_census_find(census, line, &count) : NULL;
    if (size == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        put(bins, size[i].size, size[i].count, size[i].asked);
    return true;
}

void allocator_bins_add(void *self, const struct collect_context *context, const struct record *record)
{
    enum { LINES = 48 };
    struct allocator_bins *bins = self;
    const struct allocator *allocator = plan_view(context->plan, 0)->allocator;
    struct cost_line line[LINES];
    struct cost_lines lines = {line, 0, LINES};
    struct cost cost;
    model_explain(context->plan, 0, record->shape, &record->facts, &cost, &lines);
    for (size_t i = 0; i < lines.count; i++) {
        if (line[i].count == 0 || line[i].held == 0)
            continue;
        uint64_t size = line[i].held / line[i].count;
        bool is_one_class = size * line[i].count == line[i].held &&
                            allocator_usable(allocator, line[i].asked / line[i].count) == size &&
                            line[i].asked % line[i].count == 0;
        if (is_one_class || line[i].count == 1)
            put(bins, size, line[i].count, line[i].asked);
        else if (!put_census(bins, record->census, &line[i]))
            spread(bins, allocator, &line[i]);
    }
}

void allocator_bins_merge(void *self, const void *other, const struct collect_context *context)
{
    (void)context;
    struct allocator_bins *bins = self;
    const struct allocator_bins *from = other;
    uint64_t allocations = bins->allocations + from->allocations;
    for (size_t i = 0; i <= BINS_SMALL / 8; i++)
        put(bins, from->small[i].size, from->small[i].allocations, from->small[i].asked);
    for (uint32_t i = 0; i < from->large_count; i++)
        put(bins, from->large[i].size, from->large[i].allocations, from->large[i].asked);
    bins->beyond_bytes += from->beyond_bytes;
    bins->spread += from->spread;
    bins->allocations = allocations;
}

static void archive_bin(struct allocator_bins *bins, struct allocator_bin bin, struct archive *archive)
{
    if (!archive->reads && bin.allocations == 0)
        return;
    archive_u64(archive, &bin.size);
    archive_u64(archive, &bin.allocations);
    archive_u64(archive, &bin.asked);
    if (archive->reads)
        put(bins, bin.size, bin.allocations, bin.asked);
}

void allocator_bins_archive(void *self, const struct collect_context *context, struct archive *archive)
{
    (void)context;
    struct allocator_bins *bins = self;
    size_t count = bins->large_count;
    for (size_t i = 0; i <= BINS_SMALL / 8; i++)
        count += bins->small[i].allocations != 0;
    archive_count(archive, &count, BINS_SMALL / 8 + 1 + BINS_LARGE);
    if (archive->reads) {
        for (size_t i = 0; i < count && !archive->failed; i++)
            archive_bin(bins, (struct allocator_bin){.size = 0}, archive);
    } else {
        for (size_t i = 0; i <= BINS_SMALL / 8; i++)
            archive_bin(bins, bins->small[i], archive);
        for (uint32_t i = 0; i < bins->large_count; i++)
            archive_bin(bins, bins->large[i], archive);
    }
    archive_u64(archive, &bins->beyond_bytes);
    archive_u64(archive, &bins->spread);
    archive_u64(archive, &bins->allocations);
}

static const struct doc_column columns[] = {
    {"size", "Size class", DOC_COUNT, DOC_COLUMN_KEY},
    {"allocations", "Allocations", DOC_COUNT, 0},
    {"asked_bytes", "Asked", DOC_BYTES, 0},
    {"held_bytes", "Held", DOC_BYTES, 0},
    {"lost_bytes", "Lost", DOC_BYTES, 0},
    {"lost_share", "Of it", DOC_SHARE, 0},
};

struct bin_sums {
    uint64_t asked, held;
};

static void write_bin(struct doc_table *table, const struct allocator_bin *bin, struct bin_sums *sums)
{
    uint64_t held = bin->size * bin->allocations;
    if (bin->allocations == 0)
        return;
    sums->asked += bin->asked;
    sums->held += held;
    uint64_t lost = held > bin->asked ? held - bin->asked : 0;
    const struct doc_value cells[] = {
        doc_count(bin->size), doc_count(bin->allocations),           doc_bytes(bin->asked), doc_bytes(held),
        doc_bytes(lost),      doc_share((double)lost, (double)held),
    };
    table_row(table, cells);
}

void allocator_bins_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                           struct document *document)
{
    const struct allocator_bins *bins = self;
    struct bin_sums sums = {0, 0};
    struct doc_section *section = document_section(document, collector->id, collector->title);
    section_fact(section, "allocator", "Allocator", doc_text(plan_view(context->plan, 0)->allocator->name));
    struct doc_table *table = section_table(section, "bins", collector->title, columns,
                                            sizeof(columns) / sizeof(*columns), DOC_CHART_HISTOGRAM);
    for (size_t i = 0; i <= BINS_SMALL / 8; i++)
        write_bin(table, &bins->small[i], &sums);
    for (uint32_t i = 0; i < bins->large_count; i++)
        write_bin(table, &bins->large[i], &sums);
    section_fact(section, "allocations", "Allocations", doc_count(bins->allocations));
    section_fact(section, "asked_bytes", "Bytes asked for", doc_bytes(sums.asked));
    section_fact(section, "held_bytes", "Bytes held", doc_bytes(sums.held + bins->beyond_bytes));
    if (bins->spread)
        section_fact(section, "spread", "Known by their average", doc_count(bins->spread));
    section_note(
        section, DOC_INFO,
        "What the keys and their values alone would take in each size class, freshly loaded: without the "
        "tables of the databases, the server's own memory, and fragmentation, which is what a server's bins "
        "hold beyond it. Where sizes are drawn by lot (nodes of skip lists) or follow from their "
        "neighbours (nodes of radix trees), allocations are spread over the two classes around their average.");
}
