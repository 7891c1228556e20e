/* The inside of a document, for renderers: lists in the order of creation, actions the most valuable first. */
#ifndef DOCUMENT_PARTS_H
#define DOCUMENT_PARTS_H

#include "arena.h"
#include "document.h"

struct doc_fact {
    struct doc_fact *next;
    const char *id, *title;
    struct doc_value value;
    bool headline;
};

struct doc_note {
    struct doc_note *next;
    enum doc_severity severity;
    const char *text;
};

struct doc_row {
    struct doc_row *next;
    struct doc_value cells[];
};

struct doc_table {
    struct doc_table *next;
    struct document *document;
    const char *id, *title;
    const struct doc_column *columns;
    size_t column_count;
    enum doc_chart chart;
    struct doc_row *rows, **rows_end;
    size_t row_count;
    size_t print_at_most; /* rows in text and Markdown */
    bool print_across;    /* there, too */
};

struct doc_section {
    struct doc_section *next;
    struct document *document;
    const char *id, *title;
    struct doc_fact *facts, **facts_end;
    struct doc_note *notes, **notes_end;
    struct doc_table *tables, **tables_end;
};

struct doc_action {
    struct doc_action *next;
    const char *id, *title, *why;
    const char *paste, *commands; /* NULL when there is nothing of it */
    uint64_t saves_bytes;
};

struct document {
    struct arena arena;
    const char *generator;
    unsigned schema_version;
    const char *partial_reason; /* NULL: complete */
    struct doc_section *sections, **sections_end;
    struct doc_action *actions;
    struct doc_hider hider; /* .hide is NULL: names are shown */
    bool shows_values;
};

/* NULL when there is none. */
const struct doc_section *document_find_section(const struct document *document, const char *id, size_t id_len);
const struct doc_table *section_find_table(const struct doc_section *section, const char *id);

#endif
