"""How far a server's own randomness lets one key lie from its expected size."""
import cmath
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


class Levels:
    """The bytes of a skip list's nodes, whose levels are drawn: level t with probability 3/4 * (1/4)^(t-1), up to 32
    (zslRandomLevel). `node_bytes(t)` is what is held for a node of that level."""
    MOST = 32

    def __init__(self, node_bytes):
        sizes = [node_bytes(t) for t in range(1, self.MOST + 1)]
        chances = [0.75 * 0.25 ** (t - 1) for t in range(1, self.MOST)]
        chances.append(1 - sum(chances))
        self.mean = sum(p * b for p, b in zip(chances, sizes))
        self.deviation = math.sqrt(sum(p * (b - self.mean) ** 2 for p, b in zip(chances, sizes)))
        self.fourth = sum(p * (b - self.mean) ** 4 for p, b in zip(chances, sizes)) / self.deviation ** 4 - 3
        self.unit = math.gcd(*(b - sizes[0] for b in sizes))
        self.least = sizes[0]
        self.steps = {}
        for p, b in zip(chances, sizes):
            self.steps[(b - self.least) // self.unit] = self.steps.get((b - self.least) // self.unit, 0) + p

    def variance_of_square(self, elements):
        """Of the square of a list's deviation in standard deviations, whose mean is 1."""
        return 2 + self.fourth / elements

    def tail(self, elements, off):
        """The chance that a list of so many elements is at least `off` bytes off its mean, on either side. Exact: the
        sum's distribution is the inverse transform of the node's characteristic function to the power of n, and small
        lists are far from normal."""
        middle = (self.mean - self.least) * elements / self.unit
        width = abs(off) / self.unit
        spread = self.deviation / self.unit * math.sqrt(elements)
        size = 1 << math.ceil(math.log2(middle + 14 * spread + 2 * width + 64))
        low, high = math.floor(middle - width + 1e-9), math.ceil(middle + width - 1e-9)
        inside = (high - low - 1) / size  # frequency 0 of the sum over what lies strictly between
        for k in range(1, size):
            w = cmath.exp(2j * math.pi * k / size)
            phi = sum(p * w ** step for step, p in self.steps.items()) ** elements
            z = 1 / w
            inside += (phi * (z ** (low + 1) - z ** high) / (1 - z)).real / size
        return min(1.0, max(0.0, 1 - inside))


def most_by_chance(chances, once_in):
    """The largest number of events, of so many with these chances, that happens more often than once in `once_in`."""
    exactly = [1.0]
    for p in chances:
        exactly = [a * (1 - p) + b * p for a, b in zip(exactly + [0.0], [0.0] + exactly)]
    beyond = 0.0
    for k in range(len(exactly) - 1, -1, -1):
        beyond += exactly[k]
        if beyond * once_in > 1:
            return k
    return 0
