#!/usr/bin/env python3
"""Makes testdata/accuracy/: a few hundred keys of each measured snapshot, every type and encoding among them, with what
the servers measured on them.

The full measurements are in ../shared/truth (see its README.md); what is committed here is small enough for every
clone. NAME.rdb holds the chosen records, their bytes untouched; NAME.csv one row a key and three columns a case (a
server, allocator and settings under which that snapshot was loaded); cases.csv says what each case is.

usage: extract.py TRUTH [OUT]
"""
import csv
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'pylib'))
from rdb_records import Snapshot, write_snapshot  # noqa: E402

KEYS = 240                 # per snapshot
LARGEST_RECORD = 1000      # but for the smallest of its kind
RECORD_BYTES = 36000       # per snapshot, beside the smallest of each kind


def measured(folder):
    with open(os.path.join(folder, 'keys.csv'), newline='') as f:
        return {(r['db'], r['key_hex']): r for r in csv.DictReader(f)}


def config(folder):
    with open(os.path.join(folder, 'server.json')) as f:
        return json.load(f)['config']


def cases(truth):
    """(dump folder relative to truth, label, target, folder of the measurements, settings)"""
    for group in sorted(os.listdir(truth)):
        if not os.path.isdir(os.path.join(truth, group)):
            continue
        for name in sorted(os.listdir(os.path.join(truth, group))):
            folder = os.path.join(truth, group, name)
            if group.endswith('-thresholds'):
                for variant in sorted(os.listdir(folder)):
                    inner = os.path.join(folder, variant)
                    yield os.path.join(group[:-11], name), '%s %s' % (name, variant), name, inner, config(inner)
            elif group.endswith('-upgrade'):
                source, target = name.split('-on-')
                yield os.path.join(group[:-8], source), '%s on %s' % (source, target), target, folder, {}
            else:
                kind = group.partition('-')[2]
                label = '%s modern types' % name if kind == 'modern' else name
                yield os.path.join(group, name), label, name, folder, {}


def spread(items):
    """The middle one first, then the middles of what is left of it and right of it: any first few span the whole."""
    order, ranges = [], [(0, len(items))]
    while ranges:
        low, high = ranges.pop(0)
        if low < high:
            middle = (low + high) // 2
            order.append(items[middle])
            ranges += [(low, middle), (middle + 1, high)]
    return order


def choose(records, rows):
    """The smallest record of each kind, then in turn one more of each kind, spread over its sizes."""
    kinds = {}
    for r in sorted(records, key=lambda r: (len(r.raw), r.key)):
        m = rows.get((str(r.db), r.key.hex()))
        if m:
            kinds.setdefault((m['type'], m['encoding'], r.type_code, m['has_ttl']), []).append(r)
    chosen = {id(group[0]): group[0] for group in kinds.values()}
    left = {}
    for kind, group in kinds.items():
        left[kind] = spread([r for r in group[1:] if len(r.raw) <= LARGEST_RECORD])
    used = 0
    while len(chosen) < KEYS and any(left.values()):
        for kind in sorted(left):
            if left[kind] and len(chosen) < KEYS:
                r = left[kind].pop(0)
                if used + len(r.raw) <= RECORD_BYTES:
                    used += len(r.raw)
                    chosen[id(r)] = r
    return [r for r in records if id(r) in chosen]


def file_name(dump):
    group, server = os.path.split(dump)
    return server + ('-modern' if group.endswith('-modern') else '')


def write_rows(path, records, labels, measurements):
    with open(path, 'w', newline='') as f:
        w = csv.writer(f, lineterminator='\n')
        w.writerow(['db', 'key_hex', 'type', 'elements'] + [label + suffix for label in labels for suffix in (': encoding', ': memory_usage', ': allocated')])
        for r in records:
            key = (str(r.db), r.key.hex())
            first = measurements[0][key]
            row = [key[0], key[1], first['type'], first['elements']]
            for m in measurements:
                row += [m[key]['encoding'], m[key]['memory_usage'], m[key]['allocated']] if key in m else ['', '', '']
            w.writerow(row)


def main():
    truth = sys.argv[1]
    out = sys.argv[2] if len(sys.argv) > 2 else os.path.join(HERE, '..', '..', 'testdata', 'accuracy')
    os.makedirs(out, exist_ok=True)
    by_dump = {}
    for dump, label, target, folder, settings in cases(truth):
        by_dump.setdefault(dump, []).append((label, target, measured(folder), settings))
    with open(os.path.join(out, 'cases.csv'), 'w', newline='') as f:
        w = csv.writer(f, lineterminator='\n')
        w.writerow(['file', 'case', 'target', 'settings'])
        for dump in sorted(by_dump):
            name = file_name(dump)
            for label, target, _, settings in by_dump[dump]:
                w.writerow([name, label, target, ' '.join('%s=%s' % s for s in sorted(settings.items()))])
            with open(os.path.join(truth, dump, 'dump.rdb'), 'rb') as source:
                snapshot = Snapshot(source.read())
            rows = by_dump[dump][0][2]
            records = choose(snapshot.records, rows)
            with open(os.path.join(out, name + '.rdb'), 'wb') as rdb:
                rdb.write(write_snapshot(snapshot.magic, snapshot.version, snapshot.aux, records))
            write_rows(os.path.join(out, name + '.csv'), records, [c[0] for c in by_dump[dump]], [c[2] for c in by_dump[dump]])


main()
