#!/usr/bin/env python3
"""INFO memory of every server release: each field must be read with its value, none may be unknown, and where the
snapshot that the server had loaded is there, used_memory must be what the report makes of it.

Needs the full measurements; without them the test is skipped.

usage: check_info.py --bin RDBMETER --truth DIR
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile

SKIPPED = 77
# Chance in skip lists and buckets; a connection's query buffer of 20 KB, which a field names at one time and not at another.
TOLERANCE_BYTES, TOLERANCE_SHARE = 24 << 10, 0.002
ALLOCATORS = {'jemalloc-16', 'libc'}


def info_text(fields, version, line_end):
    lines = ['# Server', 'redis_version:' + version, '', '# Memory'] + ['%s:%s' % f for f in fields.items()]
    return line_end.join(lines) + line_end


def report(binary, rdb, info, allocator):
    command = [binary, 'report', rdb, '--info', info, '--sections', 'info_memory', '--format', 'json']
    command += ['--allocator', allocator] if allocator else []
    p = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if p.returncode:
        raise RuntimeError('%s: exit %d: %s' % (' '.join(command), p.returncode, p.stderr))
    return json.loads(p.stdout)['info_memory']


def same(row, text):
    return row['bytes'] == int(text) if row['bytes'] is not None else row['value'] == text


def check_fields(section, fields, where, complaints):
    rows = {row['field']: row for row in section['fields']}
    for name, text in fields.items():
        if name.endswith('_human'):
            continue
        if name not in rows:
            complaints.append('%s: %s is not read' % (where, name))
        elif not same(rows[name], text):
            complaints.append('%s: %s:%s is read as %r' % (where, name, text, rows[name]))
        elif 'not known' in rows[name]['meaning']:
            complaints.append('%s: %s has no row' % (where, name))


def unexplained(section):
    """(used_memory that INFO's own fields do not name, without the data; the data; used_memory)"""
    rows = {row['what'].strip(): row for row in section['computed']}
    if 'used_memory' not in rows:
        return None
    named = rows['startup and buffers, by INFO']['computed_bytes']
    used = rows['used_memory']
    return used['info_bytes'] - named, used['computed_bytes'] - named, used['info_bytes']


def check_used(empty, loaded, where, complaints):
    """A server holds some 20 to 100 KB that no field names, its connections' parts among them, empty or not."""
    before, after = unexplained(empty), unexplained(loaded)
    if before is None or after is None:
        return
    difference = after[0] - before[0] - after[1]
    if abs(difference) > max(TOLERANCE_BYTES, TOLERANCE_SHARE * after[2]):
        complaints.append('%s: the data takes %d by INFO, %d by the report' % (where, after[0] - before[0], after[1]))


def check_server(binary, folder, scratch, complaints):
    with open(os.path.join(folder, 'server.json')) as f:
        server = json.load(f)
    rdb, where = os.path.join(folder, 'dump.rdb'), '/'.join(folder.split(os.sep)[-2:])
    allocator = where.rsplit('+', 1)[-1]
    has_dump = os.path.exists(rdb)
    if not has_dump:
        rdb = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'testdata', 'tiny', 'types.rdb')
    sections = {}
    for name, line_end in (('info_memory_empty', '\n'), ('info_memory_loaded', '\r\n')):
        if name not in server:
            continue
        with open(scratch, 'w', newline='') as f:
            f.write(info_text(server[name], server['version'], line_end))
        sections[name] = report(binary, rdb, scratch, allocator if allocator in ALLOCATORS else None)
        check_fields(sections[name], server[name], where + ' ' + name, complaints)
    if has_dump and len(sections) == 2:
        check_used(sections['info_memory_empty'], sections['info_memory_loaded'], where, complaints)
    return len(sections)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--truth', required=True)
    a = ap.parse_args()
    folders = sorted(os.path.dirname(p) for p in glob.glob(os.path.join(a.truth, '*', '*', 'server.json')))
    if not folders:
        print('no measurements in %s' % a.truth)
        sys.exit(SKIPPED)
    complaints = []
    with tempfile.TemporaryDirectory() as scratch:
        checked = sum(check_server(a.bin, f, os.path.join(scratch, 'info'), complaints) for f in folders)
    print('\n'.join(complaints[:40]))
    print('%d outputs of %d servers, %d complaints' % (checked, len(folders), len(complaints)))
    sys.exit(1 if complaints or not checked else 0)


main()
