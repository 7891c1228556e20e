#include "text_parts.h"

#include <string.h>

#include "printable.h"
#include "utf8.h"

static const char *const looks[] = {
    [LOOK_PLAIN] = "",        [LOOK_TITLE] = "\033[1m", [LOOK_HEAD] = "\033[2m",     [LOOK_BAR] = "\033[36m",
    [LOOK_CODE] = "\033[36m", [LOOK_GOOD] = "\033[32m", [LOOK_WARNING] = "\033[33m", [LOOK_CRITICAL] = "\033[1;31m",
};

void text_put(const struct screen *screen, enum text_look look, const char *text, size_t len)
{
    bool colored = screen->color && look != LOOK_PLAIN;
    if (colored)
        fputs(looks[look], screen->out);
    fwrite(text, 1, len, screen->out);
    if (colored)
        fputs("\033[0m", screen->out);
}

void text_puts(const struct screen *screen, enum text_look look, const char *text)
{
    text_put(screen, look, text, strlen(text));
}

void text_spaces(const struct screen *screen, size_t count)
{
    if (count)
        fprintf(screen->out, "%*s", (int)count, "");
}

unsigned text_width(const char *text, size_t len)
{
    unsigned width = 0;
    for (size_t at = 0; at < len;) {
        uint32_t point = 0;
        unsigned size = utf8_decode((const uint8_t *)text + at, len - at, &point);
        width += utf8_width(point);
        at += size ? size : 1;
    }
    return width;
}

unsigned text_value(struct buffer *out, const struct doc_value *value, bool unicode)
{
    buffer_reserve(out, 1);
    size_t start = out->len;
    const struct printable how = {.name_most = 4096, .text_most = SIZE_MAX, .ascii = !unicode};
    printable_value(out, value, &how);
    return text_width(out->data + start, out->len - start);
}

/* Bytes of the unit at `text`: an escape is never cut in two, nor a mark from the letter it stands on. */
static size_t unit_len(const char *text, size_t len, unsigned *width)
{
    static const unsigned escape_len[256] = {['\\'] = 2, ['x'] = 4};
    size_t size = 1;
    *width = 1;
    if (*text == '\\' && len > 1 && escape_len[(uint8_t)text[1]] && escape_len[(uint8_t)text[1]] <= len) {
        size = *width = escape_len[(uint8_t)text[1]];
    } else {
        uint32_t point = 0;
        unsigned decoded = utf8_decode((const uint8_t *)text, len, &point);
        size = decoded ? decoded : 1;
        *width = utf8_width(point);
    }
    uint32_t mark = 0;
    unsigned mark_len;
    while (size < len && (mark_len = utf8_decode((const uint8_t *)text + size, len - size, &mark)) > 1 &&
           utf8_width(mark) == 0)
        size += mark_len;
    return size;
}

unsigned text_fit(struct buffer *out, const char *text, size_t len, unsigned width, bool unicode)
{
    unsigned total = text_width(text, len);
    if (total <= width) {
        buffer_add(out, text, len);
        return total;
    }
    const char *ellipsis = unicode ? "…" : "..";
    unsigned ellipsis_width = unicode ? 1 : 2;
    if (width <= ellipsis_width) {
        buffer_fill(out, '.', width);
        return width;
    }
    unsigned room = width - ellipsis_width, head_room = room - room / 2, head = 0, unit;
    size_t at = 0, size;
    while ((size = unit_len(text + at, len - at, &unit)) && head + unit <= head_room) {
        head += unit;
        at += size;
    }
    buffer_add(out, text, at);
    buffer_puts(out, ellipsis);
    unsigned left = total - head;
    while (left > room - head) {
        at += unit_len(text + at, len - at, &unit);
        left -= unit;
    }
    buffer_add(out, text + at, len - at);
    return head + ellipsis_width + left;
}

/* Bytes of `text` that go into a line of `width` columns: up to a space where there is one. */
static size_t line_len(const char *text, size_t len, unsigned width)
{
    size_t at = 0, space = 0;
    unsigned used = 0;
    while (at < len) {
        unsigned unit;
        size_t size = unit_len(text + at, len - at, &unit);
        if (used + unit > width)
            return space ? space : at ? at : size;
        used += unit;
        at += size;
        if (at < len && text[at] == ' ')
            space = at;
    }
    return len;
}

void text_paragraph(const struct screen *screen, enum text_look look, unsigned indent, const char *text, size_t len)
{
    unsigned width = screen->width > indent + 8 ? screen->width - indent : 8;
    for (bool first = true; len || first; first = false) {
        if (!first)
            text_spaces(screen, indent);
        size_t take = line_len(text, len, width);
        text_put(screen, look, text, take);
        putc('\n', screen->out);
        while (take < len && text[take] == ' ')
            take++;
        text += take;
        len -= take;
    }
}

void text_bar(struct buffer *out, double share, unsigned width, bool unicode)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    double clamped = share > 1 ? 1 : share > 0 ? share : 0;
    unsigned steps = (unsigned)(clamped * width * 8 + 0.5);
    if (clamped > 0 && steps == 0)
        steps = 1;
    unsigned full = unicode ? steps / 8 : (steps + 4) / 8, drawn = full;
    for (unsigned i = 0; i < full; i++)
        buffer_puts(out, unicode ? "█" : "#");
    if (unicode && steps % 8) {
        buffer_puts(out, eighths[steps % 8]);
        drawn++;
    }
    buffer_fill(out, ' ', width - drawn);
}
