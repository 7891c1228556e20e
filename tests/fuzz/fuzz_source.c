/* Any bytes through detection and every decompressor. What comes out is bounded here, as the parser would stop; how it
 * is read depends on the length, so that small and large reads are both tried. */
#include <stdlib.h>
#include <string.h>

#include "rdbparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int fine)
{
    if (!fine)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { OUTPUT_MAX = 4 * 1024 * 1024 };
    static const size_t steps[] = {65536, 1, 4096, 777};
    uint8_t buffer[65536];
    size_t step = steps[size % 4], total = 0, got = 1;
    struct rdb_source memory, source;
    struct rdb_source_info info;
    struct rdb_error error = {0};
    if (rdb_source_memory(&memory, data, size, &error) != RDB_OK)
        return 0;
    enum rdb_status status = rdb_source_unwrap(&source, memory, &info, &error);
    need(info.wrapping_count <= 4);
    while (status == RDB_OK && got > 0 && total < OUTPUT_MAX) {
        status = source.read(source.self, buffer, step, &got, &error);
        need(got <= step);
        total += step == 1 ? 64 * got : got;
    }
    need(status == error.status);
    need((status == RDB_OK) == (error.message[0] == '\0'));
    need(memchr(error.message, '\0', sizeof error.message) != NULL);
    rdb_source_close(&source);
    return 0;
}
