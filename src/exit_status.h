/* What the program's exit status says; documented in the man page. */
#ifndef EXIT_STATUS_H
#define EXIT_STATUS_H

enum exit_status {
    EXIT_STATUS_DONE = 0,
    EXIT_STATUS_BREACH = 1,   /* a check found a limit exceeded */
    EXIT_STATUS_USAGE = 2,    /* the command line cannot be understood */
    EXIT_STATUS_DAMAGED = 3,  /* the input is damaged or truncated; what was read is reported */
    EXIT_STATUS_UNUSABLE = 4, /* the input cannot be read at all, or the output cannot be written */
};

/* Of two things that happened, what the program says: they are ordered by how little can be relied upon. */
static inline enum exit_status exit_status_worst(enum exit_status a, enum exit_status b)
{
    return a > b ? a : b;
}

#endif
