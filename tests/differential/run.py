#!/usr/bin/env python3
"""Asks a real redis-server what every key costs and holds rdbmeter against it.

A redis-server on a unix socket is filled from a seed and saves. Then, under its default settings and under others, a
fresh server loads that snapshot and is asked for OBJECT ENCODING and MEMORY USAGE key SAMPLES 0 of every key, and for
used_memory. rdbmeter reads the same snapshot with the same settings: every encoding and every number must be equal (of skip lists,
whose levels are random, within three standard deviations), the total within half a percent, and what the threshold section says
a setting would save must be what the server then holds less. A key that chance may have put off, by the levels of a skip list
or by whether a table's last rehash had ended, is asked for again on servers that load the snapshot anew, until it is equal; how
many there are of them at first, and how far off, must be what their distribution allows.

The seed is new in each run and printed; RDBMETER_SEED repeats one. Exits 77 (skipped) where there is no redis-server.

usage: run.py --bin RDBMETER [--keep SNAPSHOT]
"""
import csv
import io
import math
import os
import random
import shutil
import sys
import tempfile

from cases import ALLOCATOR, TOLERANCE, arguments, report_of
from chance import Levels, most_by_chance
from dataset import Dataset
from jemalloc import held_by_jemalloc_16
from rdbmeter import run_rdbmeter, with_settings
from redis_server import RedisServer, used_memory_with

SHOWN = 10

VARIANTS = {
    'default': {},
    'larger': {'hash-max-listpack-entries': 1024, 'hash-max-listpack-value': 256, 'zset-max-listpack-entries': 512,
               'zset-max-listpack-value': 256, 'set-max-intset-entries': 2048},
    'smaller': {'hash-max-listpack-entries': 16, 'hash-max-listpack-value': 32, 'zset-max-listpack-entries': 16,
                'zset-max-listpack-value': 32, 'set-max-intset-entries': 64},
    'lists': {'list-max-listpack-size': -1, 'list-compress-depth': 1, 'stream-node-max-entries': 10},
}
CARDINALITY = {b'string': 'STRLEN', b'list': 'LLEN', b'set': 'SCARD', b'zset': 'ZCARD', b'hash': 'HLEN', b'stream': 'XLEN'}


class Measured:
    """What one server holds: rows {(db, key): (type, encoding, usage, elements)} and the bytes of its dataset."""

    def __init__(self, snapshot, options, empty_bytes):
        self.rows = {}
        self.snapshot, self.options, self.empty_bytes = snapshot, options, empty_bytes
        with RedisServer(rdb=snapshot, options=options) as redis:
            self.dataset_bytes = redis.used_memory() - empty_bytes
            self.version = redis.version()
            for line in redis('INFO', 'keyspace').decode().splitlines():
                if line.startswith('db'):
                    self.rows.update(self.ask(redis, int(line[2:].split(':')[0])))

    @staticmethod
    def ask(redis, db, keys=None):
        """Rows of all keys of the database, or of these."""
        redis('SELECT', db)
        keys = redis('KEYS', '*') if keys is None else keys
        types = redis.run([('TYPE', k) for k in keys])
        encodings = redis.run([('OBJECT', 'ENCODING', k) for k in keys])
        usages = redis.run([('MEMORY', 'USAGE', k, 'SAMPLES', 0) for k in keys])
        counts = redis.run([(CARDINALITY[t], k) for k, t in zip(keys, types)])
        return {(db, key): (kind.decode(), encoding.decode(), usage, count)
                for key, kind, encoding, usage, count in zip(keys, types, encodings, usages, counts)}


    def again(self, wanted):
        """The rows of these keys on another server."""
        rows = {}
        with RedisServer(rdb=self.snapshot, options=self.options) as redis:
            for db in {where[0] for where in wanted}:
                rows.update(self.ask(redis, db, [key for d, key in sorted(wanted) if d == db]))
        return rows


def estimated(binary, snapshot, settings):
    output = run_rdbmeter(binary, 'keys', '--allocator', ALLOCATOR, *with_settings(settings), '--key-format', 'hex', snapshot)
    rows = csv.DictReader(io.StringIO(output.decode()))
    return {(int(r['database']), bytes.fromhex(r['key'])): r for r in rows}


def former_table_bytes(elements):
    """A table that grew element by element may keep its former half-size bucket array until the next command touches it:
    whether the last rehash had finished depends on which buckets were empty, so on the server's hash seed."""
    return 8 << max(2, (elements - 1).bit_length() - 1)


LEVELS = Levels(lambda level: held_by_jemalloc_16(24 + 16 * level))  # zskiplistNode, redis 7.0 server.h
ROUNDING = 2       # the server cuts an average short, the model rounds its expectation
ONCE_IN = 10 ** 5  # variants whose lists are as far off by chance alone


class Judge:
    """Compares MEMORY USAGE key by key; tells what chance explains from what it does not. Everything but skip lists and
    half-moved tables is exact. A skip list should be within three standard deviations; how many of them may be beyond,
    and how far one and all together may be off, follows from the distribution of their levels."""

    def __init__(self):
        self.wrong, self.far, self.half_rehashed = [], [], []
        self.drawn = set()  # keys to be asked for again
        self.chances_of_far = []
        self.tables = self.off_sum = self.elements_sum = self.squares = self.variance_of_squares = 0

    @staticmethod
    def is_far(encoding, elements, off):
        deviations = 3 * LEVELS.deviation * math.sqrt(elements) if encoding == 'skiplist' else 0
        return abs(off) - (ROUNDING if encoding == 'skiplist' else 0) > deviations

    def add(self, where, encoding, elements, off, name):
        line = 'memory_usage %+d: %s' % (off, name)
        if self.is_far(encoding, elements, off):
            self.drawn.add(where)
        if encoding in ('hashtable', 'skiplist'):
            self.tables += 1
            without = [off - former_table_bytes(elements), off + former_table_bytes(elements)]
            explained = [o for o in without if not self.is_far(encoding, elements, o)]
            if explained and self.is_far(encoding, elements, off):
                self.half_rehashed.append(line)
                off = explained[0]
        if encoding == 'skiplist':
            self.add_levels(elements, off, line)
        elif off:
            self.wrong.append(line)

    def add_levels(self, elements, off, line):
        self.off_sum += off
        self.elements_sum += elements
        self.squares += (off / LEVELS.deviation) ** 2 / elements
        self.variance_of_squares += LEVELS.variance_of_square(elements)
        self.chances_of_far.append(LEVELS.tail(elements, 3 * LEVELS.deviation * math.sqrt(elements)))
        if LEVELS.tail(elements, max(0, abs(off) - ROUNDING)) * ONCE_IN * 100 < 1:
            self.wrong.append(line)
        elif self.is_far('skiplist', elements, off):
            self.far.append(line)

    def complaints(self):
        """One table in 25 may have a bucket array more or less."""
        found = list(self.wrong)
        allowed = most_by_chance(self.chances_of_far, ONCE_IN)
        lists = len(self.chances_of_far)
        if lists:
            print('    %d skip lists, %d of them beyond three standard deviations (chance allows %d), mean square %.2f, '
                  'together %+d bytes off in %d elements' % (
                      lists, len(self.far), allowed, self.squares / lists, self.off_sum, self.elements_sum))
        if len(self.far) > allowed:
            found += self.far
        if abs(self.squares - lists) > 7 * math.sqrt(self.variance_of_squares):  # squares of few lists are skewed
            found.append('skip lists: the mean square of their deviations is %.2f, not 1' % (self.squares / lists))
        if len(self.half_rehashed) > max(2, self.tables // 25):
            found += self.half_rehashed
        if lists and LEVELS.tail(self.elements_sum, max(0, abs(self.off_sum) - ROUNDING * lists)) * ONCE_IN < 1:
            found.append('skip lists: %+d bytes over %d lists of %d elements' % (self.off_sum, lists, self.elements_sum))
        return found


def never_equal(drawn, measure, got):
    """Those of the keys that are not equal on any of several servers that load the snapshot anew."""
    left, line, loads = set(drawn), {}, 0
    while left and loads < LOADS:
        loads += 1
        for where, (kind, encoding, usage, elements) in measure(left).items():
            off = int(got[where]['memory_usage']) - usage
            line[where] = 'memory_usage %+d on all of %d servers: %s/%s of %d elements, db %d, key %s' % (
                off, loads, kind, encoding, elements, where[0], where[1][:40].hex())
            if not Judge.is_far(encoding, elements, off):
                left.discard(where)
    if drawn:
        print('    %d keys were off by chance; after %d more loads %d are left' % (len(drawn), loads, len(left)))
    return [line[where] for where in sorted(left)]


def compare_keys(measured, got, measure):
    complaints, judge = [], Judge()
    for where, (kind, encoding, usage, elements) in sorted(measured.items()):
        name = '%s/%s of %d elements, db %d, key %s' % (kind, encoding, elements, where[0], where[1][:40].hex())
        row = got.get(where)
        if row is None:
            complaints.append('missing: ' + name)
            continue
        if row['encoding'] != encoding:
            complaints.append('encoding %s: %s' % (row['encoding'], name))
        if int(row['num_elements']) != elements and kind != 'string':
            complaints.append('%s elements: %s' % (row['num_elements'], name))
        judge.add(where, encoding, elements, int(row['memory_usage']) - usage, name)
    complaints += judge.complaints() + never_equal(judge.drawn, measure, got)
    complaints += ['not on the server: db %d, key %s' % (db, key[:40].hex()) for db, key in got.keys() - measured.keys()]
    return complaints


def compare_total(measured, report):
    estimate = report['totals']['dataset_bytes']
    error = (estimate - measured.dataset_bytes) / measured.dataset_bytes
    print('    %d keys; dataset %d bytes, estimated %d (%+.3f %%)' % (len(measured.rows), measured.dataset_bytes, estimate, 100 * error))
    return ['the total is off by %+.3f %%' % (100 * error)] if abs(error) > TOLERANCE else []


# Grids of the threshold section, and the settings that their columns `entries` and `value` are, on Redis 7.0.
GRIDS = {'hash': ('hash-max-listpack-entries', 'hash-max-listpack-value'),
         'zset': ('zset-max-listpack-entries', 'zset-max-listpack-value'),
         'intset': ('set-max-intset-entries', None)}
POINTS = 2  # of each grid
USED_MEMORY_NOISE = 4096
LOADS = 24  # the likelier of two states is missed by all of them once in 10 million times


def grid_points(report, rng):
    """(grid, settings, bytes that the report says they save), some of each grid."""
    for grid, (entries, value) in GRIDS.items():
        rows = [r for r in report['thresholds'].get(grid, []) if not r['in_force']]
        for row in rng.sample(rows, min(POINTS, len(rows))):
            settings = {entries: row['entries']}
            if value:
                settings[value] = row['value']
            yield grid, settings, row['saved_bytes']


def compare_simulation(snapshot, default, report, rng):
    """Complaints: what a setting saves by the report against what a server under it holds less."""
    complaints = []
    levels = sum(elements for _, encoding, _, elements in default.rows.values() if encoding == 'skiplist')
    points = list(grid_points(report, rng))
    if len(points) < POINTS * len(GRIDS):
        complaints.append('the threshold section has %d of %d points' % (len(points), POINTS * len(GRIDS)))
    for grid, settings, promised in points:
        with RedisServer(rdb=snapshot, options=settings) as redis:
            saved = default.dataset_bytes - (redis.used_memory() - default.empty_bytes)
        # both servers have drawn their own skip list levels
        tolerance = USED_MEMORY_NOISE + TOLERANCE * abs(saved) + 4 * 10.7 * math.sqrt(2 * levels)
        print('    %s: saves %d bytes, the report says %d' % (' '.join('%s=%s' % s for s in settings.items()), saved, promised))
        if abs(saved - promised) > tolerance:
            complaints.append('%s: saves %d bytes, not %d' % (settings, saved, promised))
    return complaints


def main():
    a, seed = arguments(('--keep', {'help': 'leave the snapshot here'}))
    with tempfile.TemporaryDirectory(prefix='rdbmeter-differential-') as folder:
        snapshot = os.path.join(folder, 'dump.rdb')
        with RedisServer() as redis:
            redis.run(Dataset(seed).fill())
            redis.save(snapshot)
            redis('CONFIG', 'SET', 'rdbcompression', 'no')
            redis.save(snapshot + '.uncompressed')
        if a.keep:
            shutil.copyfile(snapshot, a.keep)
        failed = compare_variants(a.bin, snapshot, seed)
    sys.exit(1 if failed else 0)


def compare_variants(binary, snapshot, seed):
    failed = False
    variants = [(variant, settings, snapshot) for variant, settings in VARIANTS.items()]
    variants.append(('lists, from a file that does not tell how they compress', VARIANTS['lists'],
                     snapshot + '.uncompressed'))
    for variant, settings, snapshot in variants:
        print('%s: %s' % (variant, ' '.join('%s=%s' % s for s in settings.items()) or 'as the server starts'), flush=True)
        m = Measured(snapshot, settings, used_memory_with(settings))
        complaints = compare_keys(m.rows, estimated(binary, snapshot, settings), m.again)
        report = report_of(binary, snapshot, settings)
        complaints += compare_total(m, report)
        if variant == 'default':
            complaints += compare_simulation(snapshot, m, report, random.Random(seed))
        for line in complaints[:SHOWN]:
            print('    ' + line)
        if complaints:
            print('    %d complaints' % len(complaints))
            failed = True
    return failed


main()
