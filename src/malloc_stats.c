#include "malloc_stats.h"

#include <string.h>

/* What is read of a row of bins. */
enum column {
    COLUMN_SIZE,
    COLUMN_ALLOCATED,
    COLUMN_BLOCKS, /* blocks of a bin, or extents of a large class */
    COLUMN_REGS,   /* blocks that a slab has room for */
    COLUMN_SLABS,
    COLUMN_PAGES, /* of a slab */
    COLUMN_COUNT
};

/* The names that releases have given to a column (jemalloc src/stats.c, 3.6.0 to 5.3.0). */
static const struct {
    const char *name;
    enum column column;
} column_names[] = {
    {"size", COLUMN_SIZE},          {"allocated", COLUMN_ALLOCATED}, {"curregs", COLUMN_BLOCKS},
    {"curlextents", COLUMN_BLOCKS}, {"curruns", COLUMN_SLABS},       {"curslabs", COLUMN_SLABS},
    {"regs", COLUMN_REGS},          {"pgs", COLUMN_PAGES},           {"curhchunks", COLUMN_BLOCKS},
};

enum { MAX_COLUMNS = 64, WORD_MAX = 48, DEFAULT_PAGE = 4096 };

/* Which column each word of a row is; COLUMN_COUNT: one that is not read. */
struct heading {
    enum column column[MAX_COLUMNS];
    size_t count; /* 0: not in a table of classes */
    bool is_large, is_huge;
};

struct reader {
    struct malloc_stats *stats;
    struct heading heading;
    bool is_padded;             /* cache_oblivious: every large block has a page more (jemalloc 5 sz_large_pad) */
    bool has_merged, in_merged; /* "Merged arenas stats": what follows it says everything, the arenas repeat it */
};

struct text {
    const char *at, *end;
};

static bool is_gap(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == ',';
}

/* The next word of a line, cut when it is longer than any that matters. */
static bool next_word(struct text *line, char word[WORD_MAX])
{
    while (line->at < line->end && is_gap(*line->at))
        line->at++;
    if (line->at == line->end)
        return false;
    size_t len = 0;
    for (; line->at < line->end && !is_gap(*line->at); line->at++)
        if (len < WORD_MAX - 1)
            word[len++] = *line->at;
    word[len] = '\0';
    return true;
}

static bool read_count(const char *word, uint64_t *value)
{
    *value = 0;
    if (*word == '\0')
        return false;
    for (; *word >= '0' && *word <= '9'; word++)
        if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, (uint64_t)(*word - '0'), value))
            return false;
    return *word == '\0';
}

static bool starts_with(struct text line, const char *words, struct text *behind)
{
    while (line.at < line.end && is_gap(*line.at))
        line.at++;
    size_t len = strlen(words);
    if ((size_t)(line.end - line.at) < len || memcmp(line.at, words, len) != 0)
        return false;
    *behind = (struct text){line.at + len, line.end};
    return true;
}

static enum column column_of(const char *word)
{
    for (size_t i = 0; i < sizeof column_names / sizeof *column_names; i++)
        if (strcmp(column_names[i].name, word) == 0)
            return column_names[i].column;
    return COLUMN_COUNT;
}

/* "bins:  size ind  allocated ..." : the words behind it name the columns. The line "large:  1228800 ..." of an arena's
 * sums begins likewise but goes on with a number. */
static void read_heading(struct heading *heading, struct text line)
{
    char word[WORD_MAX];
    bool has_size = false;
    while (heading->count < MAX_COLUMNS && next_word(&line, word)) {
        enum column column = column_of(word);
        has_size |= column == COLUMN_SIZE;
        heading->column[heading->count++] = column;
    }
    if (!has_size)
        heading->count = 0;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static void add_bin(struct malloc_stats *stats, const struct malloc_bin *bin)
{
    size_t at = stats->bin_count;
    while (at > 0 && stats->bin[at - 1].size >= bin->size)
        at--;
    struct malloc_bin *place = &stats->bin[at];
    if (at < stats->bin_count && place->size == bin->size) {
        place->allocated = plus(place->allocated, bin->allocated);
        place->blocks = plus(place->blocks, bin->blocks);
        place->held = plus(place->held, bin->held);
        return;
    }
    if (stats->bin_count == MALLOC_STATS_MAX_BINS)
        return;
    memmove(place + 1, place, (stats->bin_count - at) * sizeof *place);
    *place = *bin;
    stats->bin_count++;
}

/* A row of numbers under a heading. Anything else ends the table, but for the "---" of classes without blocks. */
static bool read_row(struct reader *reader, struct text line)
{
    char word[WORD_MAX];
    uint64_t value[COLUMN_COUNT] = {0}, number;
    bool has[COLUMN_COUNT] = {false};
    size_t i = 0;
    struct text rest = line;
    if (starts_with(line, "--- ", &rest))
        return false;
    if (starts_with(line, "---", &rest) || starts_with(line, "[", &rest))
        return true;
    for (; i < reader->heading.count && next_word(&line, word); i++) {
        enum column column = reader->heading.column[i];
        bool is_number = read_count(word, &number);
        if (i == 0 && !is_number)
            return false;
        if (column == COLUMN_COUNT || !is_number)
            continue;
        value[column] = number;
        has[column] = true;
    }
    if (!has[COLUMN_SIZE] || value[COLUMN_SIZE] == 0)
        return false;
    struct malloc_bin bin = {.size = value[COLUMN_SIZE], .blocks = value[COLUMN_BLOCKS]};
    bin.allocated = has[COLUMN_ALLOCATED] ? value[COLUMN_ALLOCATED] : times(bin.blocks, bin.size);
    if (!has[COLUMN_BLOCKS])
        bin.blocks = bin.allocated / bin.size;
    uint64_t page = reader->stats->page ? reader->stats->page : DEFAULT_PAGE;
    if (reader->heading.is_large)
        bin.held = plus(bin.allocated, reader->is_padded ? times(bin.blocks, page) : 0);
    else if (reader->heading.is_huge)
        bin.held = bin.allocated;
    else if (has[COLUMN_SLABS] && has[COLUMN_PAGES])
        bin.held = times(times(value[COLUMN_SLABS], value[COLUMN_PAGES]), page);
    if (bin.allocated)
        add_bin(reader->stats, &bin);
    return true;
}

/* "Allocated: 8520128, active: 8867840, metadata: 2904688 (n_thp 0), resident: 11722752, mapped: 15196160, ..." */
static void read_summary(struct malloc_stats *stats, struct text line)
{
    const struct {
        const char *name;
        uint64_t *value;
    } wanted[] = {{"Allocated:", &stats->allocated},
                  {"active:", &stats->active},
                  {"resident:", &stats->resident},
                  {"mapped:", &stats->mapped}};
    char word[WORD_MAX], number[WORD_MAX];
    uint64_t value;
    while (next_word(&line, word)) {
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
            if (strcmp(word, wanted[i].name) == 0 && next_word(&line, number) && read_count(number, &value))
                *wanted[i].value = value;
    }
    stats->has_summary = true;
}

/* "5.3.0-0-g54eaed..." in quotes or not: the release alone. */
static void read_version(struct malloc_stats *stats, struct text line)
{
    char word[WORD_MAX];
    if (!next_word(&line, word))
        return;
    size_t len = 0;
    for (const char *at = word + (*word == '"'); len < sizeof stats->version - 1; at++) {
        if (*at != '.' && (*at < '0' || *at > '9'))
            break;
        stats->version[len++] = *at;
    }
    stats->version[len] = '\0';
}

static void read_number(uint64_t *number, struct text line)
{
    char word[WORD_MAX];
    uint64_t value;
    if (next_word(&line, word) && read_count(word, &value))
        *number = value;
}

static void begin_arena(struct reader *reader, bool is_merged)
{
    reader->heading.count = 0;
    if (is_merged && !reader->has_merged)
        reader->stats->bin_count = 0;
    reader->has_merged |= is_merged;
    reader->in_merged = is_merged;
}

/* What a line begins with says what it is. true when it was one of them. */
static bool read_setting(struct reader *reader, struct text line)
{
    struct text rest, value;
    struct malloc_stats *stats = reader->stats;
    if (starts_with(line, "Version:", &rest))
        read_version(stats, rest);
    else if (starts_with(line, "Quantum size:", &rest))
        read_number(&stats->quantum, rest);
    else if (starts_with(line, "Page size:", &rest))
        read_number(&stats->page, rest);
    else if (starts_with(line, "Allocated:", &rest))
        read_summary(stats, line);
    else if (starts_with(line, "config.cache_oblivious:", &rest) || starts_with(line, "opt.cache_oblivious:", &rest))
        reader->is_padded = starts_with(rest, "true", &value);
    else
        return false;
    return true;
}

static void read_line(struct reader *reader, struct text line)
{
    struct text rest;
    if (reader->heading.count && read_row(reader, line))
        return;
    reader->heading = (struct heading){.count = 0};
    if (read_setting(reader, line))
        return;
    if (starts_with(line, "Merged arenas stats", &rest)) {
        begin_arena(reader, true);
        return;
    }
    if (starts_with(line, "arenas[", &rest))
        begin_arena(reader, false);
    if (reader->has_merged && !reader->in_merged)
        return;
    reader->heading.is_large = starts_with(line, "large:", &rest);
    reader->heading.is_huge = !reader->heading.is_large && starts_with(line, "huge:", &rest);
    if (reader->heading.is_large || reader->heading.is_huge || starts_with(line, "bins:", &rest))
        read_heading(&reader->heading, rest);
}

bool malloc_stats_parse(struct malloc_stats *stats, const char *text, size_t len)
{
    struct reader reader = {.stats = stats};
    const char *end = text + len;
    memset(stats, 0, sizeof *stats);
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        read_line(&reader, (struct text){text, newline ? newline : end});
        text = newline ? newline + 1 : end;
    }
    return stats->bin_count != 0 || stats->has_summary;
}
