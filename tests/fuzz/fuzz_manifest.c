/* Any bytes as the manifest of an append-only file, in a directory that does not exist. */
#include <stdlib.h>
#include <string.h>

#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int fine)
{
    if (!fine)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char directory[] = "no-such-directory/";
    struct rdb_source memory, source;
    struct rdb_source_info info = {0};
    struct rdb_unwrap unwrap = {.path = "no-such-directory/manifest", .info = &info};
    struct rdb_error error = {0};
    struct rdb_feed *feed;
    if (rdb_source_memory(&memory, data, size, &error) != RDB_OK || rdb_feed_new(&feed, memory, &error) != RDB_OK)
        return 0;
    need(rdb_open_manifest(&source, feed, &unwrap, &error) != RDB_OK);
    need(error.status != RDB_OK && error.message[0] != '\0');
    need(memchr(info.base_path, '\0', sizeof info.base_path) != NULL);
    /* Whatever it names, it does not lead out of its directory. */
    need(info.base_path[0] == '\0' || (strncmp(info.base_path, directory, strlen(directory)) == 0 &&
                                       !strchr(info.base_path + strlen(directory), '/')));
    return 0;
}
