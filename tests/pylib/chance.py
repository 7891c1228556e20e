"""How far a server's own randomness lets one key lie from its expected size."""
import math


def version_of(target):
    name, version = target.split('+')[0].rsplit('-', 1)
    return name, tuple(int(x) for x in version.split('.'))


def chance_bytes(target, kind, encoding, elements, sigmas=3):
    """Standard deviations of skip list levels (16 bytes with probability 1/4 each), of table entries that exist only
    where elements collide (16 bytes), of chained buckets (64 bytes, Valkey 8.1+)."""
    name, v = version_of(target)
    n = max(1, elements)
    bytes_ = 0.0
    if encoding == 'skiplist':
        bytes_ += 16 + sigmas * 10.7 * math.sqrt(n)
    if name == 'valkey' and v >= (8, 1) and encoding in ('hashtable', 'skiplist'):
        bytes_ += 128 + 64 * sigmas * math.sqrt(n / 20)
    entries_on_collision = {
        ('set', 'hashtable'): (name == 'redis' and v >= (7, 2)) or (name == 'valkey' and (7, 2) <= v < (8, 1)),
        ('hash', 'hashtable'): name == 'redis' and v >= (8, 6),
        ('zset', 'skiplist'): name == 'redis' and v >= (8, 6)}
    if entries_on_collision.get((kind, encoding)):
        bytes_ += 32 + sigmas * 9 * math.sqrt(n)
    return bytes_


COLLIDING_ENTRY, BUCKET = (16, 24), (64, 72)  # what an allocator holds for them: jemalloc; glibc


def keyspace_chance(target, difference):
    """Deleting a key frees its keyspace entry only where it shared a bucket (Redis 8.2+), or a chained bucket with it
    (Valkey 8.1+). The model counts the expectation with the tables, not with the key."""
    name, v = version_of(target)
    libc = target.endswith('+libc')
    if name == 'redis' and v >= (8, 2):
        return abs(difference) in (COLLIDING_ENTRY[libc], 2 * COLLIDING_ENTRY[libc])
    if name == 'valkey' and v >= (8, 1):
        return difference in (-BUCKET[libc], -2 * BUCKET[libc], -3 * BUCKET[libc], BUCKET[libc])
    return False
