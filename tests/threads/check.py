#!/usr/bin/env python3
"""The output of every command that can use threads is the same, to the byte, for any number of them: on generated
snapshots of every kind, on small ones, cut short and damaged."""
import argparse
import glob
import os
import subprocess
import sys
import tempfile

MIXES = {'mixed': 6000, 'strings': 6000, 'tiny': 20000, 'tables': 12, 'listpacks': 300, 'lzf': 1000, 'streams': 40,
         'adversarial': 5000}
COMMANDS = [['report', '--format', 'json'], ['keys'], ['upgrade', '--format', 'json'],
            ['report', '--min-size', '200', '--format', 'csv', '--section', 'totals'],
            ['report', '--target', 'redis-7.2', '--allocator', 'libc', '--format', 'json']]
THREADS = ['2', '3', '8']


def run(binary, command, jobs, path):
    argv = [binary] + command + ['--jobs', jobs, '--now', '1750000000', path]
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    return done.returncode, done.stdout, done.stderr


def write(path, data):
    with open(path, 'wb') as out:
        out.write(data)
    return path


def snapshots(rdbgen, testdata, folder):
    yield from sorted(glob.glob(os.path.join(testdata, '*.rdb')))
    for mix, keys in MIXES.items():
        path = os.path.join(folder, mix + '.rdb')
        subprocess.run([rdbgen, '--mix', mix, '--keys', str(keys), '-o', path], check=True)
        yield path
    with open(os.path.join(folder, 'mixed.rdb'), 'rb') as mixed:
        data = mixed.read()
    yield write(os.path.join(folder, 'cut.rdb'), data[:len(data) * 2 // 3])
    yield write(os.path.join(folder, 'damaged.rdb'),
                b''.join(data[at:at + 40000] + b'\xff' * (at % 3) for at in range(0, len(data), 40000)))


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('--bin', required=True)
    ap.add_argument('--rdbgen', required=True)
    ap.add_argument('--testdata', required=True)
    options = ap.parse_args()
    compared, wrong = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for path in snapshots(options.rdbgen, options.testdata, folder):
            for command in COMMANDS:
                alone = run(options.bin, command, '1', path)
                for jobs in THREADS:
                    compared += 1
                    if run(options.bin, command, jobs, path) != alone:
                        wrong += 1
                        print('%s --jobs %s %s: not what one thread gives' % (' '.join(command), jobs, path))
    print('%d runs compared, %d differ' % (compared, wrong))
    return 1 if wrong or not compared else 0


if __name__ == '__main__':
    sys.exit(main())
