#include "environment.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH_DEFAULT = 80, WIDTH_MIN = 40, WIDTH_MAX = 400 };

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0';
}

static unsigned read_width(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    long width = WIDTH_DEFAULT;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        width = size.ws_col;
    else if (columns != NULL && *columns != '\0')
        width = strtol(columns, NULL, 10);
    if (width <= 0)
        width = WIDTH_DEFAULT;
    return width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : (unsigned)width;
}

/* The first of these that is set decides (POSIX, "Internationalization Variables"). */
static bool is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (is_set(names[i])) {
            const char *value = getenv(names[i]);
            return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
        }
    }
    return false;
}

void environment_read(struct environment *environment)
{
    const char *term = getenv("TERM");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *environment = (struct environment){
        .clock_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000,
        .width = read_width(),
        .color = isatty(STDOUT_FILENO) && !is_set("NO_COLOR") && (term == NULL || strcmp(term, "dumb") != 0),
        .unicode = is_utf8(),
        .redact_key = getenv("RDBMETER_REDACT_KEY"),
        .progress = isatty(STDERR_FILENO),
    };
}
