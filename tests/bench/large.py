#!/usr/bin/env python3
"""Private memory stays bounded however large the snapshot, and however large one key of it.

usage: large.py --bin RDBMETER --rdbgen RDBGEN --measure MEASURE [--key-bytes N] [--file-keys N] [--folder DIR]

Without --folder the snapshots go through a pipe and need no disk; with it they are files there, one at a time.
"""
import argparse
import os
import subprocess
import sys

PRIVATE_KB_MAX = 64 * 1024
KEYS = ('strings', 'tables', 'listpacks', 'lzf', 'adversarial', 'streams')  # mixes whose one key is another value each
COMMANDS = (['report', '-f', 'json'], ['keys'], ['verify', '--deep'])


def measured(measure, command, stdin):
    """(seconds, peak private kB, status)"""
    read, write = os.pipe()
    with open(os.devnull, 'w') as null:
        p = subprocess.Popen(['sh', '-c', 'exec "$0" "$@" 3>&%d' % write, measure, '-p', *command], stdin=stdin, stdout=null,
                             pass_fds=(write, ))
        os.close(write)
        with os.fdopen(read) as f:
            line = f.read().split()
        p.wait()
    return float(line[0]), int(line[2]), int(line[3])


def run(a, what, generate, command):
    if a.folder:
        path = os.path.join(a.folder, 'large.rdb')
        size = os.path.getsize(path)
        seconds, kb, status = measured(a.measure, [a.bin, command[0], path, *command[1:]], subprocess.DEVNULL)
    else:
        size = None
        generator = subprocess.Popen(generate, stdout=subprocess.PIPE)
        seconds, kb, status = measured(a.measure, [a.bin, command[0], '-', *command[1:]], generator.stdout)
        generator.stdout.close()
        if generator.wait() != 0:
            status = 'the generator failed'
    fine = status == 0 and kb <= PRIVATE_KB_MAX
    print('%-4s %-24s %-14s %s%8.1f s %9d kB private, status %s' % ('ok' if fine else 'FAIL', what, ' '.join(command),
                                                                    '%14d bytes ' % size if size else '', seconds, kb, status), flush=True)
    return fine


def main():
    ap = argparse.ArgumentParser()
    for name in ('bin', 'rdbgen', 'measure'):
        ap.add_argument('--' + name, required=True)
    ap.add_argument('--key-bytes', type=int, default=150 * 1000 * 1000)
    ap.add_argument('--file-keys', type=int, default=1000 * 1000)
    ap.add_argument('--folder')
    a = ap.parse_args()
    cases = [('one key of ' + mix, [a.rdbgen, '--mix', mix, '--key-bytes', str(a.key_bytes)]) for mix in KEYS]
    cases += [('keys of ' + mix, [a.rdbgen, '--mix', mix, '--keys', str(a.file_keys)]) for mix in ('mixed', 'adversarial')]
    fine = True
    for what, generate in cases:
        if a.folder:
            subprocess.run(generate + ['-o', os.path.join(a.folder, 'large.rdb')], check=True)
        for command in COMMANDS:
            fine = run(a, what, generate, command) and fine
    if a.folder:
        os.unlink(os.path.join(a.folder, 'large.rdb'))
    sys.exit(0 if fine else 1)


main()
