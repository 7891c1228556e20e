/* The per-key table as an SQLite database: one table `keys`, filled in one transaction, then its indexes. The file is a
 * temporary one until it is complete, so nothing is kept for a rollback. */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "key_columns.h"
#include "key_form.h"

struct key_sqlite {
    struct output *output;
    struct key_form_settings options;
    sqlite3 *database;
    sqlite3_stmt *insert;
};

/* A name is bound behind the other columns as well: how long it was, where only its beginning is held. */
enum { PARAMETER_FULL_LENGTH = KEY_COLUMN_COUNT + 1 };

static const char indexes[] = "CREATE INDEX keys_by_size ON keys (size_in_bytes);"
                              "CREATE INDEX keys_by_key ON keys (key);"
                              "CREATE INDEX keys_by_type ON keys (type, encoding);"
                              "CREATE INDEX keys_by_expiry ON keys (expiry) WHERE expiry IS NOT NULL;"
                              "CREATE INDEX keys_by_slot ON keys (slot);"
                              "COMMIT;";

/* Complains unless it is about writing, which output_commit does. */
static bool fail(struct key_sqlite *table)
{
    int error = sqlite3_system_errno(table->database);
    if (sqlite3_errcode(table->database) == SQLITE_FULL)
        error = ENOSPC;
    complain("SQLite: %s", sqlite3_errmsg(table->database));
    table->output->error = error != 0 ? error : EIO;
    return false;
}

static bool execute(struct key_sqlite *table, const char *statements)
{
    return sqlite3_exec(table->database, statements, NULL, NULL, NULL) == SQLITE_OK || fail(table);
}

/* Adds to a statement of `size` bytes, of which `used` are written; the table of columns is far shorter than that. */
static size_t append(char *statement, size_t size, size_t used, const char *name, const char *rest)
{
    int written = used < size ? snprintf(statement + used, size - used, "%s%s", name, rest) : 0;
    return used + (written > 0 ? (size_t)written : 0);
}

static bool create_table(struct key_sqlite *table)
{
    char create[1024], insert[512];
    size_t created = append(create, sizeof create, 0, "CREATE TABLE keys (", "");
    size_t inserted = append(insert, sizeof insert, 0, "INSERT INTO keys VALUES (", "");
    for (unsigned column = 0; column < KEY_COLUMN_COUNT; column++) {
        const struct key_column *row = &key_columns[column];
        created =
            append(create, sizeof create, created, row->name, row->kind == KEY_CELL_NUMBER ? " INTEGER, " : " TEXT, ");
        inserted = append(insert, sizeof insert, inserted, "?, ", "");
    }
    append(create, sizeof create, created, "key_full_length INTEGER)", "");
    append(insert, sizeof insert, inserted, "?)", "");
    return execute(table, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 8192; "
                          "PRAGMA user_version = 1; BEGIN") &&
           execute(table, create) &&
           (sqlite3_prepare_v2(table->database, insert, -1, &table->insert, NULL) == SQLITE_OK || fail(table));
}

static void release(void *self)
{
    struct key_sqlite *table = self;
    sqlite3_finalize(table->insert);
    sqlite3_close(table->database);
    free(table);
}

static void *open_sqlite(struct output *output, const struct key_form_settings *options)
{
    struct key_sqlite *table = xmalloc(sizeof *table);
    *table = (struct key_sqlite){.output = output, .options = *options};
    bool opened =
        sqlite3_open_v2(output->temporary, &table->database, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK || fail(table);
    if (opened && create_table(table))
        return table;
    release(table);
    return NULL;
}

/* As text where it is one for SQLite, which ends texts at a zero byte in many places; else as a blob. */
static int bind_name(const struct key_sqlite *table, const struct record *record)
{
    enum { PARAMETER = KEY_COLUMN_KEY + 1 };
    const char *bytes = (const char *)record->key;
    int len = (int)record->key_bytes;
    if (table->options.name_format != NAME_ESCAPED) {
        size_t size = 2 * (size_t)len + 4;
        char *text = xmalloc(size);
        len = (int)name_print(text, size, table->options.name_format, record->key, record->key_bytes);
        return sqlite3_bind_text(table->insert, PARAMETER, text, len, free);
    }
    if (len == 0)
        return sqlite3_bind_text(table->insert, PARAMETER, "", 0, SQLITE_STATIC);
    if (memchr(bytes, '\0', (size_t)len) == NULL && name_is_utf8(record->key, (size_t)len))
        return sqlite3_bind_text(table->insert, PARAMETER, bytes, len, SQLITE_STATIC);
    return sqlite3_bind_blob(table->insert, PARAMETER, bytes, len, SQLITE_STATIC);
}

/* SQLite has no integers above 2^63 - 1: of those, which no real key has, a floating point number is kept. */
static int bind_number(sqlite3_stmt *insert, int parameter, uint64_t number)
{
    return number <= INT64_MAX ? sqlite3_bind_int64(insert, parameter, (sqlite3_int64)number)
                               : sqlite3_bind_double(insert, parameter, (double)number);
}

static int bind_cell(const struct key_sqlite *table, unsigned column, struct key_cell *cell,
                     const struct record *record)
{
    int parameter = (int)column + 1;
    cell->kind = KEY_CELL_NONE;
    if (column != KEY_COLUMN_MEMORY_USAGE || table->options.has_memory_usage)
        key_columns[column].get(cell, record);
    if (cell->kind == KEY_CELL_NUMBER)
        return bind_number(table->insert, parameter, cell->number);
    if (cell->kind == KEY_CELL_TEXT)
        return sqlite3_bind_text(table->insert, parameter, cell->text, (int)cell->len,
                                 cell->text == cell->time ? SQLITE_TRANSIENT : SQLITE_STATIC);
    return sqlite3_bind_null(table->insert, parameter);
}

static bool add_row(void *self, struct record *record, const struct plan *plan)
{
    struct key_sqlite *table = self;
    struct key_cell cell;
    int status = SQLITE_OK;
    if (record->cost_is_due)
        record_cost(record, plan);
    for (unsigned column = 0; column < KEY_COLUMN_COUNT && status == SQLITE_OK; column++) {
        status = column == KEY_COLUMN_KEY ? bind_name(table, record) : bind_cell(table, column, &cell, record);
    }
    if (status == SQLITE_OK && record->key_len > record->key_bytes)
        status = bind_number(table->insert, PARAMETER_FULL_LENGTH, record->key_len);
    else if (status == SQLITE_OK)
        status = sqlite3_bind_null(table->insert, PARAMETER_FULL_LENGTH);
    if (status == SQLITE_OK && sqlite3_step(table->insert) == SQLITE_DONE)
        return sqlite3_reset(table->insert) == SQLITE_OK || fail(table);
    return fail(table);
}

static bool finish(void *self)
{
    return execute(self, indexes);
}

static const char *const extensions[] = {".db", ".sqlite", ".sqlite3", NULL};

const struct key_form key_form_sqlite = {"sqlite", extensions, true, open_sqlite, add_row, finish, release};
