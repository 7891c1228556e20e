/* Reads redis.conf: "directive argument ..." lines as redis src/config.c loadServerConfigFromString takes them. And
 * what redis-cli prints of CONFIG GET: a line with a name, a line with its value. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "settings.h"

enum { WORD_MAX = 256 };

struct line {
    const char *at, *end;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\0' || c == '\v' || c == '\f';
}

/* The next word, without its quotes. Words that do not fit are cut: no setting and no value of one is that long. */
static bool next_word(struct line *line, char word[WORD_MAX])
{
    while (line->at < line->end && is_blank(*line->at))
        line->at++;
    if (line->at == line->end)
        return false;
    char quote = *line->at == '"' || *line->at == '\'' ? *line->at++ : '\0';
    size_t len = 0;
    while (line->at < line->end && (quote ? *line->at != quote : !is_blank(*line->at))) {
        if (quote == '"' && *line->at == '\\' && line->at + 1 < line->end)
            line->at++;
        if (len < WORD_MAX - 1 && *line->at != '\0')
            word[len++] = *line->at;
        line->at++;
    }
    if (quote && line->at < line->end)
        line->at++;
    word[len] = '\0';
    return true;
}

/* The text, directive by directive. */
struct conf {
    const char *at, *end;
    size_t number;      /* of the directive's first line */
    unsigned its_lines; /* how many lines a directive has */
};

static const char *line_end(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline ? newline : end;
}

static bool is_name(const char *at, const char *end)
{
    if (end > at && end[-1] == '\r')
        end--;
    for (const char *c = at; c < end; c++)
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && *c != '-' && *c != '_' && *c != '.')
            return false;
    return end > at;
}

/* Whether each second line is a name and nothing else. In a redis.conf hardly any is. */
static bool is_config_get(const char *at, const char *end)
{
    size_t lines = 0;
    for (; at < end; lines++) {
        const char *newline = line_end(at, end);
        if (lines % 2 == 0 && !is_name(at, newline))
            return false;
        at = newline + (newline < end);
    }
    return lines > 0 && lines % 2 == 0;
}

static struct conf conf_begin(const char *text, size_t len)
{
    return (struct conf){.at = text, .end = text + len, .its_lines = is_config_get(text, text + len) ? 2 : 1};
}

static bool next_directive(struct conf *conf, struct line *line)
{
    if (conf->at >= conf->end)
        return false;
    line->at = conf->at;
    conf->number += conf->number == 0 ? 1 : conf->its_lines;
    for (unsigned i = 0; i < conf->its_lines && conf->at < conf->end; i++) {
        line->end = line_end(conf->at, conf->end);
        conf->at = line->end + (line->end < conf->end);
    }
    return true;
}

/* One directive. false: a setting with a value that no server would take. */
static bool read_line(struct settings *settings, struct line line, bool seen[SETTING_COUNT], char name[WORD_MAX],
                      char value[WORD_MAX])
{
    if (!next_word(&line, name) || name[0] == '#')
        return true;
    if (!next_word(&line, value))
        value[0] = '\0';
    enum setting which;
    enum setting_result result = settings_set(settings, name, value, &which);
    if (result == SETTING_OK && seen)
        seen[which] = true;
    return result != SETTING_BAD_VALUE;
}

bool settings_read_conf(struct settings *settings, const char *text, size_t len, bool seen[SETTING_COUNT],
                        char *message, size_t message_size)
{
    char name[WORD_MAX], value[WORD_MAX];
    struct conf conf = conf_begin(text, len);
    for (struct line line; next_directive(&conf, &line);) {
        if (!read_line(settings, line, seen, name, value)) {
            snprintf(message, message_size, "line %zu: '%.80s' is no value for %s", conf.number, value, name);
            return false;
        }
    }
    return true;
}

bool conf_directive(const char *text, size_t len, const char *name, char *value, size_t size)
{
    char word[WORD_MAX];
    bool found = false;
    struct conf conf = conf_begin(text, len);
    for (struct line line; next_directive(&conf, &line);) {
        if (!next_word(&line, word) || strcasecmp(word, name) != 0 || !next_word(&line, word))
            continue;
        snprintf(value, size, "%s", word);
        found = true;
    }
    return found;
}

/* A value of several words is one argument. */
void settings_commands(const char *lines, char *commands, size_t size)
{
    *commands = '\0';
    for (const char *at = lines; *at;) {
        size_t len = strcspn(at, "\n"), name = strcspn(at, " \n"), used = strlen(commands);
        const char *value = at + name + (name < len);
        int value_len = (int)(len - (size_t)(value - at));
        const char *quote = memchr(value, ' ', (size_t)value_len) ? "\"" : "";
        snprintf(commands + used, size - used, "%sCONFIG SET %.*s %s%.*s%s", used ? "\n" : "", (int)name, at, quote,
                 value_len, value, quote);
        at += len + (at[len] == '\n');
    }
}
