#!/usr/bin/env python3
"""Holds rdbmeter's numbers against what real servers measured, on the extract in testdata/accuracy (see extract.py), and
fails where any number is worse than in the ledger testdata/accuracy.csv, or where the table in docs/models.md is not the
ledger's.

A number is exact when it equals the measured one to the byte, or, where the server itself draws lots, when it is within
what that chance explains (see chance_bytes).

usage: check.py --bin RDBMETER --testdata DIR [--docs models.md] [--update] [--worst N]
"""
import argparse
import csv
import io
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
from chance import chance_bytes, keyspace_chance  # noqa: E402

COLUMNS = ['case', 'keys', 'encoding_exact', 'usage_measured', 'usage_exact', 'allocated_exact']
BEGIN, END = '<!-- accuracy:begin -->', '<!-- accuracy:end -->'


def estimates(binary, rdb, case):
    server, _, allocator = case['target'].partition('+')
    command = [binary, 'keys', '--key-format', 'hex', '--target', server] + (['--allocator', allocator] if allocator else [])
    for setting in case['settings'].split():
        command += ['--set', setting]
    p = subprocess.run(command + [rdb], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if p.returncode != 0:
        print('%s: exit %d: %s' % (case['case'], p.returncode, p.stderr.strip()[-200:]))
        return {}
    return {(r['database'], r['key']): r for r in csv.DictReader(io.StringIO(p.stdout))}


def compare(case, rows, got, worst):
    """The ledger's row of one case."""
    label, target = case['case'], case['target']
    result = dict.fromkeys(COLUMNS, 0)
    result['case'] = label
    wrong = []
    for row in rows:
        if not row[label + ': encoding']:
            continue
        result['keys'] += 1
        key = (row['db'], row['key_hex'])
        g = got.get(key)
        encoding, usage, allocated = (row['%s: %s' % (label, c)] for c in ('encoding', 'memory_usage', 'allocated'))
        result['usage_measured'] += usage != ''
        if g is None:
            continue
        # Redis 5.0 has no name for a stream's encoding
        result['encoding_exact'] += g['encoding'] == encoding or (row['type'] == 'stream' and encoding == 'unknown')
        chance = chance_bytes(target, row['type'], encoding, int(row['elements'] or 0))
        off = int(g['size_in_bytes'] or 0) - int(allocated)
        exact = off == 0 or abs(off) <= chance or keyspace_chance(target, off)
        result['allocated_exact'] += exact
        if not exact:
            wrong.append((abs(off), 'size_in_bytes %+d' % off, row, encoding))
        if usage != '':
            off = int(g['memory_usage'] or 0) - int(usage)
            result['usage_exact'] += abs(off) <= chance
            if abs(off) > chance:
                wrong.append((abs(off), 'memory_usage %+d' % off, row, encoding))
    for _, what, row, encoding in sorted(wrong, key=lambda w: -w[0])[:worst]:
        print('    %s: %s: %s/%s of %s elements, db %s, key %s' % (label, what, row['type'], encoding, row['elements'], row['db'], row['key_hex'][:60]))
    return result


def measure(binary, testdata, worst):
    folder = os.path.join(testdata, 'accuracy')
    with open(os.path.join(folder, 'cases.csv'), newline='') as f:
        cases = list(csv.DictReader(f))
    for case in cases:
        with open(os.path.join(folder, case['file'] + '.csv'), newline='') as f:
            rows = list(csv.DictReader(f))
        yield compare(case, rows, estimates(binary, os.path.join(folder, case['file'] + '.rdb'), case), worst)


def percent(part, whole):
    return '-' if not int(whole) else '%.1f %%' % (100.0 * int(part) / int(whole))


def docs_table(rows):
    lines = ['| case | keys | encoding | `memory_usage` | `size_in_bytes` |', '|---|--:|--:|--:|--:|']
    for r in rows:
        lines.append('| %s | %s | %s | %s | %s |' % (r['case'], r['keys'], percent(r['encoding_exact'], r['keys']),
                                                   percent(r['usage_exact'], r['usage_measured']), percent(r['allocated_exact'], r['keys'])))
    return '\n'.join(lines) + '\n'


def replace_table(text, table):
    head, rest = text.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    return head + BEGIN + '\n' + table + END + tail


def update(ledger, docs, rows):
    with open(ledger, 'w', newline='') as f:
        w = csv.DictWriter(f, COLUMNS, lineterminator='\n')
        w.writeheader()
        w.writerows(rows)
    if docs and os.path.exists(docs):
        with open(docs, encoding='utf-8') as f:
            text = f.read()
        if BEGIN in text:
            with open(docs, 'w', encoding='utf-8') as f:
                f.write(replace_table(text, docs_table(rows)))


def judge(ledger, docs, rows):
    """The complaints: numbers worse than the ledger's, cases it lacks, a table in the docs that is not its."""
    with open(ledger, newline='') as f:
        known = {r['case']: r for r in csv.DictReader(f)}
    complaints, better = [], 0
    for r in rows:
        old = known.pop(r['case'], None)
        if old is None:
            complaints.append('%s: not in the ledger' % r['case'])
            continue
        for column in COLUMNS[1:]:
            if r[column] < int(old[column]):
                complaints.append('%s: %s is %d, was %s' % (r['case'], column, r[column], old[column]))
            better += r[column] > int(old[column])
    complaints += ['%s: in the ledger, but not measured' % case for case in known]
    if better and not complaints:
        print('%d numbers are better than the ledger: record them with --update' % better)
    if docs and os.path.exists(docs):
        with open(docs, encoding='utf-8') as f, open(ledger, newline='') as l:
            text, table = f.read(), docs_table(list(csv.DictReader(l)))
        if BEGIN in text and replace_table(text, table) != text:
            complaints.append('%s: its table is not the ledger\'s: --update' % docs)
    return complaints


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--testdata', required=True)
    ap.add_argument('--docs')
    ap.add_argument('--update', action='store_true')
    ap.add_argument('--worst', type=int, default=3)
    a = ap.parse_args()
    ledger = os.path.join(a.testdata, 'accuracy.csv')
    rows = list(measure(a.bin, a.testdata, a.worst))
    if a.update:
        update(ledger, a.docs, rows)
    complaints = judge(ledger, a.docs, rows)
    for line in complaints:
        print(line)
    total = lambda column: sum(r[column] for r in rows)
    print('%d cases, %d keys: encoding %s, memory_usage %s, size_in_bytes %s exact' % (
        len(rows), total('keys'), percent(total('encoding_exact'), total('keys')),
        percent(total('usage_exact'), total('usage_measured')), percent(total('allocated_exact'), total('keys'))))
    sys.exit(1 if complaints else 0)


main()
