#include "privacy.h"

#include "complain.h"

bool privacy_prepare(struct cli_options *options, const struct environment *environment)
{
    struct privacy_options *privacy = &options->privacy;
    privacy->redact |= privacy->key_path != NULL;
    if (!privacy->redact)
        return true;
    if (!redactor_init(&privacy->redactor, privacy->key_path, environment->redact_key))
        return false;
    if (privacy->redactor.is_random)
        complain("--redact: the key is random, so no other run has the same names; --redact-key gives one");
    return true;
}

const struct redactor *privacy_redactor(const struct cli_options *options)
{
    return options->privacy.redact ? &options->privacy.redactor : NULL;
}
