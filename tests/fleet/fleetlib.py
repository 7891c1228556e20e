"""What the tests of this folder share: running the program, splitting snapshots, comparing reports."""
import json
import os
import re
import subprocess

# About the files themselves, or estimated where many files were gathered apart: the rest must be equal.
NOT_COMPARED = {'overview', 'files', 'slots', 'shared_keys', 'node_sweeps', 'grouping', 'json_strings', 'compressible',
                'savings', 'groups.list.best_saving', 'groups.list.best_saving_bytes', 'actions', 'partial',
                'partial_reason', 'settings_in_force',
                # Every part repeats what the server said of itself:
                'totals.used_mem', 'totals.difference_bytes', 'totals.explained', 'totals.notes'}


def run(command, status=0, **more):
    p = subprocess.run(command, capture_output=True, **more)
    if p.returncode != status:
        raise SystemExit('%s: exit status %d instead of %d\n%s' % (' '.join(command), p.returncode, status,
                                                                   p.stderr.decode(errors='replace')))
    return p


def split(program, snapshot, folder, parts, seed, by_slot=False):
    prefix = os.path.join(folder, 'part-')
    run([program, snapshot, prefix, str(parts), str(seed)] + (['slots'] if by_slot else []))
    return ['%s%03d.rdb' % (prefix, i) for i in range(parts)]


def report(rdbmeter, *arguments, status=0):
    return json.loads(run([rdbmeter, *arguments, '--format', 'json'], status).stdout)


def differences(a, b, path=''):
    if type(a) is not type(b):
        return ['%s: %r against %r' % (path, a, b)]
    if isinstance(a, dict):
        found = []
        for key in sorted(set(a) | set(b)):
            if re.sub(r'\[\d+\]', '', path + '.' + key).lstrip('.') in NOT_COMPARED:
                continue
            if key not in a or key not in b:
                found.append('%s.%s is only in one' % (path, key))
            else:
                found += differences(a[key], b[key], path + '.' + key)
        return found
    if isinstance(a, list):
        if len(a) != len(b):
            return ['%s: %d rows against %d' % (path, len(a), len(b))]
        return [d for i, (x, y) in enumerate(zip(a, b)) for d in differences(x, y, '%s[%d]' % (path, i))]
    return [] if a == b else ['%s: %r against %r' % (path, a, b)]
