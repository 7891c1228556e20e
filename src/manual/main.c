/* rdbmeter-manual FORM: the man page or a shell's completions on standard output; run by the build. */
#include <stdio.h>
#include <string.h>

#include "manual.h"

struct form {
    const char *name;
    void (*write)(FILE *out);
};

static const struct form forms[] = {
    {"man", manual_write_man_page},
    {"bash", manual_write_bash},
    {"zsh", manual_write_zsh},
    {"fish", manual_write_fish},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof forms / sizeof *forms; i++) {
        if (strcmp(argv[1], forms[i].name) == 0) {
            forms[i].write(stdout);
            return fflush(stdout) == 0 ? 0 : 1;
        }
    }
    fputs("usage: rdbmeter-manual man|bash|zsh|fish\n", stderr);
    return 2;
}
