#include "shared_names.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/shared_keys.h"
#include "collect/slots.h"
#include "complain.h"
#include "run.h"
#include "summary.h"

struct entry {
    uint64_t hash, bytes;
    uint32_t file;
};

struct finder {
    const struct cli_options *options;
    const struct environment *environment;
    const struct slots *slots;
    const char **path; /* in order, whatever order they are named in */
    size_t files;
    bool looks_up; /* the second time: names, of what the first time found */
    size_t next;   /* file to be read */
    pthread_mutex_t mutex;
    size_t count, capacity;
    struct entry *entry;
    struct shared_list *list;
    struct shared_item **by_hash; /* list->count of them */
};

/* One file of it. */
struct reading {
    struct finder *finder;
    uint32_t file;
};

/* ---- hashes --------------------------------------------------------------------------------------------------------
 */

static void put(struct finder *finder, const struct entry *entry)
{
    pthread_mutex_lock(&finder->mutex);
    if (finder->count < finder->capacity)
        finder->entry[finder->count++] = *entry;
    pthread_mutex_unlock(&finder->mutex);
}

static int by_hash(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->file > y->file) - (x->file < y->file);
}

static int heaviest_first(const void *a, const void *b)
{
    const struct shared_item *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Counts what is in several files; of that the heaviest stay in the list. */
static void settle(struct finder *finder, size_t top)
{
    struct shared_list *list = finder->list;
    qsort(finder->entry, finder->count, sizeof *finder->entry, by_hash);
    size_t found = 0;
    for (size_t i = 0; i + 1 < finder->count; i++)
        found += finder->entry[i].hash == finder->entry[i + 1].hash;
    list->item = xcalloc(found + 1, sizeof *list->item);
    for (size_t i = 0, end; i < finder->count; i = end) {
        struct shared_item item = {.hash = finder->entry[i].hash};
        uint64_t largest = 0;
        for (end = i; end < finder->count && finder->entry[end].hash == item.hash; end++) {
            item.bytes += finder->entry[end].bytes;
            largest = finder->entry[end].bytes > largest ? finder->entry[end].bytes : largest;
            item.files++;
        }
        if (item.files < 2)
            continue;
        list->item[list->count++] = item;
        list->copies += item.files - 1;
        list->bytes += item.bytes - largest;
    }
    list->keys = list->count;
    qsort(list->item, list->count, sizeof *list->item, heaviest_first);
    list->count = list->count < top ? list->count : top;
}

/* ---- names ---------------------------------------------------------------------------------------------------------
 */

static int item_by_hash(const void *a, const void *b)
{
    uint64_t x = (*(struct shared_item *const *)a)->hash, y = (*(struct shared_item *const *)b)->hash;
    return (x > y) - (x < y);
}

static void index_items(struct finder *finder)
{
    finder->by_hash = xcalloc(finder->list->count + 1, sizeof(struct shared_item *));
    for (size_t i = 0; i < finder->list->count; i++)
        finder->by_hash[i] = &finder->list->item[i];
    qsort(finder->by_hash, finder->list->count, sizeof(struct shared_item *), item_by_hash);
}

/* Whichever file comes first: the name is the same in all. */
static void name_item(struct finder *finder, struct shared_item *item, const struct record *record)
{
    pthread_mutex_lock(&finder->mutex);
    if (item->name_len == 0 && item->name_full_len == 0) {
        item->db = record->db;
        item->type = record->type;
        item->name_full_len = record->key_len;
        item->name_len = (uint8_t)(record->key_bytes < SHARED_NAME_MAX ? record->key_bytes : SHARED_NAME_MAX);
        memcpy(item->name, record->key, item->name_len);
    }
    pthread_mutex_unlock(&finder->mutex);
}

static void look_up(struct finder *finder, const struct record *record, uint64_t hash)
{
    const struct shared_item key = {.hash = hash}, *wanted = &key;
    struct shared_item **found = finder->list->count == 0 ? NULL
                                                          : bsearch(&wanted, finder->by_hash, finder->list->count,
                                                                    sizeof(struct shared_item *), item_by_hash);
    if (found != NULL)
        name_item(finder, *found, record);
}

/* "a.rdb, b.rdb, ...": from the entries, which are in order of hash and file. */
static void write_places(const struct finder *finder, struct shared_item *item)
{
    size_t low = 0, high = finder->count, used = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (finder->entry[middle].hash < item->hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < finder->count && finder->entry[low].hash == item->hash; low++) {
        const char *path = finder->path[finder->entry[low].file];
        const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
        size_t len = strlen(name), comma = used != 0 ? 2 : 0;
        if (used + comma + len + sizeof ", ..." > sizeof item->places) {
            memcpy(item->places + used, ", ...", sizeof ", ...");
            return;
        }
        memcpy(item->places + used, ", ", comma);
        memcpy(item->places + used + comma, name, len + 1);
        used += comma + len;
    }
}

/* ---- reading -------------------------------------------------------------------------------------------------------
 */

static bool add(void *self, struct record *record)
{
    struct reading *reading = self;
    struct finder *finder = reading->finder;
    if (record->slot < 0 || record->slot >= SLOTS || finder->slots->slot[record->slot].files < 2)
        return true;
    uint64_t hash = shared_key_hash(record);
    if (finder->looks_up)
        look_up(finder, record, hash);
    else
        put(finder, &(struct entry){hash, record->damaged ? 0 : record->cost.size_in_bytes, reading->file});
    return true;
}

static enum exit_status end(void *self, const struct run_context *context)
{
    (void)self;
    (void)context;
    return EXIT_STATUS_DONE;
}

static void *work(void *argument)
{
    static const struct run_job job = {.with_slots = true, .is_again = true, .add = add, .end = end};
    struct finder *finder = argument;
    for (;;) {
        pthread_mutex_lock(&finder->mutex);
        size_t file = finder->next++;
        pthread_mutex_unlock(&finder->mutex);
        if (file >= finder->files)
            return NULL;
        const char *paths[] = {finder->path[file]};
        struct reading reading = {finder, (uint32_t)file};
        struct cli_options own = *finder->options;
        own.operands = (struct operand_list){paths, 1, 1};
        (void)run_snapshot(&job, &reading, &own, finder->environment);
    }
}

/* Each file by whichever thread is free; this one is one of them. */
static void read_files(struct finder *finder)
{
    enum { MOST_JOBS = 256 };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t jobs = finder->options->output.jobs != 0 ? (size_t)finder->options->output.jobs
                                                    : (size_t)(processors > 0 ? processors : 1);
    size_t started = 0;
    pthread_t thread[MOST_JOBS];
    finder->next = 0;
    jobs = jobs < finder->files ? jobs : finder->files;
    while (started + 1 < jobs && started < MOST_JOBS && pthread_create(&thread[started], NULL, work, finder) == 0)
        started++;
    (void)work(finder);
    for (size_t i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
}

/* ---- all of it -----------------------------------------------------------------------------------------------------
 */

static bool can_read_again(const struct operand_list *operands)
{
    for (size_t i = 0; i < operands->count; i++) {
        struct stat facts;
        if (stat(operands->text[i], &facts) == 0 && (!S_ISREG(facts.st_mode) || summary_is(operands->text[i])))
            return false;
    }
    return true;
}

static uint64_t keys_in_shared_slots(const struct slots *slots)
{
    uint64_t keys = 0;
    for (int i = 0; i < SLOTS; i++)
        keys += slots->slot[i].files > 1 ? slots->slot[i].keys : 0;
    return keys;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Counts first; then names what will be shown. */
static void find(struct finder *finder, uint64_t keys)
{
    const struct operand_list *operands = &finder->options->operands;
    finder->files = operands->count;
    finder->path = xcalloc(finder->files, sizeof *finder->path);
    memcpy(finder->path, operands->text, finder->files * sizeof *finder->path);
    qsort(finder->path, finder->files, sizeof *finder->path, by_name);
    finder->capacity = (size_t)keys;
    finder->entry = xcalloc(finder->capacity + 1, sizeof *finder->entry);
    pthread_mutex_init(&finder->mutex, NULL);
    read_files(finder);
    settle(finder, (size_t)finder->options->output.top);
    index_items(finder);
    finder->looks_up = true;
    if (finder->list->count != 0)
        read_files(finder);
    for (size_t i = 0; i < finder->list->count; i++)
        write_places(finder, &finder->list->item[i]);
    pthread_mutex_destroy(&finder->mutex);
    free(finder->by_hash);
    free(finder->entry);
    free(finder->path);
}

void shared_names_find(struct gathered *all, const struct cli_options *options, const struct environment *environment)
{
    struct shared_keys *shared = collection_own_state(all->collection, "shared_keys");
    struct environment own = *environment;
    struct finder finder = {
        .options = options, .environment = &own, .slots = collection_own_state(all->collection, "slots")};
    if (shared == NULL || finder.slots == NULL || !can_read_again(&options->operands))
        return;
    uint64_t keys = keys_in_shared_slots(finder.slots);
    if (keys > SHARED_NAMES_MAX)
        return;
    own.progress = false;
    finder.list = shared->list = xcalloc(1, sizeof *finder.list);
    if (keys != 0)
        find(&finder, keys);
}
