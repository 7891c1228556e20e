#include <cjson/cJSON.h>
#include <string.h>

#include "arena.h"
#include "base64.h"
#include "buffer.h"
#include "document_parts.h"
#include "renderers.h"
#include "utf8.h"
#include "values.h"

static size_t escape_point(char *out, uint32_t point)
{
    static const char hex_digits[] = "0123456789abcdef";
    memcpy(out, "\\u", 2);
    for (unsigned i = 0; i < 4; i++)
        out[2 + i] = hex_digits[point >> (12 - 4 * i) & 15];
    return 6;
}

/* One character of `size` bytes inside a string literal. What a terminal would obey is escaped, though JSON would take
 * it: documents are read with cat as well. */
static size_t print_point(char *out, const uint8_t *bytes, unsigned size, uint32_t point)
{
    static const char shorts[0x20] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    char letter = point < 0x20 ? shorts[point] : point == '"' || point == '\\' ? (char)point : 0;
    if (letter) {
        out[0] = '\\';
        out[1] = letter;
        return 2;
    }
    if (point <= 0xFFFF && utf8_is_control(point))
        return escape_point(out, point);
    memcpy(out, bytes, size);
    return size;
}

size_t json_string_print(char *out, const uint8_t *bytes, size_t len, bool *lossless)
{
    bool exact = true;
    size_t at = 0, written = 0;
    out[written++] = '"';
    while (at < len) {
        uint32_t point;
        unsigned size = utf8_decode(bytes + at, len - at, &point);
        if (size) {
            written += print_point(out + written, bytes + at, size, point);
        } else {
            written += escape_point(out + written, 0xFFFD);
            exact = false;
            size = 1;
        }
        at += size;
    }
    out[written++] = '"';
    if (lossless)
        *lossless = exact;
    return written;
}

void json_string(FILE *out, const uint8_t *bytes, size_t len, bool *lossless)
{
    struct buffer literal = {0};
    size_t size = json_string_print(buffer_reserve(&literal, 6 * len + 2), bytes, len, lossless);
    fwrite(literal.data, 1, size, out);
    buffer_release(&literal);
}

static cJSON *must(cJSON *item)
{
    if (!item)
        arena_out_of_memory();
    return item;
}

/* Adding can fail for want of memory, too: the name is copied. */
static void put_item(cJSON *object, const char *id, cJSON *item)
{
    if (!cJSON_AddItemToObject(object, id, item))
        arena_out_of_memory();
}

static void append_item(cJSON *array, cJSON *item)
{
    if (!cJSON_AddItemToArray(array, item))
        arena_out_of_memory();
}

/* cJSON keeps numbers as doubles and strings up to the first NUL: integers and strings are handed over as written. */
static cJSON *json_text(const uint8_t *bytes, size_t len, bool *lossless)
{
    struct buffer literal = {0};
    literal.len = json_string_print(buffer_reserve(&literal, 6 * len + 3), bytes, len, lossless);
    literal.data[literal.len] = 0;
    cJSON *item = must(cJSON_CreateRaw(literal.data));
    buffer_release(&literal);
    return item;
}

static cJSON *json_words(const char *text)
{
    return json_text((const uint8_t *)text, strlen(text), NULL);
}

static cJSON *json_count(uint64_t count)
{
    char plain[VALUE_MAX];
    struct doc_value value = doc_count(count);
    value_kind(DOC_COUNT)->plain(plain, &value);
    return must(cJSON_CreateRaw(plain));
}

static void add_with_suffix(cJSON *object, const char *id, const char *suffix, cJSON *item)
{
    struct buffer name = {0};
    buffer_puts(&name, id);
    buffer_add(&name, suffix, strlen(suffix) + 1);
    put_item(object, name.data, item);
    buffer_release(&name);
}

static void add_text(cJSON *object, const char *id, const struct doc_bytes *text)
{
    bool lossless;
    put_item(object, id, json_text(text->bytes, text->len, &lossless));
    if (!lossless) {
        struct buffer encoded = {0};
        size_t capacity = 4 * ((text->len + 2) / 3);
        encoded.len = base64_print(buffer_reserve(&encoded, capacity), capacity, text->bytes, text->len);
        add_with_suffix(object, id, "_base64", json_text((const uint8_t *)encoded.data, encoded.len, NULL));
        buffer_release(&encoded);
    }
    if (text->full_len > text->len)
        add_with_suffix(object, id, "_full_length", json_count(text->full_len));
}

static void add_value(cJSON *object, const char *id, const struct doc_value *value)
{
    const struct value_kind *kind = value_kind(value->kind);
    if (kind->is_text) {
        add_text(object, id, &value->text);
        return;
    }
    char plain[VALUE_MAX];
    size_t len = kind->plain(plain, value);
    put_item(object, id, must(len ? cJSON_CreateRaw(plain) : cJSON_CreateNull()));
}

static cJSON *json_table(const struct doc_table *table)
{
    cJSON *rows = must(cJSON_CreateArray());
    for (const struct doc_row *row = table->rows; row; row = row->next) {
        cJSON *object = must(cJSON_CreateObject());
        for (size_t i = 0; i < table->column_count; i++)
            add_value(object, table->columns[i].id, &row->cells[i]);
        append_item(rows, object);
    }
    return rows;
}

static cJSON *json_notes(const struct doc_section *section)
{
    cJSON *notes = must(cJSON_CreateArray());
    for (const struct doc_note *note = section->notes; note; note = note->next) {
        cJSON *object = must(cJSON_CreateObject());
        put_item(object, "severity", json_words(severity_words(note->severity)->name));
        put_item(object, "text", json_words(note->text));
        append_item(notes, object);
    }
    return notes;
}

static cJSON *json_section(const struct doc_section *section)
{
    cJSON *object = must(cJSON_CreateObject());
    for (const struct doc_fact *fact = section->facts; fact; fact = fact->next)
        add_value(object, fact->id, &fact->value);
    for (const struct doc_table *table = section->tables; table; table = table->next)
        put_item(object, table->id, json_table(table));
    put_item(object, "notes", json_notes(section));
    return object;
}

/* The lines to paste, one string each. */
static cJSON *json_lines(const char *text)
{
    cJSON *lines = must(cJSON_CreateArray());
    while (text && *text) {
        size_t len = strcspn(text, "\n");
        append_item(lines, json_text((const uint8_t *)text, len, NULL));
        text += len + (text[len] == '\n');
    }
    return lines;
}

static cJSON *json_actions(const struct document *document)
{
    cJSON *actions = must(cJSON_CreateArray());
    for (const struct doc_action *action = document->actions; action; action = action->next) {
        cJSON *object = must(cJSON_CreateObject());
        put_item(object, "id", json_words(action->id));
        put_item(object, "title", json_words(action->title));
        put_item(object, "why", json_words(action->why));
        put_item(object, "saves_bytes", json_count(action->saves_bytes));
        put_item(object, "paste", json_lines(action->paste));
        put_item(object, "commands", json_lines(action->commands));
        append_item(actions, object);
    }
    return actions;
}

bool render_json(const struct document *document, const struct render_options *options, FILE *out)
{
    (void)options;
    cJSON *root = must(cJSON_CreateObject());
    put_item(root, "schema_version", json_count(document->schema_version));
    put_item(root, "generator", json_words(document->generator));
    put_item(root, "partial", must(cJSON_CreateBool(document->partial_reason != NULL)));
    if (document->partial_reason)
        put_item(root, "partial_reason", json_words(document->partial_reason));
    put_item(root, "actions", json_actions(document));
    for (const struct doc_section *section = document->sections; section; section = section->next)
        put_item(root, section->id, json_section(section));
    char *text = cJSON_Print(root);
    cJSON_Delete(root);
    if (!text)
        arena_out_of_memory();
    fputs(text, out);
    putc('\n', out);
    cJSON_free(text);
    return fflush(out) == 0 && !ferror(out);
}
