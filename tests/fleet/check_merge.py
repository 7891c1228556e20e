#!/usr/bin/env python3
"""Summaries of the parts of a snapshot, merged, say what the report of the whole says: every section of it, for random
splits, in any order to the byte, and merged in two steps as in one; and so does a report of all parts at once. What
only several files have is held against the parts one by one. Estimates are within the bounds that they state, on a
snapshot made for that (--bounds)."""
import argparse
import collections
import csv
import io
import os
import random
import sys
import tempfile
import uuid

import estimates
import fleetlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
import rdb_records  # noqa: E402

NOW = '1800000000'
ALL = ['--now', NOW, '--top', '50']
EVERY = 'allocator_bins'  # what a report has only when it is asked for


def summarize(rdbmeter, paths):
    out = []
    for path in paths:
        out.append(path[:-4] + '.rdbm')
        fleetlib.run([rdbmeter, 'summarize', path, '-o', out[-1], '--now', NOW, '--sections', EVERY])
        if os.path.getsize(out[-1]) >= 1 << 20:
            raise SystemExit('%s has %d bytes' % (out[-1], os.path.getsize(out[-1])))
    return out


class Whole:
    """A snapshot's reports, before it is split."""

    def __init__(self, rdbmeter, snapshot):
        self.snapshot = snapshot
        self.report = fleetlib.report(rdbmeter, 'report', snapshot, *ALL)
        self.asked = fleetlib.report(rdbmeter, 'report', snapshot, *ALL, '--sections', EVERY + ',slots')


def check_report(what, whole, merged, paths):
    """All of the report but the name and the length of the file, which are those of the parts. Estimates are as near as
    they say; returns their number."""
    of_files = ('overview.file', 'overview.file_bytes')
    a = fleetlib.without(whole.report, *of_files)
    b = fleetlib.without(merged, *of_files, *fleetlib.OF_SEVERAL)
    count = estimates.take_out(a, b)
    fleetlib.same(what, a, b)
    if len(paths) > 1 and merged['overview']['file'] != '%d files' % len(paths):
        raise SystemExit('%s: %r' % (what, merged['overview']['file']))
    if merged['overview']['file_bytes'] != sum(os.path.getsize(p) for p in paths):
        raise SystemExit('%s: another length of all files' % what)
    return count


def check_asked(what, whole, merged):
    """Sections that have to be asked for: size classes; and slots, but for which files have each (check_slots.py)."""
    def alone(report):
        of_files = ('shared_slots', 'notes', 'nodes', 'nodes_count', 'skew', 'skew_after', 'moves', 'moved_slots',
                    'moved_bytes')
        report = fleetlib.without(report, *('slots.' + name for name in of_files))
        for row in report['slots']['heaviest_slots']:
            row.pop('files')
        return report
    fleetlib.same(what, alone(whole.asked), alone(merged))


def check_orders(rdbmeter, summaries, folder, rng):
    """The report and the summary of all, in any order."""
    outputs = [os.path.join(folder, name) for name in ('all.json', 'all.rdbm')]
    command = [rdbmeter, 'merge', '--top', '50', '-o', outputs[0], '-o', outputs[1]]
    first = None
    for _ in range(4):
        fleetlib.run(command + summaries)
        written = [open(path, 'rb').read() for path in outputs]
        if first not in (None, written):
            raise SystemExit('another order, another report: %s' % summaries)
        first, summaries = written, rng.sample(summaries, len(summaries))


def merge_in_steps(rdbmeter, summaries, folder, rng):
    """Split anywhere, in any order."""
    shuffled = summaries[:]
    rng.shuffle(shuffled)
    cut = rng.randrange(1, len(summaries))
    halves = [os.path.join(folder, 'a.rdbm'), os.path.join(folder, 'b.rdbm')]
    fleetlib.run([rdbmeter, 'merge', '-o', halves[0], *shuffled[:cut]])
    fleetlib.run([rdbmeter, 'merge', '-o', halves[1], *shuffled[cut:]])
    return halves


def keys_of(rdbmeter, path):
    return list(csv.DictReader(io.StringIO(fleetlib.run([rdbmeter, 'keys', path]).stdout.decode())))


def check_files(rdbmeter, merged, paths):
    """Rows of files are those of each file's own report; slots and keys in several files are as the keys say."""
    rows = {os.path.basename(row['file']): row for row in merged['files']['list']}
    files_of = collections.defaultdict(set)
    for path in paths:
        own = fleetlib.report(rdbmeter, 'report', path, *ALL)
        row = rows[os.path.basename(path)]
        for name in ('keys', 'expires', 'dataset_bytes', 'used_mem'):
            if row[name] != own['totals'].get(name):
                raise SystemExit('%s: %s %r, in its own report %r' % (path, name, row[name], own['totals'].get(name)))
        for key in keys_of(rdbmeter, path):
            files_of[int(key['slot'])].add(path)
    shared = sum(len(files) > 1 for files in files_of.values())
    slots = merged['slots']
    if (slots['used_slots'], slots['shared_slots']) != (len(files_of), shared):
        raise SystemExit('slots: %r instead of %r' % (slots, (len(files_of), shared)))
    for row in slots['heaviest_slots']:
        if row['files'] != len(files_of[row['slot']]):
            raise SystemExit('slot %d is in %d files' % (row['slot'], len(files_of[row['slot']])))
    if merged['shared_keys']['shared'] != 0:
        raise SystemExit('%d keys in several files' % merged['shared_keys']['shared'])


def check_split(a, whole, parts, rng):
    with tempfile.TemporaryDirectory() as folder:
        paths = fleetlib.split(a.split, whole.snapshot, folder, parts, rng.randrange(1 << 30), parts % 3 == 0)
        summaries = summarize(a.bin, paths)
        what = '%s in %d' % (os.path.basename(whole.snapshot), parts)
        merged = fleetlib.report(a.bin, 'merge', '--top', '50', *summaries)
        count = check_report(what, whole, merged, paths)
        asked = ('--top', '50', '--sections', EVERY + ',slots')
        check_asked(what, whole, fleetlib.report(a.bin, 'merge', *asked, *summaries))
        check_orders(a.bin, summaries, folder, rng)
        halves = merge_in_steps(a.bin, summaries, folder, rng)
        check_report(what + ', in two steps', whole, fleetlib.report(a.bin, 'merge', '--top', '50', *halves), paths)
        at_once = fleetlib.report(a.bin, 'report', *ALL, *paths)
        check_report(what + ', at once', whole, at_once, paths)
        check_asked(what + ', at once', whole, fleetlib.report(a.bin, 'report', '--now', NOW, *asked, *paths))
        if parts <= a.files_up_to:
            check_sweep(a.bin, what, whole, paths)
            check_files(a.bin, merged, paths)
            check_files(a.bin, at_once, paths)
        print('%s parts: the same%s' % (what, ', and %d estimates within their bounds' % count if count else ''))


def check_sweep(rdbmeter, what, whole, paths):
    """Limits that are asked for are tried on several files as on one."""
    asked = ['--sections', 'thresholds,node_sweeps', '--sweep', 'hash-max-listpack-entries=100,1000',
             '--sweep', 'list-max-listpack-size=-1', '--sweep', 'list-compress-depth=1,3']
    fleetlib.same(what + ', --sweep', *(fleetlib.without(fleetlib.report(rdbmeter, 'report', *files, *asked), 'files')
                                        for files in ([whole.snapshot], paths)))


# ---- bounds ----------------------------------------------------------------------------------------------------------


def string_record(key, value):
    raw = b'\x00' + rdb_records.encode_string(key) + rdb_records.encode_string(value)
    return rdb_records.Record(0, key, 0, raw, False)


def make_snapshot(path, aux_of, rng):
    """More of everything than is kept or looked at: hashes to be grouped into, by number and by id, and documents."""
    s = rdb_records.Snapshot(open(aux_of, 'rb').read())
    records = [string_record(b'item:%d' % (1000000 + 40 * i), b'w' * rng.randrange(10, 60)) for i in range(30000)]
    records += [string_record(b'session:%s' % str(uuid.UUID(int=rng.getrandbits(128))).encode(),
                              b'v' * rng.randrange(10, 60)) for _ in range(20000)]
    # So much in front of the documents that in the whole they lie behind RECORD_DOCUMENTS_ALL (src/record.h), in a part not.
    records += [string_record(b'page:%d' % i, b'x' * 900000) for i in range(40)]
    records += [string_record(b'doc:%d:x' % i, b'{"name":"%s","n":%d}' % (b'a' * rng.randrange(40), i))
                for i in range(40000)]
    with open(path, 'wb') as f:
        f.write(rdb_records.write_snapshot(s.magic, s.version, s.aux, records))


def letters(rng, count):
    return bytes(rng.choice(b'abcdefghijklmnopqrstuvwxyz') for _ in range(count))


def record_of(type_number, key, *texts):
    """A key whose value is a number of texts: a set, or a hash with half as many fields."""
    count = len(texts) // (2 if type_number == 4 else 1)
    raw = bytes([type_number]) + rdb_records.encode_string(key) + rdb_records.encode_length(count) + \
        b''.join(map(rdb_records.encode_string, texts))
    return rdb_records.Record(0, key, 0, raw, False)


def check_size(a, aux_of, rng):
    """Names as long as they are different, in every list that a summary holds: less than 1 MB all the same, and a report
    that has the same totals."""
    s = rdb_records.Snapshot(open(aux_of, 'rb').read())
    records = []
    for i in range(4000):
        name = letters(rng, 9) + b'.' + letters(rng, 14) + b':{' + letters(rng, 17) + b'}:%d' % i
        records.append(string_record(name + b'/' + letters(rng, 170), letters(rng, 40)))
        records.append(record_of(4, name + b':h' + letters(rng, 150), *[letters(rng, 80) for _ in range(6)]))
        if i % 5 == 0:
            records.append(record_of(2, name + b':s' + letters(rng, 150), *[b'%d' % k for k in range(300)], b'not a number'))
    records += [string_record(b'heavy%s:%d' % (bytes([97 + i % 8]) * 3, 1000000 + 100 * i), b'w' * 60) for i in range(24000)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'wide.rdb')
        with open(path, 'wb') as f:
            f.write(rdb_records.write_snapshot(s.magic, s.version, s.aux, records))
        summaries = summarize(a.bin, [path])  # which looks at their size
        whole, merged = (fleetlib.report(a.bin, *arguments) for arguments in
                         (['report', path, '--now', NOW], ['merge', *summaries]))
        fleetlib.same('totals', whole['totals'], merged['totals'])
        print('%d different long names: %d bytes' % (len(records), os.path.getsize(summaries[0])))


def check_bounds(a, aux_of, rng):
    with tempfile.TemporaryDirectory() as folder:
        snapshot = os.path.join(folder, 'bounds.rdb')
        make_snapshot(snapshot, aux_of, rng)
        whole = Whole(a.bin, snapshot)
        paths = fleetlib.split(a.split, snapshot, folder, 2, rng.randrange(1 << 30))
        summaries = summarize(a.bin, paths)
        merged = fleetlib.report(a.bin, 'merge', '--top', '50', *summaries)
        # Of each part all documents are looked at: it is the whole's that are estimates.
        if check_report('bounds', whole, merged, paths) != 3:
            raise SystemExit('two patterns have more hashes than a summary keeps, one documents of which some are looked at')
        check_orders(a.bin, summaries, folder, rng)
        halves = merge_in_steps(a.bin, summaries, folder, rng)
        check_report('bounds, in two steps', whole, fleetlib.report(a.bin, 'merge', '--top', '50', *halves), paths)
        print('estimates of 2 parts: within their bounds')


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--split', required=True)
    ap.add_argument('--parts', type=int, nargs='*', default=[2, 3, 7, 24, 64])
    ap.add_argument('--files-up-to', type=int, default=7, help='parts whose rows are held against reports of their own')
    ap.add_argument('--seed', type=int, default=1)
    ap.add_argument('--bounds', action='store_true')
    ap.add_argument('snapshots', nargs='+')
    a = ap.parse_args()
    rng = random.Random(a.seed)
    for snapshot in a.snapshots:
        if a.bounds:
            check_bounds(a, snapshot, rng)
            check_size(a, snapshot, rng)
            continue
        whole = Whole(a.bin, snapshot)
        for parts in a.parts:
            check_split(a, whole, parts, rng)


if __name__ == '__main__':
    main()
