/* The forms that the per-key table is written in: CSV, NDJSON, SQLite. One row a form (key_form.c). */
#ifndef KEY_FORM_H
#define KEY_FORM_H

#include <render.h>
#include <stdbool.h>

#include "cli_options.h"
#include "output.h"
#include "record.h"

struct key_form_settings {
    enum name_format name_format;
    bool has_memory_usage; /* the server can tell; else that column is empty */
    bool is_continued;     /* rows alone: they go behind others */
};

struct key_form {
    const char *name;
    const char *const *extensions; /* of -o, ended by NULL */
    bool needs_file;               /* cannot be written to a stream, and not in pieces */
    /* `output` is borrowed; NULL after a complaint. */
    void *(*open)(struct output *output, const struct key_form_settings *options);
    /* Once per key, in file order. What a string costs may be due: record.h; `plan` is for that alone. Writing that
     * fails sets output->error, after which false is returned. */
    bool (*add)(void *self, struct record *record, const struct plan *plan);
    /* Writes what is held back; nothing is added after. Likewise. */
    bool (*finish)(void *self);
    void (*free)(void *self);
};

/* What --format says (0: nothing, then in the order of the rows), else the extension of the path, else CSV. */
const struct key_form *key_form_choose(unsigned choice, const char *path);

extern const struct key_form key_form_csv, key_form_ndjson, key_form_sqlite;

#endif
