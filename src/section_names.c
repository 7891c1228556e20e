#include "section_names.h"

#include <stdio.h>
#include <string.h>

#include "collect/collector.h"
#include "complain.h"
#include "nearest.h"

static bool read_name(const struct section_names *names, const char *name)
{
    struct nearest nearest;
    char hint[120];
    size_t count;
    const struct collector *rows = collectors(&count);
    nearest_init(&nearest, name);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].id, name) == 0)
            return names->row[i] = true;
        nearest_offer(&nearest, rows[i].id);
    }
    for (size_t i = 0; i < names->more_count; i++) {
        if (strcmp(names->more[i], name) == 0)
            return names->is_more[i] = true;
        nearest_offer(&nearest, names->more[i]);
    }
    complain("--sections: there is no section '%s'%s", name, nearest_hint(&nearest, "", hint, sizeof hint));
    return false;
}

bool section_names_read(const struct section_names *names, const struct text_list *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        for (const char *word = texts->text[i]; word != NULL;) {
            char name[64];
            size_t len = strcspn(word, ",");
            snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name - 1), word);
            if (!read_name(names, name))
                return false;
            word = word[len] == ',' ? word + len + 1 : NULL;
        }
    }
    return true;
}
