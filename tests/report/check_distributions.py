#!/usr/bin/env python3
"""Times to live, idle times and LFU counters by type, cluster slots and hash tags of a made-up snapshot: each distribution
of the report against a count from the per-key table, in JSON, and every bucket of it in the HTML and in the text.

usage: check_distributions.py --bin RDBMETER [--seed N]
"""
import argparse
import csv
import datetime
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

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
from rdb_records import encode_length, encode_string  # noqa: E402

HOUR, DAY = 3600, 86400
NOW = 1700000000
IDLE = [(HOUR, 'up to an hour'), (DAY, 'up to a day'), (7 * DAY, 'up to a week'), (30 * DAY, 'up to 30 days'),
        (90 * DAY, 'up to 90 days'), (365 * DAY, 'up to a year'), (1 << 63, 'longer')]
EXPIRES = [(0, 'expired already'), (HOUR, 'within an hour'), (DAY, 'within a day'), (7 * DAY, 'within a week'),
           (30 * DAY, 'within 30 days'), (365 * DAY, 'within a year'), (1 << 63, 'later')]


def some_object(rng):
    """A string, list, set or hash as the oldest layouts have it, the type's number before the name."""
    kind, items = rng.choice((0, 0, 1, 2, 4)), [b'v%d' % n for n in range(rng.randrange(1, 6))]
    if kind == 0:
        return kind, encode_string(b'v' * rng.randrange(300))
    return kind, encode_length(len(items)) + b''.join(encode_string(item) * (1 + (kind == 4)) for item in items)


def expiry(rng):
    """Of two keys in three: from a month ago to ten years ahead, on the bounds of buckets, too."""
    if rng.randrange(3) == 0:
        return b''
    left = rng.choice((rng.choice(EXPIRES[:-1])[0], -rng.randrange(1, 30 * DAY), int(10 ** rng.uniform(0, 8.5))))
    return b'\xfc' + (1000 * (NOW + left)).to_bytes(8, 'little')


def write_snapshot(path, rng, with_frequency):
    with open(path, 'wb') as f:
        f.write(b'REDIS0009\xfa\x09redis-ver\x056.2.6\xfe\0')
        for i in range(1500):
            name = b'{%c}k:%d' % (97 + min(int(rng.expovariate(.2)), 25), i)
            name = name if i % 4 else b'plain:%d' % i
            clock = b'\xf9' + bytes([rng.randrange(256)]) if with_frequency else \
                b'\xf8' + encode_length(int(min(10 ** rng.uniform(0, 8), 2e9)))
            kind, value = some_object(rng)
            f.write(expiry(rng) + clock + bytes([kind]) + encode_string(name) + value)
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


def expires_of(row):
    if not row['expiry']:
        return 'never (no TTL)'
    left = datetime.datetime.fromisoformat(row['expiry'].replace('Z', '+00:00')).timestamp() - NOW
    return 'expired already' if left < 0 else next(name for most, name in EXPIRES[1:] if left <= most)


def frequency_of(table):
    """Buckets are named by their bounds."""
    bounds = [tuple(map(int, (row['frequency'].split('-') * 2)[:2])) for row in table]
    require_equal('counters', [n for low, high in bounds for n in range(low, high + 1)], list(range(256)))
    return lambda row: next('%d-%d' % b if b[0] < b[1] else str(b[0]) for b in bounds if b[0] <= int(row['lfu_frequency']) <= b[1])


def check_types(report, texts, section, table, column, rows, bucket_of):
    """By type: equal to a count, and the types add up to the table of all; in the text a column for each type."""
    all_of, by_type = report[section][table], report[section][table + '_by_type']
    got = {(row['type'], row[column]): [row['keys'], row['bytes']] for row in by_type if row['keys']}
    require_equal(table + ' by type', got, counted(rows, lambda row: (row['type'], bucket_of(row))))
    types = list(dict.fromkeys(row['type'] for row in by_type))
    require_equal('types', sorted(types), sorted({row['type'] for row in rows}))
    for row in all_of:
        parts = [part for part in by_type if part[column] == row[column]]
        require_equal('types with ' + row[column], [part['type'] for part in parts], types)
        require_equal(row[column], [sum(part[n] for part in parts) for n in ('keys', 'bytes')], [row['keys'], row['bytes']])
        cells = ' +'.join('{:,}'.format(part['keys']) for part in parts)
        if not re.search(r'^ +%s +%s$' % (re.escape(row[column]), cells), texts['text'], re.MULTILINE):
            sys.exit('%s of each type is not in the text' % row[column])
        for part in parts:
            check_row(texts['html'], [part['type'], row[column], '{:,}'.format(part['keys'])])


def check_row(page, words):
    cells = ''.join(r'<td[^>]*>(?:<code>)?%s(?:</code>)?\s*' % re.escape(html.escape(word)) for word in words)
    if not re.search(cells, page):
        sys.exit('%s is not in the HTML' % ', '.join(words))


def check_shown(texts, name, keys):
    """The bucket stands beside its keys in the HTML and in the text."""
    number = re.escape('{:,}'.format(keys))
    if not re.search(r'<td[^>]*>(<code>)?%s(</code>)?<td[^>]*>%s\b' % (re.escape(html.escape(name)), number), texts['html']):
        sys.exit('%s with %d keys is not in the HTML' % (name, keys))
    if not re.search(r'^ +%s +%s ' % (re.escape(name), number), texts['text'], re.MULTILINE):
        sys.exit('%s with %d keys is not in the text' % (name, keys))


def check(binary, path, with_frequency):
    rows = list(csv.DictReader(io.StringIO(run(binary, 'keys', path))))
    options = ('report', path, '--sections', 'ttl,access,slots', '--top', '30', '--now', str(NOW))
    texts = {form: run(binary, *options, '--format', form, env={**os.environ, 'COLUMNS': '160'})
             for form in ('json', 'html', 'text')}
    report = json.loads(texts['json'])
    table, column = ('frequency', 'frequency') if with_frequency else ('idle', 'idle')
    access = report['access'][table]
    bucket_of = frequency_of(access) if with_frequency else idle_of
    want = counted(rows, bucket_of)
    check_types(report, texts, 'access', table, column, rows, bucket_of)
    check_types(report, texts, 'ttl', 'buckets', 'expires', rows, expires_of)
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
