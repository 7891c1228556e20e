/* Which server, allocator and settings the keys are costed for: from the options, and from what the file says. */
#ifndef TARGET_H
#define TARGET_H

#include "cli_options.h"
#include "file_facts.h"
#include "model/shape.h"

struct target {
    const struct target_options *options;
    const struct server_model *server; /* --target; NULL: the file says */
    const struct allocator *allocator; /* --allocator; NULL: the server's own */
    char *config;                      /* text of --config; NULL without one */
    size_t config_len;
};

/* Checks the options before anything is read. Complains and returns false when they make no sense. */
bool target_init(struct target *target, const struct target_options *options);
void target_release(struct target *target);

/* The server that the file is costed for. Notes in `facts` how it was chosen. */
const struct server_model *target_server(const struct target *target, struct file_facts *facts);
/* A view of `server` on `allocator` (NULL: its own) under its defaults, the file's cluster mode, --config and --set. */
void target_view(const struct target *target, const struct file_facts *facts, const struct server_model *server,
                 const struct allocator *allocator, struct plan_view *view);

#endif
