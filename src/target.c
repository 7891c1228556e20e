#include "target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "nearest.h"

enum { CONFIG_MAX_BYTES = 4 << 20 };

static bool check_server(struct target *target)
{
    const char *id = target->options->server;
    if (id == NULL || (target->server = server_by_id(id)) != NULL)
        return true;
    struct nearest nearest;
    char hint[120];
    size_t count;
    const struct server_model *models = server_models(&count);
    nearest_init(&nearest, id);
    for (size_t i = 0; i < count; i++)
        nearest_offer(&nearest, models[i].id);
    complain("--target: there is no server '%.80s'%s (see rdbmeter servers)", id,
             nearest_hint(&nearest, "", hint, sizeof hint));
    return false;
}

static bool check_allocator(struct target *target)
{
    const char *name = target->options->allocator;
    if (name == NULL || (target->allocator = allocator_by_name(name)) != NULL)
        return true;
    struct nearest nearest;
    char hint[120];
    nearest_init(&nearest, name);
    for (unsigned id = 0; id < ALLOCATOR_COUNT; id++)
        nearest_offer(&nearest, allocator_get((enum allocator_id)id)->name);
    complain("--allocator: there is no allocator '%.80s'%s", name, nearest_hint(&nearest, "", hint, sizeof hint));
    return false;
}

static bool read_config(struct target *target)
{
    const char *path = target->options->config;
    if (path == NULL)
        return true;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        complain("--config: cannot open '%s': %s", path, strerror(errno));
        return false;
    }
    target->config = xmalloc(CONFIG_MAX_BYTES);
    target->config_len = fread(target->config, 1, CONFIG_MAX_BYTES, file);
    bool read = !ferror(file) && target->config_len < CONFIG_MAX_BYTES;
    fclose(file);
    if (!read)
        complain("--config: cannot read '%s', or it is longer than %d MB", path, CONFIG_MAX_BYTES >> 20);
    return read;
}

static bool complain_setting(const char *text, const char *name, enum setting_result result)
{
    if (result == SETTING_BAD_VALUE) {
        complain("--set %.160s: the value is not one that this setting takes", text);
        return false;
    }
    const char *nearest = setting_nearest(name);
    if (nearest != NULL)
        complain("--set %.160s: there is no setting '%.80s'; did you mean '%s'?", text, name, nearest);
    else
        complain("--set %.160s: there is no setting '%.80s' that moves memory", text, name);
    return false;
}

/* Splits "name=value" and sets it. */
static bool apply_set(struct settings *settings, const char *text)
{
    char name[96];
    const char *equals = strchr(text, '=');
    if (equals == NULL) {
        complain("--set %.160s: NAME=VALUE expected", text);
        return false;
    }
    size_t len = (size_t)(equals - text);
    snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name - 1), text);
    enum setting_result result = settings_set(settings, name, equals + 1, NULL);
    return result == SETTING_OK || complain_setting(text, name, result);
}

static bool apply_settings(const struct target *target, struct settings *settings)
{
    char message[200];
    if (target->config != NULL &&
        !settings_read_conf(settings, target->config, target->config_len, NULL, message, sizeof message)) {
        complain("--config: %s: %s", target->options->config, message);
        return false;
    }
    for (size_t i = 0; i < target->options->set.count; i++) {
        if (!apply_set(settings, target->options->set.text[i]))
            return false;
    }
    return true;
}

bool target_init(struct target *target, const struct target_options *options)
{
    struct settings scratch = {{0}};
    *target = (struct target){.options = options};
    if (check_server(target) && check_allocator(target) && read_config(target) && apply_settings(target, &scratch))
        return true;
    target_release(target);
    return false;
}

void target_release(struct target *target)
{
    free(target->config);
    target->config = NULL;
}

const struct server_model *target_server(const struct target *target, struct file_facts *facts)
{
    facts->target_given = target->server != NULL;
    facts->match = SERVER_EXACT;
    if (target->server != NULL)
        return target->server;
    return server_for_snapshot(facts->family, facts->server_version, facts->is_keydb, facts->rdb_version,
                               &facts->match);
}

void target_view(const struct target *target, const struct file_facts *facts, const struct server_model *server,
                 const struct allocator *allocator, struct plan_view *view)
{
    *view = (struct plan_view){
        .server = server,
        .allocator = allocator != NULL ? allocator : allocator_get(server->allocator),
        .settings = *server->defaults,
    };
    if (facts->is_cluster)
        view->settings.value[SETTING_CLUSTER_ENABLED] = 1;
    /* Checked by target_init, against the same table for every server. */
    (void)apply_settings(target, &view->settings);
}
