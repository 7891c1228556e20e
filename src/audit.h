/* The memory audit: what a snapshot and, where they were saved, INFO, MEMORY MALLOC-STATS and redis.conf say about a
 * server, judged by rules. A rule is a row (audit_rules_*.c); a rule that applies becomes a finding; nine checks sum
 * the findings up. */
#ifndef AUDIT_H
#define AUDIT_H

#include "cli_options.h"
#include "collect/collector.h"
#include "collect/inventory.h"
#include "info.h"
#include "malloc_stats.h"
#include "saved_file.h"

struct doc_row; /* document_parts.h */

/* ---- inputs --------------------------------------------------------------------------------------------------------
 */

struct audit_inputs {
    struct info *info;                 /* NULL without --info */
    struct malloc_stats *malloc_stats; /* NULL without --malloc-stats */
    bool has_config;                   /* --config, or --set maxmemory... */
    struct saved_file config;          /* text of --config */
    const struct redactor *redactor;   /* NULL: names are shown */
    char limit[48], policy[64];        /* as --set takes them; "" when INFO does not say */
};

/* Reads what the options name, and completes `own`, a copy of them: costs are those of the allocator and the limit that
 * the saved outputs tell of, where no option says otherwise (`own` borrows from `inputs`). Complains and returns false
 * when one of them cannot be read or is something else. */
bool audit_inputs_read(struct audit_inputs *inputs, const struct cli_options *options, struct cli_options *own);
void audit_inputs_release(struct audit_inputs *inputs);
/* Whether any of them is there. */
bool audit_inputs_any(const struct audit_inputs *inputs);

/* ---- judging -------------------------------------------------------------------------------------------------------
 */

/* Everything that rules read. */
struct audit {
    const struct audit_inputs *inputs;
    const struct info *info; /* NULL without --info; likewise the next one */
    const struct malloc_stats *malloc_stats;
    const struct collect_context *collect;
    const struct settings *settings; /* of the target, with --config and --set */
    const struct document *sections; /* what the collectors wrote: their actions are findings, too */
    struct inventory_totals totals;  /* all types but modules */
    struct keyspace_cost keyspace;
    struct inventory_sum ttl[TTL_COUNT];
    uint64_t data_bytes;     /* keys, values and tables */
    uint64_t overhead_bytes; /* of that, all but names and payload */
};

/* The nine checks, in the order of the audit; AUDIT_NO_CHECK for what belongs to none of them. */
enum audit_check {
    AUDIT_NO_CHECK,
    AUDIT_FRAGMENTATION,
    AUDIT_OVERHEAD,
    AUDIT_BUFFERS,
    AUDIT_LARGE_KEYS,
    AUDIT_HASHES,
    AUDIT_EXPIRY,
    AUDIT_STRINGS,
    AUDIT_SETS,
    AUDIT_LIMIT,
    AUDIT_CHECK_COUNT
};

enum { AUDIT_TITLE_MAX = 160, AUDIT_WORDS_MAX = 600, AUDIT_MAX_FINDINGS = 96 };

struct finding {
    const char *id; /* borrowed from the rule or from `sections` */
    enum doc_severity severity;
    enum audit_check check;
    char title[AUDIT_TITLE_MAX];
    char evidence[AUDIT_WORDS_MAX]; /* sentences; names in them are printable */
    char remedy[AUDIT_WORDS_MAX];   /* sentences, "" when there is nothing to do */
    char paste[AUDIT_WORDS_MAX];    /* lines of redis.conf, "" for none */
    char commands[AUDIT_WORDS_MAX]; /* for redis-cli, likewise; left empty beside `paste` they are made of it */
    uint64_t bytes;                 /* at stake; 0 where that is not known */
    bool is_change;                 /* recommended by a section of the report; `bytes` are what it saves */
};

struct audit_rule {
    const char *id, *title;
    enum doc_severity severity;
    enum audit_check check;
    bool needs_info;
    /* Fills evidence, remedy, paste, commands and bytes, and may change title and severity; false: it does not apply.
     */
    bool (*judge)(const struct audit *audit, struct finding *finding);
};

/* What the server has beside its data by INFO's account. used_memory_scripts counts the libraries of functions, too,
 * which are of the data: the snapshot holds them. */
uint64_t audit_not_data(const struct audit *audit);

extern const struct audit_rule audit_info_rules[]; /* ended by a row without id */
extern const struct audit_rule audit_limit_rules[];
extern const struct audit_rule audit_data_rules[];
extern const struct audit_rule audit_stream_rules[];

struct findings {
    struct finding item[AUDIT_MAX_FINDINGS]; /* the most severe first, then those with most bytes */
    size_t count;
};

/* Gathers what rules read. Everything passed in is borrowed. */
void audit_init(struct audit *audit, const struct audit_inputs *inputs, const struct collection *collection,
                const struct document *sections);
void audit_judge(const struct audit *audit, struct findings *findings);

/* ---- what several files of the audit ask ---------------------------------------------------------------------------
 */

/* Below this MEMORY DOCTOR calls an instance empty, and says nothing of its ratios (redis 7.0 src/object.c). */
enum { AUDIT_EMPTY_BYTES = 5 << 20 };
/* Smaller data than this is mostly tables and headers, whatever is in it. */
enum { AUDIT_SMALL_DATA = 64 << 10 };

/* rss / used_memory, in the bands of common guides. */
enum fragmentation_band {
    BAND_UNKNOWN, /* no --info, or it lacks what is needed */
    BAND_TOO_SMALL,
    BAND_SWAPPING, /* below 1.0 */
    BAND_HEALTHY,  /* up to 1.2 */
    BAND_MODERATE, /* up to 1.5 */
    BAND_HIGH,
    BAND_RESTART, /* above 2.0: a restart gives more back than defragmentation */
    BAND_COUNT
};
const char *fragmentation_band_name(enum fragmentation_band band);
/* From mem_fragmentation_ratio, or from used_memory_rss and used_memory without it. `ratio` may be NULL. */
enum fragmentation_band audit_fragmentation(const struct audit *audit, double *ratio);
/* Bytes that the process has beyond used_memory; negative when part of it is not in RAM. 0 where INFO does not say. */
int64_t audit_fragmentation_bytes(const struct audit *audit);

/* Whether the server is known to refuse activedefrag. Debian's and Ubuntu's packages link the distribution's jemalloc,
 * which has steps of 16 bytes and lacks the hints that defragmentation needs (redis 7.0 src/zmalloc.h HAVE_DEFRAG);
 * so does a server on another allocator. */
bool audit_cannot_defrag(const struct audit *audit);

enum { AUDIT_DEFRAG_SETTINGS = 6 };
struct defrag_setting {
    const char *name;
    char value[24];
    const char *why;
};
/* The settings of redis.conf that turn active defragmentation on, scaled to the instance. */
void audit_defrag_settings(const struct audit *audit, struct defrag_setting settings[AUDIT_DEFRAG_SETTINGS]);

enum { AUDIT_POLICY_MAX = 24 };
/* The simulated bins, the table of section allocator_bins; NULL when that was not gathered. */
const struct doc_table *audit_simulated_bins(const struct audit *audit);
/* The number in a row of a table under the column of that id; 0 when there is none. */
double audit_cell(const struct doc_table *table, const struct doc_row *row, const char *column);
/* The sum of a column of the first table of a section that the collectors wrote; 0 where there is no such thing. */
double audit_column_sum(const struct audit *audit, const char *section, const char *column);

/* What an action that the collectors wrote saves; 0 where there is no such. */
uint64_t audit_action_bytes(const struct audit *audit, const char *id);

/* The name of the allocator that the saved outputs tell of; NULL when they do not: jemalloc's steps are in MALLOC-STATS
 * only. */
const char *audit_allocator(const struct audit_inputs *inputs);

/* The limit in force: INFO's, else redis.conf's. false when neither is there. */
bool audit_maxmemory(const struct audit *audit, uint64_t *bytes, char policy[AUDIT_POLICY_MAX]);

enum { AUDIT_BYTES_MAX = 24 };
enum { AUDIT_NAME_MAX = 40 };
/* A user's name as sentences show it: printable, cut, and hidden where names are. */
const char *audit_name(const struct audit *audit, const uint8_t *bytes, size_t len, char name[AUDIT_NAME_MAX + 1]);
/* Adds words to a text of `size` bytes, as many as there is room for. */
void audit_append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* "12.3 MB", as documents print it. */
const char *audit_bytes(uint64_t bytes, char text[AUDIT_BYTES_MAX]);
double audit_percent(uint64_t part, uint64_t whole);

/* ---- sections ------------------------------------------------------------------------------------------------------
 */

struct audit_section {
    const char *id, *title;
    bool is_doctors;   /* of the command doctor; all are of report */
    const char *reads; /* a section that is gathered for it although it is not by default; NULL: none */
    void (*write)(const struct audit *audit, const struct findings *findings, const struct audit_section *row,
                  struct document *document);
};
const struct audit_section *audit_sections(size_t *count);

void audit_write_info(const struct audit *audit, const struct findings *findings, const struct audit_section *row,
                      struct document *document);
void audit_write_fragmentation(const struct audit *audit, const struct findings *findings,
                               const struct audit_section *row, struct document *document);
void audit_write_bins(const struct audit *audit, const struct findings *findings, const struct audit_section *row,
                      struct document *document);
void audit_write_checklist(const struct audit *audit, const struct findings *findings, const struct audit_section *row,
                           struct document *document);
void audit_write_findings(const struct audit *audit, const struct findings *findings, const struct audit_section *row,
                          struct document *document);

/* Whether one of the nine checks failed. */
bool audit_failed(const struct audit *audit, const struct findings *findings);

#endif
