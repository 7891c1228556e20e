/* A document is what a report says, before anyone decides how it looks: sections with facts, tables with typed columns,
 * histograms, advice. It is one arena: document_free frees everything. Nothing here knows of Redis.
 *
 * Every id is a stable snake_case name (it is the key in JSON and the file of a CSV section); every title is for
 * people. */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum doc_kind {
    DOC_COUNT,    /* uint64: 1,234,567 */
    DOC_BYTES,    /* uint64 bytes: "12.3 MB" for people, the exact integer for machines */
    DOC_DELTA,    /* int64 bytes with a sign */
    DOC_SHARE,    /* double, 0..1 (below 0 for a loss): printed as a percentage */
    DOC_NUMBER,   /* double */
    DOC_TEXT,     /* our own words, UTF-8 */
    DOC_NAME,     /* somebody else's bytes: key names, fields, versions; any byte may occur; renderers escape */
    DOC_DURATION, /* int64 ms */
    DOC_TIME,     /* int64 ms since 1970, UTC */
    DOC_BOOL,
    DOC_CODE, /* a line to paste into a shell or redis.conf */
    DOC_NONE  /* no value: empty cell, JSON null */
};

/* Whose a text is: what document_hide_names and document_show_values decide about. */
enum doc_owner {
    DOC_OURS,
    DOC_THEIR_NAME,    /* a user's name: hidden where names are */
    DOC_THEIR_EXAMPLE, /* made from such a name: left out where names are hidden */
    DOC_THEIR_VALUE    /* of a user's data: left out unless values are shown */
};

struct doc_bytes {
    const uint8_t *bytes; /* anything when len is 0 */
    size_t len;           /* bytes held here */
    uint64_t full_len;    /* of the original, when only a prefix is held; >= len */
    enum doc_owner owner;
};

struct doc_value {
    enum doc_kind kind;
    union {
        uint64_t count;  /* COUNT, BYTES */
        int64_t integer; /* DELTA, DURATION, TIME */
        double number;   /* SHARE, NUMBER */
        bool truth;
        struct doc_bytes text; /* TEXT, NAME, CODE */
    };
};

enum doc_column_flags {
    DOC_COLUMN_BAR = 1,      /* text and HTML draw a bar beside it (SHARE) */
    DOC_COLUMN_WIDE = 2,     /* gets spare width; the first to be cut when there is none */
    DOC_COLUMN_OPTIONAL = 4, /* text leaves it out on a narrow terminal; machines always have it */
    DOC_COLUMN_KEY = 8,      /* identifies the row */
    DOC_COLUMN_WRAP = 16     /* text goes on in the next line where it is cut else: sentences */
};

struct doc_column {
    const char *id;
    const char *title;
    enum doc_kind kind; /* of every cell, or DOC_NONE cells */
    unsigned flags;
};

/* How a table wants to be drawn by those who can draw; everyone else prints it. What a chart reads of the table:
 * BARS       the KEY column names the bar, every numeric column is a measure to choose from.
 * HISTOGRAM  rows in the order of the buckets. The last KEY column names the bucket, KEY columns before it (type,
 *            encoding) are stacked; every numeric column is a measure.
 * LINE       as HISTOGRAM, drawn as one line for each value of the KEY columns before the last.
 * HEATMAP    the last KEY column is x, the one before it y; a KEY column before those picks among several maps. Every
 *            numeric column is a measure; one with negative numbers has its colours turn at zero. Text and Markdown
 *            show the first measure as a matrix (matrix.h).
 *            In these three a numeric column with the id "from" or "to" is a bound of the bucket and orders the axis.
 * TREEMAP    the KEY column is a path; a column with the id "parent" names the row it lies in, without one it is the
 *            row with the longest path that begins this one. The first BYTES column is the area; other TEXT, SHARE,
 *            DURATION and NUMBER columns colour it, one to choose. */
enum doc_chart {
    DOC_CHART_NONE,
    DOC_CHART_BARS,
    DOC_CHART_HISTOGRAM,
    DOC_CHART_HEATMAP,
    DOC_CHART_TREEMAP,
    DOC_CHART_LINE
};

enum doc_severity { DOC_INFO, DOC_GOOD, DOC_WARNING, DOC_CRITICAL };

struct document;
struct doc_action;
struct doc_section;
struct doc_table;

/* `generator` is "rdbmeter 1.0"; borrowed texts are copied everywhere. Without memory functions end the program. */
struct document *document_new(const char *generator, unsigned schema_version);
void document_free(struct document *document);
/* Marks the whole document as incomplete, with the reason; renderers show it at the top and in JSON ("partial"). */
void document_set_partial(struct document *document, const char *reason);

/* Writes a name's stand-in to `out` and returns its length, at most `most_times` the name's and `most_more`. */
struct doc_hider {
    size_t (*hide)(const void *context, const uint8_t *name, size_t len, uint8_t *out);
    const void *context; /* borrowed */
    size_t most_times, most_more;
};
/* From now on users' names are added as their stand-ins. */
void document_hide_names(struct document *document, const struct doc_hider *hider);
/* A user's name as it may be shown, for use inside a sentence; kept by the document. */
struct doc_bytes document_shown_name(struct document *document, const uint8_t *name, size_t len);
/* From now on users' values are added; else they are left out. */
void document_show_values(struct document *document);

/* Sections appear in the order of their creation; an id seen before gives that section again. The ids schema_version,
 * generator, partial, partial_reason and actions are the envelope's own in JSON. */
struct doc_section *document_section(struct document *document, const char *id, const char *title);

/* A fact: one line "title: value". Facts and tables of a section share one set of ids, "notes" is taken; a fact with an
 * id seen before replaces that one. */
void section_fact(struct doc_section *section, const char *id, const char *title, struct doc_value value);
/* A fact that belongs into the overview as well: a card in HTML, the first lines in Markdown. Four to eight of a
 * document. */
void section_headline(struct doc_section *section, const char *id, const char *title, struct doc_value value);
/* A sentence for people (also in JSON as "notes"). printf-like; names must not be passed in here (use facts). */
void section_note(struct doc_section *section, enum doc_severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A table: `columns` is borrowed (static). Rows are added as arrays of exactly column_count cells, the most important
 * first where order is free: bounded formats keep the first ones and say how many they left out. */
struct doc_table *section_table(struct doc_section *section, const char *id, const char *title,
                                const struct doc_column *columns, size_t column_count, enum doc_chart chart);
void table_row(struct doc_table *table, const struct doc_value *cells);
/* Text and Markdown print no more than the first `rows` rows and say that there are more; 0: only that. Everyone else
 * has them all. */
void table_print_at_most(struct doc_table *table, size_t rows);
/* For a HISTOGRAM with two KEY columns: text and Markdown print a row for each bucket, with the first measure in a
 * column for each value of the other one. */
void table_print_across(struct doc_table *table);

/* An action worth taking: what, why, how many bytes it saves, and the lines to paste (newline-separated, may be NULL).
 * Documents show the most valuable first. The action is the document's. */
struct doc_action *document_action(struct document *document, const char *id, const char *title, const char *why,
                                   uint64_t saves_bytes, const char *paste);
/* Commands that do at once, on what runs, what the pasted lines do when it is next started. */
void action_commands(struct document *document, struct doc_action *action, const char *commands);

/* Cell constructors. Texts are copied when the cell is added; a NULL text is doc_none(). */
struct doc_value doc_count(uint64_t count);
struct doc_value doc_bytes(uint64_t bytes);
struct doc_value doc_delta(int64_t bytes);
struct doc_value doc_share(double part, double whole); /* 0 when whole is 0 */
struct doc_value doc_number(double number);
struct doc_value doc_text(const char *text);
struct doc_value doc_code(const char *text);
struct doc_value doc_name(const void *bytes, size_t len, uint64_t full_len);
/* A DOC_NAME of an owner. */
struct doc_value doc_name_of(enum doc_owner owner, const void *bytes, size_t len, uint64_t full_len);
struct doc_value doc_duration(int64_t ms);
struct doc_value doc_time(int64_t ms);
struct doc_value doc_bool(bool truth);
struct doc_value doc_none(void);

#endif
