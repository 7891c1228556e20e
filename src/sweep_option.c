#include "sweep_option.h"

#include <stdio.h>
#include <string.h>

#include "complain.h"

enum { NAME_MAX_BYTES = 64 };

/* One value, in the notation of redis.conf. */
static bool read_point(struct sweep_points *points, const char *name, const char *text, size_t len)
{
    struct settings scratch = {{0}};
    enum setting setting;
    char value[NAME_MAX_BYTES];
    snprintf(value, sizeof value, "%.*s", (int)(len < sizeof value ? len : sizeof value - 1), text);
    switch (settings_set(&scratch, name, value, &setting)) {
    case SETTING_UNKNOWN:
        complain("--sweep: there is no setting '%s' that moves memory", name);
        return false;
    case SETTING_BAD_VALUE:
        complain("--sweep: '%s' is no value of %s", value, name);
        return false;
    case SETTING_OK:
        break;
    }
    if (points->count[setting] == SWEEP_CHOSEN) {
        complain("--sweep: at most %d values of %s can be tried", SWEEP_CHOSEN, name);
        return false;
    }
    points->value[setting][points->count[setting]++] = scratch.value[setting];
    return true;
}

static bool read_text(struct sweep_points *points, const char *text)
{
    char name[NAME_MAX_BYTES];
    size_t name_len = strcspn(text, "=");
    if (text[name_len] != '=' || name_len >= sizeof name) {
        complain("--sweep: '%s' is not NAME=VALUE[,VALUE]", text);
        return false;
    }
    snprintf(name, sizeof name, "%.*s", (int)name_len, text);
    for (const char *value = text + name_len + 1; value != NULL;) {
        size_t len = strcspn(value, ",");
        if (!read_point(points, name, value, len))
            return false;
        value = value[len] == ',' ? value + len + 1 : NULL;
    }
    return true;
}

bool sweep_option_read(struct sweep_points *points, const struct text_list *texts)
{
    *points = (struct sweep_points){{0}, {{0}}};
    for (size_t i = 0; i < texts->count; i++) {
        if (!read_text(points, texts->text[i]))
            return false;
    }
    return true;
}
