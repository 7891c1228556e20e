#include "key_form.h"

#include <string.h>
#include <strings.h>

static const struct key_form *const form[] = {&key_form_csv, &key_form_ndjson, &key_form_sqlite};
enum { FORMS = sizeof form / sizeof *form };

const struct key_form *key_form_choose(unsigned choice, const char *path)
{
    const char *extension = path != NULL ? strrchr(path, '.') : NULL;
    if (choice != 0)
        return form[choice - 1];
    for (size_t i = 0; extension != NULL && i < FORMS; i++) {
        for (const char *const *known = form[i]->extensions; *known != NULL; known++) {
            if (strcasecmp(extension, *known) == 0)
                return form[i];
        }
    }
    return form[0];
}
