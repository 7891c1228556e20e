#include "info.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct info_field_row rows[INFO_FIELD_COUNT] = {
#define X(id, name, kind, memory, help) [INFO_##id] = {name, INFO_##kind, memory, help},
    INFO_FIELDS(X)
#undef X
};

const struct info_field_row *info_field_row(enum info_field field)
{
    return &rows[field];
}

/* A piece of the text. */
struct piece {
    const char *at;
    size_t len;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct piece trim(struct piece piece)
{
    for (; piece.len && is_blank(*piece.at); piece.len--)
        piece.at++;
    while (piece.len && is_blank(piece.at[piece.len - 1]))
        piece.len--;
    return piece;
}

static bool is_word(struct piece piece, const char *word)
{
    return piece.len == strlen(word) && memcmp(piece.at, word, piece.len) == 0;
}

/* What comes before the first `mark`; *rest is what comes behind it, or nothing. */
static struct piece cut(struct piece piece, char mark, struct piece *rest)
{
    const char *at = piece.len ? memchr(piece.at, mark, piece.len) : NULL;
    size_t len = at ? (size_t)(at - piece.at) : piece.len;
    *rest = at ? (struct piece){at + 1, piece.len - len - 1} : (struct piece){piece.at + piece.len, 0};
    return (struct piece){piece.at, len};
}

static void copy_printable(char *to, size_t size, struct piece piece)
{
    size_t len = piece.len < size - 1 ? piece.len : size - 1;
    for (size_t i = 0; i < len; i++)
        to[i] = piece.at[i] >= ' ' && piece.at[i] <= '~' ? piece.at[i] : '?';
    to[len] = '\0';
}

/* All of `text` as a whole number. */
static bool read_integer(const char *text, int64_t *value)
{
    char *end;
    if (*text != '-' && (*text < '0' || *text > '9'))
        return false;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0';
}

/* All of `text` but for `suffix` as a finite decimal number. */
static bool read_number(const char *text, const char *suffix, double *value)
{
    char *end;
    if (strspn(text, "-0123456789.") + strlen(suffix) != strlen(text))
        return false;
    *value = strtod(text, &end);
    return end != text && strcmp(end, suffix) == 0 && isfinite(*value);
}

static bool read_value(enum info_kind kind, struct info_value *value)
{
    switch (kind) {
    case INFO_BYTES:
    case INFO_COUNT:
    case INFO_TIME:
        if (!read_integer(value->text, &value->integer))
            return false;
        value->number = (double)value->integer;
        return true;
    case INFO_RATIO:
        return read_number(value->text, "", &value->number);
    case INFO_PERCENT:
        return read_number(value->text, "%", &value->number);
    case INFO_TEXT:
    case INFO_REPEATED:
        return true;
    }
    return false;
}

static uint64_t read_count(struct piece piece)
{
    char text[24];
    int64_t value;
    copy_printable(text, sizeof text, piece);
    return piece.len < sizeof text && read_integer(text, &value) && value > 0 ? (uint64_t)value : 0;
}

/* "keys=11466,expires=1575,avg_ttl=45694900"; releases add further names behind these. */
static void read_database(struct info *info, uint64_t db, struct piece list)
{
    struct info_database *database = info->database;
    size_t i = 0;
    while (i < info->database_count && database[i].db != db)
        i++;
    if (i == INFO_MAX_DATABASES)
        return;
    info->database_count += i == info->database_count;
    database[i] = (struct info_database){.db = db};
    while (list.len) {
        struct piece value, name = cut(cut(list, ',', &list), '=', &value);
        if (is_word(name, "keys"))
            database[i].keys = read_count(value);
        else if (is_word(name, "expires"))
            database[i].expires = read_count(value);
        else if (is_word(name, "avg_ttl"))
            database[i].avg_ttl_ms = read_count(value);
    }
}

/* Whether a name is "db" and a number. */
static bool is_database(struct piece name, uint64_t *db)
{
    enum { MOST_DIGITS = 9 };
    if (name.len < 3 || name.len > 2 + MOST_DIGITS || memcmp(name.at, "db", 2) != 0)
        return false;
    *db = 0;
    for (size_t i = 2; i < name.len; i++) {
        if (name.at[i] < '0' || name.at[i] > '9')
            return false;
        *db = *db * 10 + (uint64_t)(name.at[i] - '0');
    }
    return true;
}

static void add_unknown(struct info *info, struct piece name, struct piece text)
{
    if (info->unknown_count++ >= INFO_MAX_UNKNOWN)
        return;
    struct info_unknown *unknown = &info->unknown[info->unknown_count - 1];
    copy_printable(unknown->name, sizeof unknown->name, name);
    copy_printable(unknown->text, sizeof unknown->text, text);
}

static void read_field(struct info *info, struct piece name, struct piece text, bool in_memory)
{
    for (int i = 0; i < INFO_FIELD_COUNT; i++) {
        if (!is_word(name, rows[i].name))
            continue;
        struct info_value value = {.present = true};
        copy_printable(value.text, sizeof value.text, text);
        if (text.len < sizeof value.text && read_value(rows[i].kind, &value))
            info->value[i] = value;
        else
            info->malformed++;
        return;
    }
    if (in_memory && name.len)
        add_unknown(info, name, text);
}

bool info_parse(struct info *info, const char *text, size_t len)
{
    struct piece rest = {text, len};
    bool in_memory = false;
    memset(info, 0, sizeof *info);
    if (rest.len >= 3 && memcmp(rest.at, "\xef\xbb\xbf", 3) == 0)
        rest = (struct piece){rest.at + 3, rest.len - 3};
    while (rest.len) {
        struct piece line = trim(cut(rest, '\n', &rest)), value;
        if (line.len && *line.at == '#') {
            struct piece title = trim((struct piece){line.at + 1, line.len - 1});
            in_memory = is_word(title, "Memory");
            info->has_keyspace |= is_word(title, "Keyspace");
            continue;
        }
        struct piece name = cut(line, ':', &value);
        uint64_t db;
        if (is_database(name, &db))
            read_database(info, db, trim(value));
        else if (name.len < line.len)
            read_field(info, name, trim(value), in_memory);
    }
    info->has_keyspace |= info->database_count != 0;
    for (int i = 0; i < INFO_FIELD_COUNT; i++)
        if (info->value[i].present)
            return true;
    return info->has_keyspace;
}
