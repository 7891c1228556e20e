#!/usr/bin/env python3
"""Holds every section of a report against the per-key table of the same snapshot: totals, types, databases, times to
live, patterns, top lists, percentiles, and the grids of the limits against runs under those limits (--set), exactly.

usage: check_sections.py --bin RDBMETER SNAPSHOT...
"""
import argparse
import csv
import io
import json
import os
import re
import sys
from collections import Counter, defaultdict

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
from checker import Checker  # noqa: E402
from rdbmeter import run_rdbmeter  # noqa: E402

GRIDS = {'hash': ('hash-max-listpack-entries', 'hash-max-listpack-value'),
         'zset': ('zset-max-listpack-entries', 'zset-max-listpack-value'),
         'set': ('set-max-listpack-entries', 'set-max-listpack-value'),
         'intset': ('set-max-intset-entries', None)}
TTL_BUCKETS = [(0, 'expired already'), (3600, 'within an hour'), (86400, 'within a day'), (7 * 86400, 'within a week'),
               (30 * 86400, 'within 30 days'), (365 * 86400, 'within a year')]


def run(binary, command, snapshot, *options):
    return run_rdbmeter(binary, command, *options, snapshot).decode()


def read_keys(binary, snapshot, *options):
    rows = list(csv.DictReader(io.StringIO(run(binary, 'keys', snapshot, '--key-format', 'hex', *options))))
    for row in rows:
        row['name'] = bytes.fromhex(row['key'])
        for column in ('database', 'size_in_bytes', 'num_elements', 'memory_usage'):
            row[column] = int(row[column] or 0)
    return rows


# ---- the pattern of a name, rule by rule ------------------------------------------------------------------------------

UUID = re.compile(rb'[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}')
TOKEN = re.compile(rb'[0-9A-Za-z\x80-\xff]+')


def is_identifier(token):
    digits = sum(48 <= c <= 57 for c in token)
    changes = sum((48 <= a <= 57) != (48 <= b <= 57) for a, b in zip(token, token[1:]))
    return digits and (digits == len(token) or len(token) >= 20 or
                       len(token) >= 8 and (changes >= 3 or re.fullmatch(rb'[0-9a-fA-F]+', token)))


def pattern(name):
    is_cut, name = len(name) > 64, name[:64]
    folded = [False] * len(name)
    if is_cut:
        first = len(name)
        while first and TOKEN.fullmatch(name[first - 1:first]):
            first -= 1
        for i in range(min(first, 63), 64):
            folded[i] = True
    for at in range(len(name)):
        if UUID.match(name, at):
            folded[at:at + 36] = [True] * 36
    for match in TOKEN.finditer(name):
        token, start = match.group(), match.start()
        if not any(48 <= name[i] <= 57 and not folded[i] for i in range(start, match.end())):
            continue
        spans = [(0, len(token))] if is_identifier(token) else [m.span() for m in re.finditer(rb'[0-9]{2,}', token)]
        for a, b in spans:
            folded[start + a:start + b] = [True] * (b - a)
    joints = [i for i in range(1, len(name) - 1) if name[i] in b'-.' and folded[i - 1] and folded[i + 1]]
    for i in joints:
        folded[i] = True
    return b''.join(b'*' if folded[i] and (i == 0 or not folded[i - 1]) else b'' if folded[i] else name[i:i + 1]
                    for i in range(len(name)))


# ---- checks -------------------------------------------------------------------------------------------------------------

def check_totals(c, report, keys):
    totals = report['totals']
    measured = [r for r in keys if r['type'] != 'module']
    all_bytes = sum(r['size_in_bytes'] for r in measured)
    c.equal('totals.keys', totals['keys'], len(keys))
    c.equal('totals.keys_bytes', totals['keys_bytes'], all_bytes)
    c.equal('totals.dataset_bytes', totals['dataset_bytes'], all_bytes + totals['keyspace_bytes'])
    c.equal('totals.memory_usage', totals['memory_usage'], sum(r['memory_usage'] for r in measured))
    c.equal('totals.module_bytes', totals.get('module_bytes', 0), sum(r['size_in_bytes'] for r in keys) - all_bytes)
    c.equal('totals.expires', totals['expires'], sum(r['expiry'] != '' for r in keys))
    c.equal('sum of parts', sum(r['bytes'] for r in report['parts']['causes']), totals['dataset_bytes'])


def nearest_rank(values, permille):
    return sorted(values)[max(0, -(-len(values) * permille // 1000) - 1)]


def check_types(c, report, keys):
    by_encoding = defaultdict(list)
    for r in keys:
        by_encoding[r['type'], r['encoding']].append(r)
    rows = report['types']['encodings']
    c.equal('types', {(r['type'], r['encoding']) for r in rows}, set(by_encoding))
    for row in rows:
        what = '%s/%s ' % (row['type'], row['encoding'])
        mine = by_encoding[row['type'], row['encoding']]
        sizes = [r['size_in_bytes'] for r in mine]
        c.equal(what + 'keys', row['keys'], len(mine))
        c.equal(what + 'bytes', row['bytes'], sum(sizes))
        c.equal(what + 'max', row['max'], max(sizes))
        for name, permille in (('p50', 500), ('p90', 900), ('p99', 990)):
            exact = nearest_rank(sizes, permille)
            if not exact - exact // 64 <= row[name] <= exact:
                c.equal(what + name, row[name], exact)
        if row['type'] != 'string':
            c.equal(what + 'elements', row['elements'], sum(r['num_elements'] for r in mine))


def check_databases(c, report, keys):
    got = {r['database']: (r['keys'], r['expires'], r['bytes']) for r in report['databases']['list']}
    want = defaultdict(lambda: [0, 0, 0])
    for r in keys:
        row = want[r['database']]
        row[0] += 1
        row[1] += r['expiry'] != ''
        row[2] += r['size_in_bytes']
    c.equal('databases', got, {db: tuple(row) for db, row in want.items()})


def check_histograms(c, report, keys):
    d = report['distributions']
    c.equal('sizes', sum(r['keys'] for r in d['sizes']), len(keys))
    sizes = Counter((r['type'], r['encoding'], r['size_in_bytes'].bit_length()) for r in keys)
    c.equal('sizes by encoding', {(r['type'], r['encoding'], r['from'].bit_length()): r['keys'] for r in
                                  d['sizes_by_encoding']}, dict(sizes))
    lengths = Counter(len(r['name']).bit_length() for r in keys)
    c.equal('names', {r['from']: r['keys'] for r in d['names']}, {(1 << b) // 2: n for b, n in lengths.items()})
    counts = Counter((r['type'], r['encoding'], r['num_elements'].bit_length()) for r in keys if r['type'] != 'string')
    c.equal('elements', {(r['type'], r['encoding'], r['from'].bit_length()): r['keys'] for r in d['elements']}, dict(counts))
    c.equal('ttl', sum(r['keys'] for r in report['ttl']['buckets']), len(keys))
    c.equal('ttl bytes', sum(r['bytes'] for r in report['ttl']['buckets']), sum(r['size_in_bytes'] for r in keys))


def name_of(value):
    """A name in JSON is text, or an object where it is no UTF-8."""
    return value.encode() if isinstance(value, str) else None


def check_groups(c, report, keys):
    want, sizes = defaultdict(lambda: [0] * 5), defaultdict(list)
    for r in keys:
        row = want[pattern(r['name'])]
        no_ttl = r['expiry'] == ''
        for i, number in enumerate((1, r['size_in_bytes'], no_ttl, no_ttl * r['size_in_bytes'],
                                    r['num_elements'] * (r['type'] != 'string'))):
            row[i] += number
        sizes[pattern(r['name'])].append(r['size_in_bytes'])
    c.equal('patterns', report.get('groups', {'patterns': 0})['patterns'], len(want))
    for row in report.get('groups', {'list': []})['list']:
        name = name_of(row['pattern'])
        if name is None:
            continue
        columns = ('keys', 'bytes', 'no_ttl_keys', 'no_ttl_bytes', 'elements')
        c.equal('pattern %r' % name, [row[column] for column in columns], want[name][:len(columns)])
        c.equal('average of %r' % name, row['average'], want[name][1] // want[name][0])
        exact = nearest_rank(sizes[name], 990)
        c.equal('p99 of %r' % name, exact - max(8, exact // 5) <= row['p99'] <= exact, True)


def settings_of(change):
    """The settings of a change that is one of them: "zset-max-listpack-entries 189; ..."; else none."""
    words = re.findall(r'([a-z]+(?:-[a-z]+)+) (\d+)', change)
    return ['%s=%s' % word for word in words]


def check_best_savings(c, binary, snapshot, report):
    """Higher limits save on a pattern what a run under them says; other forms what their own sections say."""
    patterns = report.get('groups', {'list': []})['list']
    forms = {'small keys in hashes': 'grouping', 'JSON documents as hashes': 'json_strings', 'shorter names': 'key_names',
             'values compressed by the client': 'compressible', 'numbers as integers': 'text_numbers'}
    saved = defaultdict(Counter)
    for section in forms.values():
        for row in report[section].get('patterns', []):
            saved[row['pattern']][section] += max(0, row['saved_bytes'])
    limits = 0
    for row in patterns:
        change, best = row['best_saving'], row['best_saving_bytes'] or 0
        what = '%s %s: ' % (row['pattern'], change)
        if change in forms:
            c.equal(what + 'its section', best, saved[row['pattern']][forms[change]])
        for section in set(forms.values()) - {'grouping'}:
            c.equal(what + 'is the best', best >= saved[row['pattern']][section], True)
        if not settings_of(change or '') or limits >= 12:
            continue
        limits += 1
        options = [word for setting in settings_of(change) for word in ('--set', setting)]
        after = json.loads(run(binary, 'report', snapshot, '--format', 'json', '--sections', 'groups', *options))
        bytes_after = {r['pattern']: r['bytes'] for r in after['groups']['list']}[row['pattern']]
        c.equal(what + 'a run under it', best, row['bytes'] - bytes_after)
    if report['thresholds'].get('recommended'):
        c.equal('some pattern would gain by a limit', limits > 0, True)
    strays = sum(row['best_saving_bytes'] for row in patterns if row['best_saving'] == 'integers only')
    c.equal('sets without strays', strays <= report['intset_strays'].get('saved_bytes', 0), True)
    alone = json.loads(run(binary, 'report', snapshot, '--format', 'json', '--sections', 'groups'))
    c.equal('groups alone', alone.get('groups', {'list': []})['list'], patterns)
    return limits


def check_tops(c, report, keys, top):
    for section, column, measured in (('top_keys', 'size_in_bytes', keys),
                                      ('top_elements', 'num_elements', [r for r in keys if r['type'] != 'string' and r['num_elements']])):
        ordered = sorted(measured, key=lambda r: (-r[column], r['database'], r['name']))[:top]
        got = report.get(section, {'keys': []})['keys']
        c.equal(section + ' rows', len(got), len(ordered))
        for row, want in zip(got, ordered):
            name = name_of(row['key'])
            if name is not None:
                c.equal(section, (name, row['database'], row['size_in_bytes']),
                        (want['name'], want['database'], want['size_in_bytes']))


PACKED = {'listpack', 'ziplist', 'zipmap', 'intset', 'listpackex'}


def check_grids(c, binary, snapshot, report, keys, points):
    before = report['totals']['keys_bytes']
    packed = [r['encoding'] in PACKED for r in keys]
    for grid, (entries, value) in GRIDS.items():
        rows = [r for r in report['thresholds'].get(grid, []) if not r['in_force']]
        for row in rows[::max(1, len(rows) // points)]:
            options = ['--set', '%s=%d' % (entries, row['entries'])]
            if value:
                options += ['--set', '%s=%d' % (value, row['value'])]
            what = '%s %s ' % (grid, ' '.join(options[1::2]))
            after = json.loads(run(binary, 'report', snapshot, '--format', 'json', '--sections', 'totals', *options))
            c.equal(what + 'saves', row['saved_bytes'], before - after['totals']['keys_bytes'])
            then = [r['encoding'] in PACKED for r in read_keys(binary, snapshot, *options)]
            c.equal(what + 'packs', row['newly_packed'], sum(b > a for a, b in zip(packed, then)))
            c.equal(what + 'unpacks', row['newly_unpacked'], sum(b < a for a, b in zip(packed, then)))


def check(binary, snapshot):
    c, top = Checker(), 7
    text = run(binary, 'report', snapshot, '--format', 'json', '--top', str(top))
    report = json.loads(text)
    at_a_time = [run(binary, 'report', snapshot, '--now', '1800000000') for _ in range(2)]
    c.equal('the same run twice', at_a_time[0] == at_a_time[1], True)
    keys = read_keys(binary, snapshot)
    check_totals(c, report, keys)
    check_types(c, report, keys)
    check_databases(c, report, keys)
    check_histograms(c, report, keys)
    check_groups(c, report, keys)
    limits = check_best_savings(c, binary, snapshot, report)
    check_tops(c, report, keys, top)
    check_grids(c, binary, snapshot, report, keys, 8)
    print('%s: %d keys, %d changes of settings, %d differences' % (snapshot, len(keys), limits, c.failures))
    return c.failures == 0


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('snapshots', nargs='+')
    a = ap.parse_args()
    sys.exit(0 if all([check(a.bin, s) for s in a.snapshots]) else 1)


main()
