#!/usr/bin/env python3
"""Idle times, LFU counters, cluster slots and hash tags of a made-up snapshot: each distribution of the report against a
count from the per-key table, in JSON, and every bucket of it in the HTML and in the text.

usage: check_distributions.py --bin RDBMETER [--seed N]
"""
import argparse
import csv
import html
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import defaultdict

HOUR, DAY = 3600, 86400
IDLE = [(HOUR, 'up to an hour'), (DAY, 'up to a day'), (7 * DAY, 'up to a week'), (30 * DAY, 'up to 30 days'),
        (90 * DAY, 'up to 90 days'), (365 * DAY, 'up to a year'), (1 << 63, 'longer')]


def length(n):
    return bytes([n]) if n < 64 else bytes([0x40 | n >> 8, n & 255]) if n < 16384 else b'\x80' + n.to_bytes(4, 'big')


def write_snapshot(path, rng, with_frequency):
    with open(path, 'wb') as f:
        f.write(b'REDIS0009\xfa\x09redis-ver\x056.2.6\xfe\0')
        for i in range(1500):
            name, size = b'{%c}k:%d' % (97 + min(int(rng.expovariate(.2)), 25), i), rng.randrange(300)
            name = name if i % 4 else b'plain:%d' % i
            clock = b'\xf9' + bytes([rng.randrange(256)]) if with_frequency else \
                b'\xf8' + length(int(min(10 ** rng.uniform(0, 8), 2e9)))
            f.write(clock + b'\0' + length(len(name)) + name + length(size) + b'v' * size)
        f.write(b'\xff' + bytes(8))


def run(binary, *arguments, **more):
    p = subprocess.run([binary, *arguments], capture_output=True, **more)
    if p.returncode:
        sys.exit('%s: %s' % (' '.join(arguments), p.stderr.decode()))
    return p.stdout.decode()


def counted(rows, bucket_of):
    buckets = defaultdict(lambda: [0, 0])
    for row in rows:
        name = bucket_of(row)
        if name is not None:
            buckets[name][0] += 1
            buckets[name][1] += int(row['size_in_bytes'])
    return dict(buckets)


def require_equal(what, got, want):
    if got != want:
        sys.exit('%s: %r, not %r' % (what, got, want))


def idle_of(row):
    return next(name for most, name in IDLE if int(row['idle_seconds']) <= most)


def frequency_of(table):
    """Buckets are named by their bounds."""
    bounds = [tuple(map(int, (row['frequency'].split('-') * 2)[:2])) for row in table]
    require_equal('counters', [n for low, high in bounds for n in range(low, high + 1)], list(range(256)))
    return lambda row: next('%d-%d' % b if b[0] < b[1] else str(b[0]) for b in bounds if b[0] <= int(row['lfu_frequency']) <= b[1])


def check_shown(texts, name, keys):
    """The bucket stands beside its keys in the HTML and in the text."""
    number = re.escape('{:,}'.format(keys))
    if not re.search(r'<td[^>]*>(<code>)?%s(</code>)?<td[^>]*>%s\b' % (re.escape(html.escape(name)), number), texts['html']):
        sys.exit('%s with %d keys is not in the HTML' % (name, keys))
    if not re.search(r'^ +%s +%s ' % (re.escape(name), number), texts['text'], re.MULTILINE):
        sys.exit('%s with %d keys is not in the text' % (name, keys))


def check(binary, path, with_frequency):
    rows = list(csv.DictReader(io.StringIO(run(binary, 'keys', path))))
    options = ('report', path, '--sections', 'access,slots', '--top', '30')
    texts = {form: run(binary, *options, '--format', form, env={**os.environ, 'COLUMNS': '160'})
             for form in ('json', 'html', 'text')}
    report = json.loads(texts['json'])
    table, column = ('frequency', 'frequency') if with_frequency else ('idle', 'idle')
    access = report['access'][table]
    want = counted(rows, frequency_of(access) if with_frequency else idle_of)
    got = {row[column]: [row['keys'], row['bytes']] for row in access if row['keys']}
    require_equal(table, got, want)
    slots = counted(rows, lambda row: int(row['slot']))
    require_equal('slots', report['slots']['used_slots'], len(slots))
    heaviest = sorted(slots.items(), key=lambda item: (-item[1][1], item[0]))[:30]
    require_equal('heaviest slots', [(row['slot'], [row['keys'], row['bytes']]) for row in report['slots']['heaviest_slots']],
                  heaviest)
    tags = counted(rows, lambda row: row['key'][1:row['key'].index('}')] if row['key'][0] == '{' else None)
    require_equal('tags', {row['tag']: [row['keys'], row['bytes']] for row in report['slots']['heaviest_tags']}, tags)
    for name, (keys, _) in [*got.items(), *tags.items(), *(('{:,}'.format(slot), sums) for slot, sums in heaviest)]:
        check_shown(texts, name, keys)
    return len(got), len(slots), len(tags)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--seed', type=int, default=1)
    a = ap.parse_args()
    rng = random.Random(a.seed)
    with tempfile.TemporaryDirectory() as folder:
        for with_frequency in (False, True):
            path = os.path.join(folder, 'made.rdb')
            write_snapshot(path, rng, with_frequency)
            print('%d buckets, %d slots, %d tags' % check(a.bin, path, with_frequency))


main()
