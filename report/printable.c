#include "printable.h"

#include "names.h"
#include "values.h"

static void add_unit(struct buffer *out, const struct doc_bytes *text, size_t *at, bool is_name,
                     const struct printable *how)
{
    uint8_t byte = text->bytes[*at];
    /* Only names promise that their backslashes are doubled. */
    if (!is_name && (byte == '\\' || byte == '\n')) {
        buffer_add(out, byte == '\n' && !how->keep_lines ? " " : (const char *)&text->bytes[*at], 1);
        ++*at;
        return;
    }
    struct name_unit unit = name_next_unit(text->bytes + *at, text->len - *at, how->ascii);
    buffer_add(out, unit.text, unit.text_len);
    *at += unit.size;
}

void printable_add(struct buffer *out, const struct doc_value *value, const struct printable *how)
{
    const struct doc_bytes *text = &value->text;
    bool is_name = value->kind == DOC_NAME;
    size_t most = is_name ? how->name_most : how->text_most, at = 0;
    while (at < text->len && at < most)
        add_unit(out, text, &at, is_name, how);
    if (is_name && text->full_len == 0)
        buffer_puts(out, "\"\"");
    if (at < text->full_len) {
        char length[VALUE_MAX];
        print_grouped(length, text->full_len);
        buffer_printf(out, "%s (%s bytes)", how->ascii ? "..." : "…", length);
    }
}

void printable_value(struct buffer *out, const struct doc_value *value, const struct printable *how)
{
    const struct value_kind *kind = value_kind(value->kind);
    if (kind->is_text)
        printable_add(out, value, how);
    else
        out->len += kind->print(buffer_reserve(out, VALUE_MAX), value);
}
