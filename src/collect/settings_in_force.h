/* Section settings_in_force: what the file itself proves of the settings of the server that wrote it. A hash of 300
 * fields that lies packed in the file proves that hash-max-listpack-entries was at least 300 when it grew. Tables prove
 * nothing: they stay tables when they shrink. */
#ifndef SETTINGS_IN_FORCE_H
#define SETTINGS_IN_FORCE_H

#include "collector.h"

enum { PROOF_NAME_MAX = 64 };

struct setting_proof {
    uint64_t at_least; /* 0: nothing is proved */
    uint64_t db, name_full_len;
    uint8_t name_len;
    uint8_t name[PROOF_NAME_MAX];
};

struct settings_in_force {
    struct setting_proof proof[SETTING_COUNT];
    /* Tables that are within both limits, and how many of them: many of them speak for lower limits. */
    uint64_t within[OBJECT_TYPE_COUNT];
};

void settings_in_force_add(void *self, const struct collect_context *context, const struct record *record);
void settings_in_force_merge(void *self, const void *other, const struct collect_context *context);
void settings_in_force_hide(void *self, const struct doc_hider *hider);
/* collector.h, archive(). */
void settings_in_force_archive(void *self, const struct collect_context *context, struct archive *archive);
void settings_in_force_finish(const void *self, const struct collect_context *context,
                              const struct collector *collector, struct document *document);

#endif
