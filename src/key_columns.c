#include "key_columns.h"

#include <string.h>

static void number(struct key_cell *cell, bool is_known, uint64_t value)
{
    cell->kind = is_known ? KEY_CELL_NUMBER : KEY_CELL_NONE;
    cell->number = value;
}

static void text(struct key_cell *cell, const char *words)
{
    cell->kind = KEY_CELL_TEXT;
    cell->text = words;
    cell->len = strlen(words);
}

static void get_database(struct key_cell *cell, const struct record *record)
{
    number(cell, true, record->db);
}

static void get_type(struct key_cell *cell, const struct record *record)
{
    text(cell, object_type_name(record->type));
}

static void get_size(struct key_cell *cell, const struct record *record)
{
    number(cell, !record->damaged, record->cost.size_in_bytes);
}

static void get_encoding(struct key_cell *cell, const struct record *record)
{
    if (!record->damaged)
        text(cell, object_encoding_name(record->cost.encoding));
}

static void get_elements(struct key_cell *cell, const struct record *record)
{
    number(cell, !record->damaged, record->elements);
}

static void get_longest(struct key_cell *cell, const struct record *record)
{
    number(cell, !record->damaged, record->longest);
}

static void get_expiry(struct key_cell *cell, const struct record *record)
{
    if (!record->has_expiry)
        return;
    cell->kind = KEY_CELL_TEXT;
    cell->text = cell->time;
    cell->len = (size_t)(decimal_print_time(cell->time, record->expire_at_ms) - cell->time);
}

static void get_memory_usage(struct key_cell *cell, const struct record *record)
{
    number(cell, !record->damaged, record->cost.memory_usage);
}

static void get_stored_encoding(struct key_cell *cell, const struct record *record)
{
    text(cell, record->stored_encoding);
}

static void get_idle(struct key_cell *cell, const struct record *record)
{
    number(cell, record->has_idle, record->idle_seconds);
}

static void get_frequency(struct key_cell *cell, const struct record *record)
{
    number(cell, record->has_frequency, record->lfu_frequency);
}

static void get_slot(struct key_cell *cell, const struct record *record)
{
    number(cell, record->slot >= 0, (uint64_t)record->slot);
}

const struct key_column key_columns[KEY_COLUMN_COUNT] = {
    [KEY_COLUMN_DATABASE] = {"database", KEY_CELL_NUMBER, get_database},
    [KEY_COLUMN_TYPE] = {"type", KEY_CELL_TEXT, get_type},
    [KEY_COLUMN_KEY] = {"key", KEY_CELL_TEXT, NULL},
    [KEY_COLUMN_SIZE] = {"size_in_bytes", KEY_CELL_NUMBER, get_size},
    [KEY_COLUMN_ENCODING] = {"encoding", KEY_CELL_TEXT, get_encoding},
    [KEY_COLUMN_ELEMENTS] = {"num_elements", KEY_CELL_NUMBER, get_elements},
    [KEY_COLUMN_LONGEST] = {"len_largest_element", KEY_CELL_NUMBER, get_longest},
    [KEY_COLUMN_EXPIRY] = {"expiry", KEY_CELL_TEXT, get_expiry},
    [KEY_COLUMN_MEMORY_USAGE] = {"memory_usage", KEY_CELL_NUMBER, get_memory_usage},
    [KEY_COLUMN_STORED_ENCODING] = {"stored_encoding", KEY_CELL_TEXT, get_stored_encoding},
    [KEY_COLUMN_IDLE] = {"idle_seconds", KEY_CELL_NUMBER, get_idle},
    [KEY_COLUMN_FREQUENCY] = {"lfu_frequency", KEY_CELL_NUMBER, get_frequency},
    [KEY_COLUMN_SLOT] = {"slot", KEY_CELL_NUMBER, get_slot},
};
