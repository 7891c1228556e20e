#!/usr/bin/env python3
"""A report takes at most 64 MB of resident memory, whatever is in the file and with eight threads: on files that fill every
table that there is."""
import argparse
import os
import struct
import subprocess
import sys
import tempfile

MOST_KB = 64 << 10
KEYS = 400000
PATTERNS = 32700  # as many as are kept
MULTIPLIER = 2654435761
COMMANDS = [['report'], ['report', '--target', 'redis-6.2'], ['report', '--target', 'valkey-9.1'], ['doctor'], ['upgrade']]
JOBS = ['1', '8']


def text(value):
    return bytes([len(value)]) + value


def pattern(i):
    letters = []
    for _ in range(4):
        i, digit = divmod(i, 26)
        letters.append(97 + digit)
    return bytes(letters)


def timed_hash(name, i):
    return b'\x18' + text(name) + struct.pack('<Q', 1800000000000 + i * MULTIPLIER % 4000000000) + b'\x01\x01\x01f\x01v'


def select(db):
    return b'\xfe\x80' + struct.pack('>I', db)


def tables_of_a_cluster():
    """Patterns and tags beyond what is kept, idle times, ids to be grouped, hashes that one long value keeps from being
    packed, JSON, expiries of fields, in all slots."""
    yield select(0) + b''.join(b'\xf4\x80' + struct.pack('>I', slot) + b'\x01\x00' for slot in range(16384))
    for i in range(KEYS):
        name = pattern(i % PATTERNS) + b'qx:{%012x}' % (i * MULTIPLIER % (1 << 48))
        yield b'\xf8\x80' + struct.pack('>I', i)
        kind = i % 7
        if kind == 0:
            yield timed_hash(name, i)
        elif kind < 3:
            yield b'\x04' + text(name) + b'\x01\x01f' + b'\x40\x50' + b'v' * 80
        elif kind < 5:
            yield b'\x00' + text(name) + text(b'{"a":1,"b":"%020d"}' % i)
        else:
            yield b'\x00' + text(name) + b'\x01v'


def timed_hashes_of_many_databases():
    for i in range(KEYS):
        if i % 20 == 0:
            yield select(i // 20)
        yield timed_hash(b'%x' % i, i)


def many_databases():
    for i in range(KEYS):
        yield select(i * 31 % 65536) + b'\x00\x01k\x01v'


def databases_of_a_cluster():
    for i in range(KEYS):
        yield select(i % 1000) + b'\xf4\x80' + struct.pack('>I', i % 16384) + b'\x01\x00' + b'\x00' + text(b'%x' % i) + b'\x01v'


def patterns():
    for i in range(KEYS):
        yield b'\xfc' + struct.pack('<Q', 1800000000000 + i) + b'\x00' + text(pattern(i * 7 % 90000) + b':%d' % i) + b'\x01v'


FILES = [tables_of_a_cluster, timed_hashes_of_many_databases, many_databases, databases_of_a_cluster, patterns]


def most_kb(argv):
    with open(os.devnull, 'wb') as nowhere:
        child = subprocess.Popen(argv, stdout=nowhere, stderr=nowhere)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage.ru_maxrss


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('--bin', required=True)
    options = ap.parse_args()
    runs, wrong = 0, 0
    with tempfile.TemporaryDirectory(prefix='rdbmeter-memory-') as folder:
        for make in FILES:
            path = os.path.join(folder, make.__name__ + '.rdb')
            with open(path, 'wb') as out:
                out.write(b'REDIS0012\xfa' + text(b'redis-ver') + text(b'8.4.0'))
                out.writelines(make())
                out.write(b'\xff' + bytes(8))
            for command in COMMANDS:
                for jobs in JOBS:
                    argv = [options.bin] + command + ['--jobs', jobs, '--now', '1760000000', path]
                    status, kb = most_kb(argv)
                    runs += 1
                    if status not in (0, 1) or kb > MOST_KB:
                        wrong += 1
                        print('%s: exit %d, %d KB' % (' '.join(argv[1:]), status, kb))
            os.unlink(path)
    print('%d runs, %d wrong' % (runs, wrong))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
