#!/usr/bin/env python3
"""report of several snapshots at once: a row for each file and all of them together, the skew of slots and hash tags, the
keys that are in several files, by name; the file that is damaged and the one that is not there, by name and by the exit
status. All of it held against the table of keys of each file."""
import argparse
import collections
import csv
import io
import os
import sys
import tempfile

import fleetlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
import rdb_records  # noqa: E402

ALL = ['--now', '1800000000', '--top', '50']
COPIES = 20


def string_record(key, value):
    raw = b'\x00' + rdb_records.encode_length(len(key)) + key + rdb_records.encode_length(len(value)) + value
    return rdb_records.Record(0, key, 0, raw, False)


def plant(shards):
    """Keys of shard 0 also in shards 2 and 3, as after a migration that stopped; and a hash tag that all writes go to."""
    snapshots = {i: rdb_records.Snapshot(open(shards[i], 'rb').read()) for i in (0, 2, 3)}
    copied = snapshots[0].records[5:5 + COPIES]
    more = {0: [], 2: copied, 3: copied[:3] + [string_record(b'{hot}:%d' % i, b'h' * 500) for i in range(200)]}
    for i, s in snapshots.items():
        with open(shards[i], 'wb') as f:
            f.write(rdb_records.write_snapshot(s.magic, s.version, s.aux, s.records + more[i]))
    return copied


def keys_of(rdbmeter, path, status=0):
    return list(csv.DictReader(io.StringIO(fleetlib.run([rdbmeter, 'keys', path], status).stdout.decode())))


def require(truth, *what):
    if not truth:
        raise SystemExit('wrong: %r' % (what,))


def check_shared(report, tables):
    """Every key that is in several files, and how many there are of each."""
    places, sizes = collections.defaultdict(list), collections.Counter()
    for name, rows in tables.items():
        for row in rows:
            places[row['database'], row['key']].append(name)
            sizes[row['database'], row['key']] += int(row['size_in_bytes'] or 0)
    shared = {key: names for key, names in places.items() if len(names) > 1}
    section = report['shared_keys']
    require(section['shared'] == len(shared) and
            section['copies'] == sum(len(names) - 1 for names in shared.values()), section, len(shared))
    rows = section.get('keys', [])
    require(len(rows) == min(50, len(shared)), len(rows), len(shared))
    for row in rows:
        key = (str(row['database']), row['key'])
        require((row['files'], row['bytes'], row['in'].split(', ')) == (len(shared[key]), sizes[key], shared[key]), row)
    require([row['bytes'] for row in rows] == sorted((row['bytes'] for row in rows), reverse=True), rows)
    return len(shared)


def check_slots(report, tables):
    keys, size, files = collections.Counter(), collections.Counter(), collections.defaultdict(set)
    for name, rows in tables.items():
        for row in rows:
            keys[int(row['slot'])] += 1
            size[int(row['slot'])] += int(row['size_in_bytes'] or 0)
            files[int(row['slot'])].add(name)
    section = report['slots']
    require((section['used_slots'], section['shared_slots']) ==
            (len(keys), sum(len(names) > 1 for names in files.values())), section)
    for row in section['heaviest_slots']:
        slot = row['slot']
        require((row['keys'], row['bytes'], row['files']) == (keys[slot], size[slot], len(files[slot])), row)
    require(section['heaviest_slots'][0]['bytes'] == max(size.values()), section['heaviest_slots'][0])
    hot = next(row for row in section['heaviest_tags'] if row['tag'] == 'hot')
    mine = [int(row['size_in_bytes']) for rows in tables.values() for row in rows if row['key'].startswith('{hot}')]
    require((hot['keys'], hot['bytes']) == (len(mine), sum(mine)), hot)


def check_rows(rdbmeter, report, paths, damaged):
    rows = {os.path.basename(row['file']): row for row in report['files']['list']}
    for path in paths:
        own = fleetlib.report(rdbmeter, 'report', path, *ALL, status=3 if path == damaged else 0)
        row = rows[os.path.basename(path)]
        for name in ('keys', 'expires', 'dataset_bytes'):
            require(row[name] == own['totals'][name], row, own['totals'])
        require((row['trouble'] is not None) == (path == damaged), row)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--split', required=True)
    ap.add_argument('snapshot')
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shards = fleetlib.split(a.split, a.snapshot, folder, 6, 1, True)
        plant(shards)
        whole = fleetlib.report(a.bin, 'report', *shards, *ALL)
        tables = {os.path.basename(p): keys_of(a.bin, p) for p in shards}
        require(check_shared(whole, tables) == COPIES, 'copies')
        check_slots(whole, tables)
        check_rows(a.bin, whole, shards, None)
        for jobs in ('1', '5'):
            fleetlib.same('-j ' + jobs, whole, fleetlib.report(a.bin, 'report', *reversed(shards), *ALL, '-j', jobs))
        with open(shards[4], 'r+b') as f:
            f.truncate(os.path.getsize(shards[4]) - 700)
        missing = os.path.join(folder, 'not-there.rdb')
        p = fleetlib.run([a.bin, 'report', *shards, missing, *ALL, '-f', 'json', '-o', os.path.join(folder, 'r.json')], 3)
        for path in (shards[4], missing):
            require(path in p.stderr.decode(), p.stderr)
        require(p.stderr.decode().count('truncated') == 1, p.stderr)
        damaged = fleetlib.json.load(open(os.path.join(folder, 'r.json')))
        require(damaged['partial'] and damaged['files']['files'] == 7 and damaged['files']['read'] == 6, damaged['files'])
        check_rows(a.bin, damaged, shards, shards[4])
        tables[os.path.basename(shards[4])] = keys_of(a.bin, shards[4], 3)
        check_shared(damaged, tables)
        print('6 shards: per file and together, %d keys in several' % COPIES)


if __name__ == '__main__':
    main()
