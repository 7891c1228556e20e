"""What the tests of this folder share: running the program, splitting snapshots, comparing reports."""
import json
import os
import subprocess

# Sections that only several files have: check_merge.py holds them against the files one by one.
OF_SEVERAL = {'files', 'slots', 'shared_keys'}


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
    """Places where two documents differ; one line each."""
    if type(a) is not type(b):
        return ['%s: %r against %r' % (path, a, b)]
    if isinstance(a, dict):
        found = []
        for key in sorted(set(a) | set(b)):
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


def without(report, *paths):
    """A copy without these: a section, or one of its facts."""
    copy = json.loads(json.dumps(report))
    for path in paths:
        at = copy
        *way, last = path.split('.')
        for step in way:
            at = at.get(step, {})
        at.pop(last, None)
    return copy


def shared_alike(a, b):
    """Of files that are at hand keys in several of them are counted, of summaries estimated beyond 8,192 keys. Takes the
    section out of both."""
    a, b = (r.pop('shared_keys') for r in (a, b))
    off_by = a.get('shared_error', 0) + b.get('shared_error', 0)
    if abs(a['shared'] - b['shared']) > off_by:
        raise SystemExit('keys in several files: %r, %r' % (a, b))


def same(what, a, b):
    found = differences(a, b)
    if found:
        raise SystemExit('%s:\n  %s' % (what, '\n  '.join(found[:10])))
