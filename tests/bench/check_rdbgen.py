#!/usr/bin/env python3
"""Every mix of rdbgen: the same bytes for the same seed, the counts it announces, and sound for redis-check-rdb.

usage: check_rdbgen.py RDBGEN FLOOR_TOUCH
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

KEYS = 9000  # more than one round of the schedule, and not a multiple of it
HUGE = 3000000


def length(data, at):
    """An RDB length at `at`, and the place behind it."""
    first = data[at]
    if first < 0x40:
        return first, at + 1
    if first < 0x80:
        return (first & 0x3f) << 8 | data[at + 1], at + 2
    return int.from_bytes(data[at + 1:at + 5], 'big'), at + 5


def announced(data):
    """Keys and expires of RESIZEDB, which follows SELECTDB 0."""
    keys, at = length(data, data.index(b'\xfe\x00\xfb') + 3)
    return keys, length(data, at)[0]


def counted(path):
    """Keys and expires by redis-check-rdb."""
    done = subprocess.run(['redis-check-rdb', path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-1000:]
    return tuple(int(re.search(r'(\d+) ' + what, done.stdout).group(1)) for what in ('keys read', 'expires'))


def check(rdbgen, floor_touch, mix, size):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'dump.rdb')
        subprocess.run([rdbgen, '--mix', mix, '-o', path] + size, check=True)
        with open(path, 'rb') as file:
            data = file.read()
        piped = subprocess.run([rdbgen, '--mix', mix, '--seed', '1'] + size, check=True, capture_output=True).stdout
        assert piped == data, 'other bytes through a pipe'
        other = subprocess.run([rdbgen, '--mix', mix, '--seed', '2'] + size, check=True, capture_output=True).stdout
        assert len(size) < 2 or size[0] != '--keys' or other != data, 'the seed does nothing'
        touched = subprocess.run([floor_touch, path], check=True, capture_output=True, text=True).stdout.split()
        assert int(touched[1]) == announced(data)[0], 'announced %d keys, wrote %s' % (announced(data)[0], touched[1])
        if shutil.which('redis-check-rdb'):
            assert counted(path) == announced(data), 'announced %s, counted %s' % (announced(data), counted(path))


def main():
    rdbgen, floor_touch = sys.argv[1:3]
    usage = subprocess.run([rdbgen, '--help'], check=True, capture_output=True, text=True).stdout
    mixes = re.findall(r'^  (\w+) ', usage.split('Mixes:')[1], re.M)
    assert len(mixes) >= 7, mixes
    for mix in mixes:
        keys = KEYS if mix != 'tables' else 20
        for size in (['--keys', str(keys)], ['--key-bytes', str(HUGE)]):
            try:
                check(rdbgen, floor_touch, mix, size)
            except AssertionError as reason:
                sys.exit('%s %s: %s' % (mix, ' '.join(size), reason))
    for wrong in (['--mix', 'nothing', '--keys', '1'], ['--mix', 'tiny'], ['--mix', 'tiny', '--keys', 'x']):
        assert subprocess.run([rdbgen] + wrong, stderr=subprocess.DEVNULL).returncode == 2, wrong


if __name__ == '__main__':
    main()
