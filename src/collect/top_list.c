#include "top_list.h"

#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "memory.h"
#include "name_order.h"

void top_list_init(struct top_list *list, size_t maximum)
{
    *list = (struct top_list){.maximum = maximum < TOP_LIST_MAX ? maximum : TOP_LIST_MAX, .floor = 1};
    if (list->maximum == 0)
        list->floor = UINT64_MAX;
}

void top_list_release(struct top_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->item[i].name);
    free(list->item);
    *list = (struct top_list){0};
}

static int compare_bytes(const uint8_t *a, uint32_t a_len, const uint8_t *b, uint32_t b_len)
{
    uint32_t shorter = a_len < b_len ? a_len : b_len;
    int order = name_order(a, b, shorter);
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

/* Negative when `a` comes before `b` in the report. */
static int compare(const struct top_item *a, const struct top_item *b)
{
    if (a->measure != b->measure)
        return a->measure > b->measure ? -1 : 1;
    if (a->db != b->db)
        return a->db < b->db ? -1 : 1;
    int order = compare_bytes(a->name, a->name_len, b->name, b->name_len);
    if (order)
        return order;
    if (a->name_full_len != b->name_full_len)
        return a->name_full_len < b->name_full_len ? -1 : 1;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return compare_bytes(a->text, a->text_len, b->text, b->text_len);
}

static void swap(struct top_item *a, struct top_item *b)
{
    struct top_item c = *a;
    *a = *b;
    *b = c;
}

static void sift_up(struct top_list *list, size_t i)
{
    while (i > 0) {
        size_t parent = (i - 1) / 2;
        if (compare(&list->item[i], &list->item[parent]) <= 0)
            return;
        swap(&list->item[i], &list->item[parent]);
        i = parent;
    }
}

static void sift_down(struct top_list *list)
{
    for (size_t i = 0;;) {
        size_t last = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < list->count; child++)
            if (compare(&list->item[child], &list->item[last]) > 0)
                last = child;
        if (last == i)
            return;
        swap(&list->item[i], &list->item[last]);
        i = last;
    }
}

/* Whether a full list has no place for a record: by all that the cheap tests know of it. */
static bool comes_after_all(const struct top_list *list, uint64_t measure, const struct record *record)
{
    if (list->count < list->maximum || list->count == 0 || measure != list->floor)
        return false;
    const struct top_item *last = &list->item[0];
    if (record->db != last->db)
        return record->db > last->db;
    uint32_t len = record->key_bytes < last->name_len ? record->key_bytes : last->name_len;
    return name_order(record->key, last->name, len) > 0;
}

uint64_t top_list_names_upto(const struct top_list *list, uint64_t measure, const struct record *record, size_t from)
{
    if (!top_list_wants(list, measure))
        return 0;
    if (list->count < list->maximum || list->count == 0 || measure != list->floor)
        return UINT64_MAX;
    const struct top_item *last = &list->item[0];
    if (record->db != last->db)
        return record->db < last->db ? UINT64_MAX : 0;
    size_t len = from < last->name_len ? from : last->name_len;
    int order = name_order(record->key, last->name, len);
    if (order != 0)
        return order < 0 ? UINT64_MAX : 0;
    return name_word(last->name, last->name_len, from);
}

/* Makes room for `item`, whose name is still borrowed. NULL when it does not get in. */
static struct top_item *place(struct top_list *list, const struct top_item *item)
{
    if (list->count < list->maximum) {
        if (list->count == 0)
            list->item = memory_new(list->maximum, sizeof(*list->item));
        list->item[list->count] = *item;
        return &list->item[list->count++];
    }
    if (list->count == 0 || compare(item, &list->item[0]) > 0)
        return NULL;
    free(list->item[0].name);
    list->item[0] = *item;
    return &list->item[0];
}

static void insert(struct top_list *list, const struct top_item *item)
{
    bool was_full = list->count == list->maximum;
    struct top_item *placed = place(list, item);
    if (!placed)
        return;
    placed->name = memory_new(1, item->name_len);
    if (item->name_len)
        memcpy(placed->name, item->name, item->name_len);
    if (was_full)
        sift_down(list);
    else
        sift_up(list, list->count - 1);
    if (list->count == list->maximum)
        list->floor = list->item[0].measure;
}

void top_list_add(struct top_list *list, uint64_t measure, const struct record *record, const uint64_t note[4])
{
    top_list_add_text(list, measure, record, note, NULL, 0);
}

void top_list_add_text(struct top_list *list, uint64_t measure, const struct record *record, const uint64_t note[4],
                       const uint8_t *text, size_t len)
{
    if (comes_after_all(list, measure, record))
        return;
    struct top_item item = {
        .measure = measure,
        .db = record->db,
        .offset = record->offset,
        .name = (uint8_t *)record->key,
        .name_len = record->key_bytes < TOP_NAME_MAX ? record->key_bytes : TOP_NAME_MAX,
        .name_full_len = record->key_len,
        .type = record->type,
        .encoding = record->cost.encoding,
        .bytes = record->cost.size_in_bytes,
        .elements = record->elements,
        .longest = record->longest,
        .expire_at_ms = record->expire_at_ms,
        .idle_seconds = record->idle_seconds,
        .has_expiry = record->has_expiry,
        .has_idle = record->has_idle,
    };
    if (note)
        memcpy(item.note, note, sizeof(item.note));
    item.text_len = (uint8_t)(len < TOP_TEXT_MAX ? len : TOP_TEXT_MAX);
    if (item.text_len)
        memcpy(item.text, text, item.text_len);
    insert(list, &item);
}

/* Takes the lightest items out until there are no more than `maximum`. */
static void shorten(struct top_list *list, size_t maximum)
{
    while (list->count > maximum) {
        free(list->item[0].name);
        list->item[0] = list->item[--list->count];
        sift_down(list);
    }
    list->maximum = maximum;
    if (maximum == 0)
        list->floor = UINT64_MAX;
    else if (list->count == maximum)
        list->floor = list->item[0].measure;
}

void top_list_merge(struct top_list *list, const struct top_list *other)
{
    if (other->count == other->maximum && other->maximum < list->maximum)
        shorten(list, other->maximum);
    for (size_t i = 0; i < other->count; i++)
        if (top_list_wants(list, other->item[i].measure))
            insert(list, &other->item[i]);
}

static int compare_pointers(const void *a, const void *b)
{
    return compare(*(const struct top_item *const *)a, *(const struct top_item *const *)b);
}

const struct top_item **top_list_sorted(const struct top_list *list)
{
    const struct top_item **sorted = memory_new(list->count, sizeof(*sorted));
    for (size_t i = 0; i < list->count; i++)
        sorted[i] = &list->item[i];
    qsort(sorted, list->count, sizeof(*sorted), compare_pointers);
    return sorted;
}

void top_list_hide(struct top_list *list, const struct doc_hider *hider)
{
    for (size_t i = 0; i < list->count; i++) {
        struct top_item *item = &list->item[i];
        uint8_t *name = memory_new(1, TOP_NAME_MAX);
        uint64_t more = item->name_full_len - item->name_len;
        item->name_len = (uint32_t)hiding_name(hider, item->name, item->name_len, name, TOP_NAME_MAX, NULL);
        item->name_full_len = item->name_len + more;
        free(item->name);
        item->name = name;
    }
}

/* ---- archives ------------------------------------------------------------------------------------------------------
 */

static void archive_enum(struct archive *archive, uint64_t value, uint64_t count, int *to)
{
    archive_within(archive, &value, count - 1);
    *to = (int)value;
}

/* All but the name's bytes. */
static void archive_numbers(struct top_item *item, struct archive *archive)
{
    int type = 0, encoding = 0;
    uint64_t text_len = item->text_len;
    archive_u64(archive, &item->measure);
    archive_u64(archive, &item->db);
    archive_u64(archive, &item->offset);
    archive_u64(archive, &item->name_full_len);
    archive_enum(archive, item->type, OBJECT_TYPE_COUNT, &type);
    archive_enum(archive, item->encoding, ENCODING_COUNT, &encoding);
    item->type = (enum object_type)type;
    item->encoding = (enum object_encoding)encoding;
    archive_u64(archive, &item->bytes);
    archive_u64(archive, &item->elements);
    archive_u64(archive, &item->longest);
    archive_bool(archive, &item->has_expiry);
    archive_i64(archive, &item->expire_at_ms);
    archive_bool(archive, &item->has_idle);
    archive_u64(archive, &item->idle_seconds);
    archive_array(archive, item->note, 4);
    archive_within(archive, &text_len, TOP_TEXT_MAX);
    item->text_len = (uint8_t)text_len;
    archive_bytes(archive, item->text, item->text_len);
}

static void write_item(const struct top_item *item, struct archive *archive)
{
    struct top_item copy = *item;
    uint64_t name_len = item->name_len;
    archive_u64(archive, &name_len);
    archive_bytes(archive, copy.name, item->name_len);
    archive_numbers(&copy, archive);
}

static void write_list(const struct top_list *list, size_t budget, struct archive *archive)
{
    struct archive items;
    uint64_t count = 0, maximum = list->maximum;
    const struct top_item **sorted = top_list_sorted(list);
    archive_init_writer(&items);
    for (size_t end = 0; count < list->count; count++, end = items.len) {
        write_item(sorted[count], &items);
        if (items.len > budget) {
            items.len = end;
            break;
        }
    }
    if (count < list->count)
        maximum = count;
    archive_u64(archive, &maximum);
    archive_u64(archive, &count);
    archive_bytes(archive, items.bytes, items.len);
    archive_release(&items);
    free(sorted);
}

void top_list_archive(struct top_list *list, size_t budget, struct archive *archive)
{
    uint64_t maximum = 0;
    size_t count = 0;
    uint8_t name[TOP_NAME_MAX];
    if (!archive->reads) {
        write_list(list, budget, archive);
        return;
    }
    archive_within(archive, &maximum, TOP_LIST_MAX);
    archive_count(archive, &count, maximum);
    top_list_release(list);
    top_list_init(list, maximum);
    for (size_t i = 0; i < count && !archive->failed; i++) {
        struct top_item item = {.name = name};
        uint64_t name_len = 0;
        archive_within(archive, &name_len, TOP_NAME_MAX);
        item.name_len = (uint32_t)name_len;
        archive_bytes(archive, name, item.name_len);
        archive_numbers(&item, archive);
        if (item.name_full_len < item.name_len)
            archive->failed = true;
        if (!archive->failed)
            insert(list, &item);
    }
}

void top_list_archive_texts(struct top_list *list, unsigned types, size_t budget, struct archive *archive)
{
    if (archive->reads) {
        top_list_archive(list, budget, archive);
        return;
    }
    struct top_list copy = *list;
    copy.item = memory_new(list->count, sizeof(*copy.item));
    for (size_t i = 0; i < list->count; i++) {
        copy.item[i] = list->item[i];
        if (!(types >> copy.item[i].type & 1))
            copy.item[i].text_len = 0;
    }
    write_list(&copy, budget, archive);
    free(copy.item);
}
