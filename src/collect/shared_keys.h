/* Section shared_keys: which keys are in more than one of several files. A key is its database and name; of all keys
 * the SHARED_KEYS_SAMPLE with the smallest hashes are kept, each with the number of files that have it. That sample is
 * the same for every file that has the key, so what files share is found in it, whatever their order. Up to so many
 * keys the answer is exact; beyond it is an estimate, stated with its error, unless somebody has looked the keys up
 * (struct shared_list). */
#ifndef SHARED_KEYS_H
#define SHARED_KEYS_H

#include "collector.h"

enum { SHARED_KEYS_SAMPLE = 1 << 13 };

struct shared_key {
    uint64_t hash;
    uint64_t files;
};

struct shared_keys {
    struct shared_key *key; /* 2 * SHARED_KEYS_SAMPLE of them; sorted only where it matters */
    size_t count;
    uint64_t limit;           /* with `is_cut`: hashes from here on are not kept */
    bool is_cut;              /* there are more keys than the sample holds */
    struct shared_list *list; /* NULL: nobody has looked them up */
};

/* The heaviest keys in several files, by their bytes in all of them. */
enum { SHARED_NAME_MAX = 128, SHARED_PLACES_MAX = 240 };
struct shared_item {
    uint64_t hash, bytes, files;
    uint64_t db, name_full_len;
    enum object_type type;
    uint8_t name_len, name[SHARED_NAME_MAX];
    char places[SHARED_PLACES_MAX]; /* the files, as far as they fit */
};
struct shared_list {
    uint64_t keys, copies, bytes; /* all of them; bytes: of all but each one's largest copy */
    size_t count;
    struct shared_item *item; /* heaviest first */
};

uint64_t shared_key_hash(const struct record *record);

void shared_keys_add(void *self, const struct collect_context *context, const struct record *record);
void shared_keys_merge(void *self, const void *other, const struct collect_context *context);
void shared_keys_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                        struct document *document);
void shared_keys_release(void *self);
/* collector.h, archive(). */
void shared_keys_archive(void *self, const struct collect_context *context, struct archive *archive);

#endif
