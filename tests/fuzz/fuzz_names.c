/* Any bytes as the name of a key: every form comes back to the same bytes, every text that is read as a name is refused
 * or can be written again, and no renderer lets a byte through that is obeyed. The first byte is the capacity. */
#include <stdlib.h>
#include <string.h>

#include "render.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int fine)
{
    if (!fine)
        abort();
}

static void is_plain(const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t point;
        unsigned size = utf8_decode((const uint8_t *)text + at, len - at, &point);
        need(size != 0 && !utf8_is_control(point));
        at += size;
    }
}

static void print_and_parse(enum name_format format, const uint8_t *bytes, size_t len, size_t small)
{
    size_t capacity = 4 * len + 4;
    char *text = malloc(capacity), *part = malloc(small + 1);
    uint8_t *back = malloc(capacity);
    need(text && part && back);
    size_t text_len = name_print(text, capacity, format, bytes, len);
    is_plain(text, text_len);
    need(name_parse(back, capacity, format, text, text_len) == len && (len == 0 || memcmp(back, bytes, len) == 0));
    size_t part_len = name_print(part, small, format, bytes, len);
    need(part_len <= small && part_len <= text_len && memcmp(part, text, part_len) == 0);
    /* The same bytes as somebody's text. */
    size_t parsed = name_parse(back, capacity, format, (const char *)bytes, len);
    need(parsed == SIZE_MAX || parsed <= len);
    free(text);
    free(part);
    free(back);
}

static void literals(const uint8_t *bytes, size_t len)
{
    char *out = malloc(6 * len + 3);
    bool lossless;
    need(out != NULL);
    size_t json_len = json_string_print(out, bytes, len, &lossless);
    need(json_len >= 2 && json_len <= 6 * len + 2 && out[0] == '"' && out[json_len - 1] == '"');
    for (size_t i = 0; i < json_len; i++)
        need((uint8_t)out[i] >= 0x20);
    size_t csv_len = csv_field_print(out, bytes, len);
    need(csv_len >= len && csv_len <= 2 * len + 3);
    need(csv_len == 0 || !strchr("=+-@\t\r\n", out[0]) || out[0] == 0);
    free(out);
}

static const char *const formats[] = {"text", "json", "csv", "html", "markdown"};

/* HTML carries its script along: 0.7 MB a run, so not every time. */
static void rendered(const uint8_t *bytes, size_t len, bool with_html)
{
    static const struct doc_column columns[] = {{"key", "Key", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE}};
    struct document *document = document_new("fuzz 1", 1);
    struct doc_section *section = document_section(document, "s", "S");
    struct doc_value cell = doc_name(bytes, len, len);
    section_headline(section, "name", "Name", cell);
    table_row(section_table(section, "t", "T", columns, 1, DOC_CHART_TREEMAP), &cell);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i], "html") == 0 && !with_html)
            continue;
        char *text = NULL;
        size_t size = 0;
        struct render_options options = {.width = 40, .unicode = true, .section = "s.t"};
        FILE *out = open_memstream(&text, &size);
        need(out && renderer_by_name(formats[i])->render(document, &options, out));
        fclose(out);
        for (size_t at = 0; at < size; at++)
            need((uint8_t)text[at] >= 0x20 || strchr("\t\r\n", text[at]));
        free(text);
    }
    document_free(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 4096)
        return 0;
    print_and_parse(NAME_ESCAPED, data + 1, size - 1, data[0]);
    print_and_parse(NAME_HEX, data + 1, size - 1, data[0]);
    print_and_parse(NAME_BASE64, data + 1, size - 1, data[0]);
    literals(data + 1, size - 1);
    rendered(data + 1, size - 1, data[0] % 32 == 0);
    return 0;
}
