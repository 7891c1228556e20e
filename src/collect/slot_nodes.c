#include "slot_nodes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "memory.h"

void slot_nodes_init(struct slot_nodes *nodes)
{
    *nodes = (struct slot_nodes){.name = memory_new(SLOT_NODES_MAX, sizeof(*nodes->name)),
                                 .owner = memory_new(SLOTS, sizeof(*nodes->owner))};
    for (size_t i = 0; i < SLOTS; i++)
        nodes->owner[i] = SLOT_NO_NODE;
}

void slot_nodes_release(struct slot_nodes *nodes)
{
    free(nodes->name);
    free(nodes->owner);
    *nodes = (struct slot_nodes){0};
}

uint16_t slot_nodes_named(struct slot_nodes *nodes, const char *name)
{
    size_t len = strlen(name);
    const char *end = len < SLOT_NODE_NAME ? name : name + len + 1 - SLOT_NODE_NAME;
    for (size_t i = 0; i < nodes->count; i++)
        if (strcmp(nodes->name[i], end) == 0)
            return (uint16_t)i;
    if (nodes->count == SLOT_NODES_MAX) {
        nodes->has_more = true;
        return SLOT_NO_NODE;
    }
    snprintf(nodes->name[nodes->count], SLOT_NODE_NAME, "%s", end);
    return (uint16_t)nodes->count++;
}

/* ---- from text -----------------------------------------------------------------------------------------------------
 */

/* redis 7.2 src/redis-cli.c, clusterManagerCommandCreate: each part ends where the rounded sum of lengths does. */
static void deal_out(struct slot_nodes *nodes, unsigned count)
{
    float length = (float)SLOTS / (float)count, cursor = 0;
    long first = 0;
    for (unsigned i = 0; i < count; i++) {
        char name[SLOT_NODE_NAME];
        long last = lroundf(cursor + length - 1);
        if (last > SLOTS || i == count - 1)
            last = SLOTS - 1;
        if (last < first)
            last = first;
        snprintf(name, sizeof(name), "%ld-%ld", first, last);
        uint16_t node = slot_nodes_named(nodes, name);
        for (long slot = first; slot <= last; slot++)
            nodes->owner[slot] = node;
        first = last + 1;
        cursor += length;
    }
}

/* A number at *text, which moves behind it; -1 when there is none up to `most`. */
static long read_number(const char **text, long most)
{
    long number = 0;
    const char *at = *text;
    if (*at < '0' || *at > '9')
        return -1;
    for (; *at >= '0' && *at <= '9'; at++) {
        number = number * 10 + (*at - '0');
        if (number > most)
            return -1;
    }
    *text = at;
    return number;
}

/* "0-99" or "7" */
static bool read_range(struct slot_nodes *nodes, uint16_t node, const char **text, char message[SLOT_NODES_MESSAGE])
{
    const char *begin = *text;
    long first = read_number(text, SLOTS - 1), last = first;
    if (first >= 0 && **text == '-') {
        ++*text;
        last = read_number(text, SLOTS - 1);
    }
    if (first < 0 || last < first) {
        snprintf(message, SLOT_NODES_MESSAGE, "'%.40s' begins with no range of slots such as 0-5460", begin);
        return false;
    }
    for (long slot = first; slot <= last; slot++) {
        if (nodes->owner[slot] != SLOT_NO_NODE) {
            snprintf(message, SLOT_NODES_MESSAGE, "slot %ld is there twice", slot);
            return false;
        }
        nodes->owner[slot] = node;
    }
    return true;
}

static bool read_node(struct slot_nodes *nodes, const char **text, char message[SLOT_NODES_MESSAGE])
{
    char name[SLOT_NODE_NAME];
    size_t len = strcspn(*text, ",");
    if (nodes->count == SLOT_NODES_MAX) {
        snprintf(message, SLOT_NODES_MESSAGE, "more than %d nodes", SLOT_NODES_MAX);
        return false;
    }
    snprintf(name, sizeof(name), "%.*s", (int)(len < sizeof(name) ? len : sizeof(name) - 1), *text);
    uint16_t node = slot_nodes_named(nodes, name);
    while (read_range(nodes, node, text, message)) {
        if (**text == '\0' || **text == ',')
            return true;
        if (*(*text)++ != '+') {
            snprintf(message, SLOT_NODES_MESSAGE, "'%.40s' is no range of slots", name);
            return false;
        }
    }
    return false;
}

static bool read_ranges(struct slot_nodes *nodes, const char *text, char message[SLOT_NODES_MESSAGE])
{
    do {
        if (!read_node(nodes, &text, message))
            return false;
    } while (*text++ == ',');
    for (long slot = 0; slot < SLOTS; slot++)
        if (nodes->owner[slot] == SLOT_NO_NODE) {
            snprintf(message, SLOT_NODES_MESSAGE, "slot %ld is of no node", slot);
            return false;
        }
    return true;
}

bool slot_nodes_read(struct slot_nodes *nodes, const char *text, char message[SLOT_NODES_MESSAGE])
{
    const char *at = text;
    slot_nodes_init(nodes);
    long count = read_number(&at, SLOT_NODES_MAX);
    if (count < 1 || *at != '\0')
        return read_ranges(nodes, text, message);
    deal_out(nodes, (unsigned)count);
    return true;
}

/* ---- archives ------------------------------------------------------------------------------------------------------
 */

/* Slots of one node mostly lie side by side: written is where the owner changes, and by what. */
void slot_nodes_archive(struct slot_nodes *nodes, const bool in_use[SLOTS], struct archive *archive)
{
    uint64_t *change = memory_new(SLOTS, sizeof(*change));
    uint64_t last = 0;
    archive_count(archive, &nodes->count, SLOT_NODES_MAX);
    archive_bool(archive, &nodes->has_more);
    for (size_t i = 0; i < nodes->count; i++)
        archive_text(archive, nodes->name[i], SLOT_NODE_NAME);
    for (size_t i = 0; i < SLOTS && !archive->reads; i++) {
        uint64_t owner = in_use[i] ? ((uint64_t)nodes->owner[i] + 1) % (SLOT_NO_NODE + 1) : last;
        change[i] = owner ^ last;
        last = owner;
    }
    archive_sparse(archive, change, SLOTS);
    for (size_t i = 0; i < SLOTS && archive->reads; i++) {
        last ^= change[i];
        if (last > nodes->count)
            archive->failed = true;
        nodes->owner[i] = archive->failed || last == 0 || !in_use[i] ? SLOT_NO_NODE : (uint16_t)(last - 1);
    }
    free(change);
}
