/* The envelope of Valkey 9.2's compressed snapshots: seven bytes, then one frame of the codec. What follows the frame
 * is not part of it. */
#include "error.h"
#include "source.h"

#include <string.h>

enum { VCS_BYTES = 7, VCS_VERSION = 1, VCS_KIND_RDB = 1 };

struct vcs_header { /* after "VCS", byte for byte */
    uint8_t version, codec, reserved, kind;
};

/* A version that is not printable tells it from text. */
bool rdb_probe_vcs(const uint8_t *head, size_t len)
{
    return len >= 4 && memcmp(head, "VCS", 3) == 0 && head[3] < ' ';
}

static enum rdb_status vcs_check(const struct vcs_header *header, struct rdb_error *error)
{
    if (header->version != VCS_VERSION)
        return rdb_error_set(error, RDB_ERR_VERSION, 0, "VCS: version %u of the envelope, known is %d", header->version,
                             VCS_VERSION);
    if (header->reserved != 0)
        return rdb_error_set(error, RDB_ERR_CORRUPT, 0, "VCS: the reserved byte is %u instead of 0", header->reserved);
    if (header->kind != VCS_KIND_RDB)
        return rdb_error_set(error, RDB_ERR_UNSUPPORTED, 0, "VCS: content of kind %u, a snapshot is kind %d",
                             header->kind, VCS_KIND_RDB);
    return RDB_OK;
}

enum rdb_status rdb_open_vcs(struct rdb_source *source, struct rdb_feed *feed, struct rdb_unwrap *unwrap,
                             struct rdb_error *error)
{
    static const struct {
        uint8_t codec;
        rdb_wrapping_open *open;
    } codecs[] = {
        {1, rdb_open_lz4_frame},
        {2, rdb_open_zstd_frame},
    };
    enum rdb_status status;
    const uint8_t *head = rdb_feed_head(feed);
    if (rdb_feed_len(feed) < VCS_BYTES) {
        status = rdb_feed_ended(feed, "VCS: the data ends inside the seven bytes of the header", error);
        goto out;
    }
    struct vcs_header header = {head[3], head[4], head[5], head[6]};
    if ((status = vcs_check(&header, error)) != RDB_OK)
        goto out;
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        if (codecs[i].codec == header.codec) {
            rdb_feed_consume(feed, VCS_BYTES);
            return codecs[i].open(source, feed, unwrap, error);
        }
    status =
        rdb_error_set(error, RDB_ERR_UNSUPPORTED, 0, "VCS: codec %u, known are 1 (LZ4) and 2 (zstd)", header.codec);
out:
    rdb_feed_free(feed);
    return status;
}
