#!/usr/bin/env python3
"""diff finds what was planted: of a snapshot's keys one in a hundred goes, others come, one key grows. What it says of
patterns, types, databases and keys is held against the per-key table of both sides; of summaries it says the same, but
for what it marks as a bound."""
import argparse
import collections
import csv
import io
import os
import random
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'pylib'))
import fleetlib  # noqa: E402
import rdb_records  # noqa: E402

NEW_KEYS = 300


def string_record(db, key, value):
    raw = b'\x00' + rdb_records.encode_length(len(key)) + key + rdb_records.encode_length(len(value)) + value
    return rdb_records.Record(db, key, 0, raw, False)


def plant(snapshot, folder, rng):
    """Paths of the old and the new snapshot."""
    s = rdb_records.Snapshot(open(snapshot, 'rb').read())
    kept = [r for r in s.records if rng.random() >= 0.01]
    grown = [string_record(0, b'planted:report:%d' % i, b'x' * (50 + i)) for i in range(NEW_KEYS)]
    pairs = {'old': s.records + [string_record(0, b'grower', b'y' * 1000), string_record(0, b'goner', b'z' * 300000)],
             'new': kept + grown + [string_record(0, b'grower', b'y' * 700000)]}
    out = []
    for name, records in pairs.items():
        out.append(os.path.join(folder, name + '.rdb'))
        with open(out[-1], 'wb') as f:
            f.write(rdb_records.write_snapshot(s.magic, s.version, s.aux, records))
    return out


def table(rdbmeter, path):
    text = fleetlib.run([rdbmeter, 'keys', path]).stdout.decode()
    return {(row['database'], row['key']): row for row in csv.DictReader(io.StringIO(text))}


def expect(what, got, want):
    if got != want:
        raise SystemExit('%s: %r instead of %r' % (what, got, want))


def sums(rows, columns):
    total = collections.Counter()
    for row in rows.values():
        total[tuple(row[c] for c in columns)] += int(row['size_in_bytes'])
    return total


def check_sums(diff, old, new):
    for section, table_id, columns, names in (('types', 'list', ('type', 'encoding'), ('type', 'encoding')),
                                              ('databases', 'list', ('database',), ('database',))):
        a, b = sums(old, columns), sums(new, columns)
        got = {tuple(str(r[n]) for n in names): (r['old_bytes'], r['new_bytes'], r['change_bytes'])
               for r in diff[section][table_id]}
        expect(section, got, {k: (a[k], b[k], b[k] - a[k]) for k in set(a) | set(b)})


def check_keys(diff, old, new, may_be_bounds):
    seen = 0
    for kind in ('grew', 'shrank', 'appeared', 'vanished'):
        for row in diff['keys'].get(kind, []):
            key = (str(row['database']), row['key'])
            sizes = [int(side[key]['size_in_bytes']) if key in side else None for side in (old, new)]
            if row['is_bound']:
                if not may_be_bounds:
                    raise SystemExit('%s is a bound of snapshots' % (key,))
                continue
            expect('%s %s' % (kind, key), [row['old_bytes'], row['new_bytes']], sizes)
            seen += 1
    if seen == 0:
        raise SystemExit('no key was compared')


def check_planted(diff, old, new, exact):
    pattern = [r for r in diff['patterns']['list'] if r['pattern'] == 'planted:report:*'][0]
    bytes_ = sum(int(r['size_in_bytes']) for k, r in new.items() if k[1].startswith('planted:report:'))
    expect('planted pattern', (pattern['old_bytes'], pattern['new_bytes'], pattern['new_keys']), (0, bytes_, NEW_KEYS))
    grew = diff['keys']['grew'][0]
    expect('key that grew most', grew['key'], 'grower')
    if exact:
        expect('vanished first', diff['keys']['vanished'][0]['key'], 'goner')


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--seed', type=int, default=1)
    ap.add_argument('snapshot')
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = plant(a.snapshot, folder, random.Random(a.seed))
        old, new = (table(a.bin, p) for p in paths)
        diff = fleetlib.report(a.bin, 'diff', *paths, '--top', '2000')
        check_sums(diff, old, new)
        check_keys(diff, old, new, False)
        check_planted(diff, old, new, True)
        summaries = [p[:-4] + '.rdbm' for p in paths]
        for path, summary in zip(paths, summaries):
            fleetlib.run([a.bin, 'summarize', path, '-o', summary])
        of_summaries = fleetlib.report(a.bin, 'diff', *summaries, '--top', '2000')
        check_sums(of_summaries, old, new)
        check_keys(of_summaries, old, new, True)
        check_planted(of_summaries, old, new, False)
        expect('patterns of summaries', of_summaries['patterns'], diff['patterns'])
        back = fleetlib.report(a.bin, 'diff', paths[1], paths[0], '--top', '2000')
        expect('the other way round', back['change']['change_bytes'], -diff['change']['change_bytes'])
        print('diff of %s: as planted' % os.path.basename(a.snapshot))


if __name__ == '__main__':
    main()
