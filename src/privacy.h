/* --redact and --show-values: what of the users' data is written. */
#ifndef PRIVACY_H
#define PRIVACY_H

#include "cli_options.h"
#include "environment.h"

/* Makes options->privacy.redactor where it is wanted, and says so when its key is random. Complains and returns false
 * when there is no key to be had. */
bool privacy_prepare(struct cli_options *options, const struct environment *environment);
/* NULL: names are shown. */
const struct redactor *privacy_redactor(const struct cli_options *options);

#endif
