#!/usr/bin/env python3
"""The ledger check over all measurements, where they are beside this repository (../shared); exits 77 (skipped) where they
are not. Fails where any number is worse than in testdata/accuracy-full.csv, or a total is off by more than half a percent.

usage: full.py --bin RDBMETER --shared DIR --ledger FILE [--update]
"""
import argparse
import csv
import os
import subprocess
import sys
import tempfile

SKIPPED = 77
COUNTS = ('keys', 'encoding_exact', 'usage_exact', 'allocated_exact')
TOTAL_ERROR_PERCENT = 0.5


def read(path):
    with open(path, newline='') as f:
        return {r['case']: r for r in csv.DictReader(f)}


def complaints(ledger, rows):
    for case, row in rows.items():
        if case not in ledger:
            yield '%s: not in the ledger' % case
            continue
        for column in COUNTS:
            if int(row[column] or 0) < int(ledger[case][column] or 0):
                yield '%s: %s is %s, was %s' % (case, column, row[column], ledger[case][column])
        if abs(float(row['total_error_percent'] or 100)) > TOTAL_ERROR_PERCENT:
            yield '%s: the total is off by %s %%' % (case, row['total_error_percent'])
    for case in ledger.keys() - rows.keys():
        yield '%s: in the ledger, but not measured' % case


def write(path, rows):
    """Without the totals' errors: servers draw lots, and nobody should read their third digit as a change."""
    with open(path, 'w', newline='') as f:
        w = csv.writer(f, lineterminator='\n')
        w.writerow(('case', ) + COUNTS)
        w.writerows([case] + [row[c] for c in COUNTS] for case, row in rows.items())


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--shared', required=True)
    ap.add_argument('--ledger', required=True)
    ap.add_argument('--update', action='store_true')
    a = ap.parse_args()
    tool = os.path.join(a.shared, 'tools', 'accuracy.py')
    if not os.path.exists(tool):
        print('skipped: no measurements at %s' % a.shared)
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory(prefix='rdbmeter-accuracy-') as folder:
        out = os.path.join(folder, 'rows.csv')
        p = subprocess.run([sys.executable, tool, '--bin', a.bin, '--worst', '1', '--csv', out], stdin=subprocess.DEVNULL,
                           capture_output=True, text=True)
        rows = read(out) if os.path.exists(out) else {}
    print((p.stdout.strip().splitlines() or [p.stderr])[-1])
    if a.update:
        write(a.ledger, rows)
    found = list(complaints(read(a.ledger), rows))
    for line in found:
        print(line)
    sys.exit(1 if found else 0)


main()
