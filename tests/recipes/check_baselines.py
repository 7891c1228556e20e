#!/usr/bin/env python3
"""Growth against every kind of baseline: the earlier snapshot, its summary, the JSON of its report and that of its check.
What grew, of all keys and by pattern, is held against the tables of keys of both snapshots; where a baseline knows a
pattern only within bounds, it says so or says what holds for all of them."""
import argparse
import csv
import fnmatch
import io
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
import rdb_records  # noqa: E402

# Pattern of the policy, further members, and whether a summary and a report know it exactly.
SCOPES = {'planted:*': ({}, True), 'session:*': ({}, True), '*:profile:*': ({'type': 'hash'}, True),
          'user:profile:*': ({'type': 'string'}, True), 'product:1*': ({}, False)}
RULES = ('max_growth_bytes', 'max_key_growth_share')


def run(command, *statuses):
    p = subprocess.run(command, capture_output=True)
    if p.returncode not in statuses:
        raise SystemExit('%s: exit status %d\n%s' % (' '.join(command), p.returncode, p.stderr.decode()))
    return p.stdout


def string_record(key, value):
    raw = b'\x00' + rdb_records.encode_length(len(key)) + key + rdb_records.encode_length(len(value)) + value
    return rdb_records.Record(0, key, 0, raw, False)


def write_pair(snapshot, folder):
    s = rdb_records.Snapshot(open(snapshot, 'rb').read())
    more = [string_record(b'planted:report:%d' % i, b'x' * 100) for i in range(300)]
    more += [string_record(b'session:new:%d' % i, b'y' * 60) for i in range(200)]
    paths = []
    for name, records in (('old', s.records), ('new', s.records + more)):
        paths.append(os.path.join(folder, name + '.rdb'))
        with open(paths[-1], 'wb') as f:
            f.write(rdb_records.write_snapshot(s.magic, s.version, s.aux, records))
    return paths


def within(rdbmeter, path, pattern, members):
    """Keys and bytes of a pattern, from the table of keys."""
    rows = csv.DictReader(io.StringIO(run([rdbmeter, 'keys', path], 0).decode()))
    sizes = [int(row['size_in_bytes']) for row in rows if fnmatch.fnmatchcase(row['key'], pattern) and
             members.get('type', row['type']) == row['type']]
    return len(sizes), sum(sizes)


def policy(path, limits):
    """`limits`: pattern => rule => limit."""
    with open(path, 'w') as f:
        json.dump({'patterns': {p: dict(SCOPES[p][0], **rules) for p, rules in limits.items()}}, f)
    return path


def verdicts(rdbmeter, new, policy_path, baseline):
    document = json.loads(run([rdbmeter, 'check', new, '-p', policy_path, '-b', baseline, '-f', 'json'], 0, 1))
    return {(r['pattern'], r['rule']): (r['status'], r['found_value']) for r in document['check']['rules']
            if r['rule'] in RULES}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('snapshot')
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        old, new = write_pair(a.snapshot, folder)
        grown = {}
        for pattern, (members, _) in SCOPES.items():
            before, after = (within(a.bin, path, pattern, members) for path in (old, new))
            grown[pattern] = (after[1] - before[1], (after[0] - before[0]) / (before[0] or 1))
        assert grown['planted:*'][0] > 0 and grown['session:*'][0] > 0 and grown['*:profile:*'] == (0, 0), grown
        exact = policy(os.path.join(folder, 'kept.json'),
                       {p: dict(zip(RULES, found)) for p, found in grown.items()})
        broken = policy(os.path.join(folder, 'broken.json'),
                        {p: {RULES[0]: found[0] - 1, RULES[1]: found[1] * 0.99} for p, found in grown.items()
                         if found[0] > 0})
        baselines = {'snapshot': old}
        for kind, command in (('summary.rdbm', ['summarize', old]), ('report.json', ['report', old]),
                              ('check.json', ['check', old, '-p', exact])):
            baselines[kind] = os.path.join(folder, kind)
            run([a.bin, *command, '-o', baselines[kind]], 0)
        for kind, path in baselines.items():
            knows_all = kind in ('snapshot', 'check.json')
            for (pattern, rule), found in verdicts(a.bin, new, exact, path).items():
                value = grown[pattern][RULES.index(rule)]
                want = ('passed', value) if knows_all or SCOPES[pattern][1] else ('skipped', None)
                if found[0] != want[0] or (want[1] is not None and abs(found[1] - want[1]) > 1e-9):
                    raise SystemExit('%s, %s %s: %r instead of %r' % (kind, pattern, rule, found, want))
            for (pattern, rule), found in verdicts(a.bin, new, broken, path).items():
                if found[0] != 'failed':
                    raise SystemExit('%s, %s %s: %r breaks no limit' % (kind, pattern, rule, found))
            print('%s: growth as the keys say' % kind)


if __name__ == '__main__':
    main()
