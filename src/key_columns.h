/* The columns of the per-key table, the same in every form that it is written in. */
#ifndef KEY_COLUMNS_H
#define KEY_COLUMNS_H

#include <stddef.h>

#include "decimal.h"
#include "record.h"

/* In the order that scripts for redis-rdb-tools expect, then what it does not have. */
enum key_column_id {
    KEY_COLUMN_DATABASE,
    KEY_COLUMN_TYPE,
    KEY_COLUMN_KEY,
    KEY_COLUMN_SIZE,
    KEY_COLUMN_ENCODING,
    KEY_COLUMN_ELEMENTS,
    KEY_COLUMN_LONGEST,
    KEY_COLUMN_EXPIRY,
    KEY_COLUMN_MEMORY_USAGE,
    KEY_COLUMN_STORED_ENCODING,
    KEY_COLUMN_IDLE,
    KEY_COLUMN_FREQUENCY,
    KEY_COLUMN_SLOT,
    KEY_COLUMN_COUNT
};

enum key_cell_kind { KEY_CELL_NONE, KEY_CELL_NUMBER, KEY_CELL_TEXT };

struct key_cell {
    enum key_cell_kind kind;
    uint64_t number;
    const char *text; /* printable ASCII that needs no escape; `time` or static */
    size_t len;
    char time[DECIMAL_TIME_MAX];
};

struct key_column {
    const char *name;
    enum key_cell_kind kind; /* of every cell, or KEY_CELL_NONE */
    /* Fills a cell that is KEY_CELL_NONE. NULL for the name, which each form writes in its own way. */
    void (*get)(struct key_cell *cell, const struct record *record);
};

/* KEY_COLUMN_COUNT rows. */
extern const struct key_column key_columns[];

#endif
