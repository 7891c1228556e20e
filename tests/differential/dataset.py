"""Commands that fill a Redis with every type and encoding, lengths and counts around every boundary that layouts have."""
import random

# Lengths around which some layout changes: integer and embedded strings, SDS headers, listpack entry headers, thresholds,
# size classes, node limits.
BOUNDARIES = [0, 11, 12, 20, 21, 31, 32, 44, 45, 63, 64, 65, 127, 128, 191, 192, 253, 254, 255, 256, 511, 512, 1023, 1024, 2047, 2048,
              4095, 4096, 8191, 8192, 16383, 16384, 32767, 32768, 65535, 65536]
LENGTHS = sorted({max(0, b + d) for b in BOUNDARIES for d in (-1, 0, 1)})
COUNTS = sorted({max(1, b + d) for b in (1, 4, 16, 32, 64, 128, 256, 512, 1024) for d in (-1, 0, 1)})
INTEGERS = [0, 1, 127, 128, 255, 256, 4095, 4096, 8191, 9999, 10000, 10001, 32767, 32768, 65535, 65536, 1 << 23, (1 << 31) - 1, 1 << 31, (1 << 63) - 1]
ALMOST_INTEGERS = ['007', '+1', '-0', '1.0', ' 1', '9223372036854775808', '-9223372036854775809', '99999999999999999999', '123456789012345678901']
FAR_FUTURE_MS = 4000000000000


class Dataset:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.commands = []
        self.names = 0

    def do(self, *arguments):
        self.commands.append(arguments)

    def bytes(self, n):
        """n bytes: random, text, or so repetitive that LZF bites."""
        kind = self.random.randrange(3)
        if kind == 0:
            return self.random.randbytes(n)
        if kind == 1:
            return bytes(self.random.choices(b'abcdefghijklmnopqrstuvwxyz-_:/.', k=n))
        return (self.random.randbytes(7) * (n // 7 + 1))[:n]

    def key(self, what):
        """A new name: mostly short, sometimes long or binary; a third of all get an expiry, in retrospect."""
        r = self.random
        self.names += 1
        name = b'%s:%d' % (what.encode(), self.names)
        if r.random() < 0.25:
            name += b':' + self.bytes(max(0, r.choice(LENGTHS[:60]) - len(name)))
        return name

    def maybe_expire(self, key):
        if self.random.random() < 0.33:
            self.do('PEXPIREAT', key, FAR_FUTURE_MS + self.random.randrange(1 << 36))

    def length(self, largest):
        r = self.random
        if r.random() < 0.5:
            return min(r.choice(LENGTHS), largest)
        return int(largest ** r.random())

    def integer(self):
        r = self.random
        n = r.choice(INTEGERS) if r.random() < 0.5 else r.getrandbits(r.randrange(1, 63))
        return n if n == 0 or r.random() < 0.6 else -n

    def element(self, largest):
        return str(self.integer()).encode() if self.random.random() < 0.3 else self.bytes(self.length(largest))

    def count(self):
        r = self.random
        return r.choice(COUNTS) if r.random() < 0.6 else int(3000 ** r.random())

    def strings(self):
        for n in LENGTHS:
            for _ in range(2):
                key = self.key('string')
                self.do('SET', key, self.bytes(n))
                self.maybe_expire(key)
        for value in INTEGERS + [-n for n in INTEGERS] + ALMOST_INTEGERS:
            key = self.key('number')
            self.do('SET', key, value)
            self.maybe_expire(key)
        for n in range(0, 300):
            self.do('SET', b'k' * n + b':%d' % n, self.bytes(self.random.randrange(0, 100)))
        for _ in range(40):
            key = self.key('special')
            if self.random.random() < 0.5:
                self.do('PFADD', key, *[self.bytes(8) for _ in range(self.random.choice([1, 10, 100, 1500]))])
            else:
                self.do('SETBIT', key, self.random.randrange(200000), 1)

    def fresh_elements(self, n, largest):
        """n distinct elements."""
        found = {}  # not a set: its order would differ from run to run
        while len(found) < n:
            e = self.element(largest)
            found[e if e not in found else b'%d:' % len(found) + e] = True
        return list(found)

    def largest(self, count):
        limits = [8, 20, 63, 64, 65, 128, 255, 1000] if count > 300 else [8, 40, 63, 64, 65, 66, 127, 128, 256, 300, 5000, 70000 if count < 4 else 64]
        return self.random.choice(limits)

    def sets(self):
        for _ in range(130):
            key, n = self.key('set'), self.count()
            if self.random.random() < 0.45:
                bits = self.random.choice([15, 31, 62])
                members = [self.random.getrandbits(bits) for _ in range(n)]
                if self.random.random() < 0.25:
                    members.append('guest')
            else:
                members = self.fresh_elements(n, self.largest(n))
            self.in_batches('SADD', key, members, 1)
            self.maybe_expire(key)

    def in_batches(self, command, key, arguments, width):
        for i in range(0, len(arguments), 500 * width):
            self.do(command, key, *arguments[i:i + 500 * width])

    def score(self):
        return self.random.choice([self.random.randrange(-1000, 100000), round(self.random.uniform(-5, 5), 3), self.random.random(), 'inf', 0, 1e300])

    def zsets(self):
        for _ in range(130):
            key, n = self.key('zset'), self.count()
            self.in_batches('ZADD', key, [x for e in self.fresh_elements(n, self.largest(n)) for x in (self.score(), e)], 2)
            self.maybe_expire(key)

    def hashes(self):
        for _ in range(170):
            key, n = self.key('hash'), self.count()
            largest = self.largest(n)
            pairs = [x for e in self.fresh_elements(n, min(largest, 300)) for x in (e, self.element(largest))]
            self.in_batches('HSET', key, pairs, 2)
            self.maybe_expire(key)

    def lists(self):
        for _ in range(150):
            key, n = self.key('list'), self.count()
            largest = self.largest(n)
            self.in_batches(self.random.choice(['RPUSH', 'LPUSH']), key, [self.element(largest) for _ in range(n)], 1)
            self.maybe_expire(key)
        for n in (4000, 8180, 8192, 9000, 70000):
            key = self.key('list')
            self.do('RPUSH', key, *[self.bytes(n) for _ in range(3)], b'last')

    def stream_entries(self, key, n):
        r = self.random
        same = r.random() < 0.7
        fields = [b'field-%d' % i for i in range(r.randrange(1, 6))]
        largest = r.choice([8, 30, 100]) if n > 200 else r.choice([8, 100, 3000])
        ids = []
        ms = r.choice([1, 1700000000000])
        for i in range(n):
            ms += r.choice([0, 1, 17, 300])
            ids.append('%d-%d' % (ms, i))
            names = fields if same or r.random() < 0.8 else [self.bytes(5) for _ in range(r.randrange(1, 5))]
            self.do('XADD', key, ids[-1], *[x for f in names for x in (f, self.element(largest))])
        gone = [i for i in ids if r.random() < r.choice([0, 0, 0.2])]
        if gone:
            self.do('XDEL', key, *gone)
        return ids

    def streams(self):
        r = self.random
        for n in [0, 1, 2, 99, 100, 101, 250, 600, 1200] + [int(400 ** r.random()) for _ in range(25)]:
            key = self.key('stream')
            if n == 0:
                self.do('XGROUP', 'CREATE', key, 'g', '$', 'MKSTREAM')
                continue
            ids = self.stream_entries(key, n)
            for g in range(r.choice([0, 0, 1, 2, 5])):
                group = self.bytes(r.choice([1, 8, 40])) + b'%d' % g
                self.do('XGROUP', 'CREATE', key, group, '0')
                for c in range(r.choice([0, 1, 3])):
                    self.do('XREADGROUP', 'GROUP', group, self.bytes(r.choice([1, 10, 60])) + b'%d' % c, 'COUNT', r.choice([1, 10, 130]), 'STREAMS', key, '>')
                if r.random() < 0.5:
                    self.do('XACK', key, group, *r.sample(ids, min(len(ids), 20)))
            self.maybe_expire(key)

    def fill(self):
        """All commands, over three databases."""
        for part in (self.strings, self.hashes, self.sets, self.zsets, self.lists, self.streams):
            part()
        self.do('SELECT', 1)
        for i in range(self.random.choice([5, 100, 700])):
            self.do('SET', 'one:%d' % i, i)
        self.do('SELECT', 9)
        for i in range(3):
            self.do('SET', 'nine:%d' % i, 'x', 'PXAT', FAR_FUTURE_MS)
        self.do('SELECT', 0)
        return self.commands
