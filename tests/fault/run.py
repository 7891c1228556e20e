#!/usr/bin/env python3
"""Makes what the program leans on fail, at every point where it can: each allocation, each byte read, each byte written.
The program must end with a status and a line that says why; it must never crash, and never call a cut output whole.

usage: run.py --bin RDBMETER --shim failing_libc.so --testdata DIR
"""
import argparse
import concurrent.futures
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

DONE, DAMAGED, UNUSABLE = 0, 3, 4
EVERY = 250   # points tried one by one; of those behind them, as many again, evenly spread
WRITES = 20   # likewise of bytes written, of which check_writes.c tries more
SNAPSHOTS = ('tiny/types.rdb', 'tiny/v5.rdb', 'tiny/names.rdb')
NOW = ('--now', '2026-11-20T09:00:00Z')  # ages in a report would differ from run to run
COMMANDS = (('report', ) + NOW, ('report', '--format', 'json') + NOW, ('keys', ), ('verify', ),
            ('check', '--max-name-bytes', '100kb', '--format', 'junit') + NOW)


def points(count, every=EVERY):
    """1..count, thinned out behind the first ones."""
    if count <= 2 * every:
        return list(range(1, count + 1))
    step = (count - every) / every
    return list(range(1, every + 1)) + sorted({every + int(step * i) for i in range(1, every + 1)})


class Program:
    def __init__(self, binary, shim, folder):
        self.binary, self.shim, self.folder = binary, shim, folder

    def run(self, arguments, largest_file=None, stdout=subprocess.PIPE, **faults):
        environment = {'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8', 'LD_PRELOAD': self.shim}
        environment.update({k: str(v) for k, v in faults.items()})

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

        return subprocess.run([self.binary, *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                              timeout=60, cwd=self.folder, preexec_fn=limit if largest_file is not None else None)

    def allocations(self, arguments):
        path = os.path.join(self.folder, 'count')
        self.run(arguments, COUNT_ALLOCATIONS=path)
        with open(path) as f:
            return int(f.read())


def words(arguments):
    return ' '.join(os.path.basename(a) for a in arguments if a not in NOW)


def last_line(p):
    return p.stderr.decode(errors='replace').strip()[-160:]


def check_allocation(program, arguments, whole, i):
    p = program.run(arguments, FAIL_ALLOCATION=i)
    ended_in_words = p.returncode in (UNUSABLE, -signal.SIGABRT) and b'memory' in p.stderr
    # without memory for the locale, wide characters are taken for narrow ones: columns may shift, words may not
    survived = p.returncode == whole.returncode and p.stdout.split() == whole.stdout.split()
    if not ended_in_words and not survived:
        return '%s, allocation %d fails: exit %d: %s' % (words(arguments), i, p.returncode, last_line(p))
    return None


def check_read(program, arguments, n):
    p = program.run(arguments, FAIL_READ_AFTER=n)
    if p.returncode not in (DAMAGED, UNUSABLE) or b'Input/output error' not in p.stderr:
        return '%s, reading fails after %d bytes: exit %d: %s' % (words(arguments), n, p.returncode, last_line(p))
    return None


def check_slow_read(program, arguments, whole, n):
    p = program.run(arguments, READ_MOST=n)
    if p.returncode != whole.returncode or p.stdout != whole.stdout or p.stderr != whole.stderr:
        return '%s, at most %d bytes a read: exit %d, or other output: %s' % (words(arguments), n, p.returncode, last_line(p))
    return None


def check_write(program, arguments, n):
    """Standard output into a file that may not grow beyond n bytes."""
    with tempfile.TemporaryFile(dir=program.folder) as out:
        p = program.run(arguments, largest_file=n, stdout=out)
    if p.returncode != UNUSABLE or b'cannot write' not in p.stderr:
        return '%s, writing fails after %d bytes: exit %d: %s' % (words(arguments), n, p.returncode, last_line(p))
    return None


def check_write_file(program, arguments, n):
    """-o FILE: nothing may be left behind under that name, or beside it."""
    folder = tempfile.mkdtemp(dir=program.folder)
    p = program.run(arguments + ('-o', os.path.join(folder, 'out.json')), largest_file=n)
    if p.returncode != UNUSABLE or b'cannot write' not in p.stderr:
        return '%s -o, writing fails after %d bytes: exit %d: %s' % (words(arguments), n, p.returncode, last_line(p))
    if os.listdir(folder):
        return '%s -o, writing fails after %d bytes: left %s' % (words(arguments), n, os.listdir(folder))
    return None


def jobs(program, testdata):
    for command in COMMANDS:
        for name in SNAPSHOTS:
            arguments = command + (os.path.join(testdata, name), )
            whole = program.run(arguments)
            if whole.returncode != DONE:
                yield lambda a=arguments, w=whole: '%s: exit %d: %s' % (' '.join(a), w.returncode, last_line(w))
                continue
            for n in (1, 2, 7):
                yield lambda a=arguments, w=whole, n=n: check_slow_read(program, a, w, n)
            for i in points(program.allocations(arguments)):
                yield lambda a=arguments, w=whole, i=i: check_allocation(program, a, w, i)
            for n in points(len(whole.stdout), WRITES):
                yield lambda a=arguments, n=n - 1: check_write(program, a, n)
        small = os.path.join(testdata, 'tiny', 'v5.rdb')
        for n in range(os.path.getsize(small)):
            yield lambda a=command + (small, ), n=n: check_read(program, a, n)
    report = ('report', ) + NOW + (os.path.join(testdata, 'tiny', 'v5.rdb'), )
    for n in (0, 1, 100, 1000):
        yield lambda n=n: check_write_file(program, report, n)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--shim', required=True)
    ap.add_argument('--testdata', required=True)
    a = ap.parse_args()
    folder = tempfile.mkdtemp(prefix='rdbmeter-fault-')
    try:
        program = Program(os.path.abspath(a.bin), os.path.abspath(a.shim), folder)
        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
            results = list(pool.map(lambda job: job(), jobs(program, os.path.abspath(a.testdata))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    failed = [r for r in results if r]
    # one line for each way of failing: the number of the fault is what differs
    ways = {}
    for line in failed:
        ways.setdefault(re.sub(r'\d+', 'N', line), []).append(line)
    for lines in list(ways.values())[:20]:
        print('%s%s' % (lines[0], ' (and %d like it)' % (len(lines) - 1) if len(lines) > 1 else ''))
    print('%d faults, %d handled badly' % (len(results), len(failed)))
    sys.exit(1 if failed else 0)


main()
