#!/usr/bin/env python3
"""Makes what the program leans on fail, at every point where it can: each allocation and each byte read, of every command and
every wrapping. The program must end with a status and a line that says why; it must never crash, and never call a cut output
whole. What is written is the matter of check_writes.c and check_document_writes.c; here only what they cannot reach.

usage: run.py --bin RDBMETER --shim failing_libc.so --testdata DIR
"""
import argparse
import concurrent.futures
import gzip
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

DONE, BREACH, DAMAGED, UNUSABLE = 0, 1, 3, 4
NOW = ['--now', '2026-11-20T09:00:00Z']  # ages in a report would differ from run to run
SMALLER = ['--set', 'hash-max-listpack-entries=1']
ALL, SMALL = ('empty', 'v1', 'v5', 'names', 'types'), ('v1', 'names')

# Each allocation of these, on these snapshots; IN and SUMMARY stand for their paths.
ALLOCATING = [
    (['report', 'IN'], SMALL),
    (['report', 'IN', '--format', 'json'], ('v1', )),
    (['report', 'IN', '--format', 'markdown'], ('v1', )),
    (['report', 'IN', '--format', 'html'], SMALL),
    (['report', 'IN', '--format', 'prometheus'], SMALL),
    (['report', 'IN', '--format', 'csv', '--section', 'types'], SMALL),
    (['keys', 'IN'], ALL),
    (['keys', 'IN', '--format', 'ndjson', '--regex', 'a*'], ALL),
    (['verify', 'IN', '--deep'], ALL),
    (['check', 'IN', '--max-elements', '2', '--format', 'junit'], ALL),
    (['check', 'IN', '--max-name-bytes', '0', '--format', 'gitlab'], ALL),
    (['upgrade', 'IN'], ALL),
    (['doctor', 'IN'], SMALL),
    (['explain', 'IN', 'zset:large'], ('types', )),
    (['rewrite', 'IN'] + SMALLER, ALL),
    (['rewrite', 'IN', '--script'] + SMALLER, ALL),
    (['diff', 'IN', 'IN'], SMALL),
    (['trend', 'IN', 'IN'], ('types', )),
    (['policy', '--init', 'IN'], ALL),
    (['policy'], ('empty', )),
    (['servers', '--format', 'json'], ('empty', )),
    (['summarize', 'IN'], ALL),
    (['merge', 'SUMMARY'], ('v1', )),
]
# Each byte that is read: of a plain snapshot by every command, of a wrapped one by the first ones.
READING = (['report', 'IN'], ['keys', 'IN'], ['verify', 'IN', '--deep'], ['report', 'IN', '--format', 'json'], ['upgrade', 'IN'],
           ['check', 'IN', '--max-name-bytes', '100kb'], ['doctor', 'IN'], ['diff', 'IN', 'IN'], ['summarize', 'IN'],
           ['rewrite', 'IN'] + SMALLER, ['policy', '--init', 'IN'])
OF_WRAPPED = 3
# In threads, where nothing goes on in a fork: some allocations are anybody's.
THREADED = (['report', 'IN'], ['keys', 'IN'], ['upgrade', 'IN'])
SEVERAL = ['report', 'IN', 'IN', '--sections', 'files,slots,shared_keys']
WITHOUT_CLOCK = ('verify', 'servers', 'merge')


class Program:
    def __init__(self, binary, shim, folder):
        self.binary, self.shim, self.folder = binary, shim, folder

    def run(self, arguments, largest_file=None, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **faults):
        environment = {'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8', 'LD_PRELOAD': self.shim}
        environment.update({k: str(v) for k, v in faults.items()})

        def limit():
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            if largest_file is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

        return subprocess.run([self.binary, *arguments], env=environment, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE,
                              timeout=250, cwd=self.folder, preexec_fn=limit)

    def allocations(self, arguments):
        path = os.path.join(self.folder, 'count')
        self.run(arguments, COUNT_ALLOCATIONS=path)
        with open(path) as f:
            return int(f.read())

    def try_each(self, what, says, arguments, stdin=subprocess.DEVNULL):
        """Returns the run without a fault, with its output; how many were tried; what did not end in `says`, as
        (number, status, output, last words); and the numbers of those that could not be tried in a fork."""
        tried = tempfile.mkdtemp(dir=self.folder)
        with tempfile.TemporaryFile(dir=self.folder) as out:
            whole = self.run(arguments, stdin=stdin, stdout=out, TRY=what, TRIED=tried, SAYS=says)
            out.seek(0)
            whole.stdout = out.read()
        with open(os.path.join(tried, 'log')) as f:
            *lines, end = f.read().splitlines()
        odd, alone = [], [int(line.split()[1]) for line in lines if line.startswith('alone')]
        for line in lines:
            if line.startswith('alone'):
                continue
            number, status, before = map(int, line.split())
            with open('%s/%d.out' % (tried, number), 'rb') as out, open('%s/%d.err' % (tried, number), 'rb') as err:
                odd.append((number, os.waitstatus_to_exitcode(status), whole.stdout[:before] + out.read(), last_words(err.read())))
        shutil.rmtree(tried)
        return whole, int(end.split()[1]), odd, alone


def last_words(stderr):
    return stderr.decode(errors='replace').strip()[-160:]


def words(arguments):
    return ' '.join(os.path.basename(a) for a in arguments if a not in NOW)


def filled(command, snapshot, summary=None):
    clock = [] if command[0] in WITHOUT_CLOCK else NOW
    return [snapshot if w == 'IN' else summary if w == 'SUMMARY' else w for w in command] + clock


# ---- every point, in forks: each returns how many were tried, and a line for each that ended badly --------------------------------

def try_allocations(program, arguments):
    whole, count, odd, alone = program.try_each('allocations', 'memory', arguments)
    for number in alone:
        p = program.run(arguments, FAIL_ALLOCATION=number)
        if p.returncode != UNUSABLE or b'memory' not in p.stderr:
            odd.append((number, p.returncode, p.stdout, last_words(p.stderr)))
    bad = [] if whole.returncode in (DONE, BREACH) else ['%s: exit %d' % (words(arguments), whole.returncode)]
    for number, status, out, said in odd:
        # without memory for the locale, wide characters are taken for narrow ones: columns may shift, words may not
        if status != whole.returncode or out.split() != whole.stdout.split():
            bad.append('%s, allocation %d fails: exit %d: %s' % (words(arguments), number, status, said))
    return count + len(alone), bad + ([] if count else ['%s: no allocation' % words(arguments)])


def try_reads(program, arguments, at_least, stdin_path=None):
    with open(stdin_path or os.devnull, 'rb') as file:
        stdin = file
        feeder = None
        if stdin_path:
            feeder = subprocess.Popen(['cat'], stdin=file, stdout=subprocess.PIPE)
            stdin = feeder.stdout
        whole, count, odd, _ = program.try_each('reads', 'Input/output error', arguments, stdin)
        if feeder:
            feeder.stdout.close()
            feeder.wait()
    bad = [] if whole.returncode in (DONE, BREACH) else ['%s: exit %d: %s' % (words(arguments), whole.returncode, last_words(whole.stderr))]
    bad += ['%s, reading fails at point %d: exit %d: %s' % (words(arguments), number, status, said) for number, status, _, said in odd]
    return count, bad + ([] if count >= at_least else ['%s: %d points' % (words(arguments), count)])


# ---- one at a time ----------------------------------------------------------------------------------------------------------

def try_slow_reads(program, arguments):
    whole, bad = program.run(arguments), []
    for n in (1, 2, 7):
        p = program.run(arguments, READ_MOST=n)
        if (p.returncode, p.stdout, p.stderr) != (whole.returncode, whole.stdout, whole.stderr):
            bad.append('%s, at most %d bytes a read: exit %d, or other output: %s' % (words(arguments), n, p.returncode, last_words(p.stderr)))
    return 3, bad


def try_allocations_singly(program, arguments, most):
    whole, count, bad = program.run(arguments), min(program.allocations(arguments), most), []
    for i in range(1, count + 1):
        p = program.run(arguments, FAIL_ALLOCATION=i)
        ended_in_words = p.returncode in (DAMAGED, UNUSABLE) and (b'memory' in p.stderr or b'no thread' in p.stderr)
        if not ended_in_words and (p.returncode != whole.returncode or p.stdout.split() != whole.stdout.split()):
            bad.append('%s, allocation %d fails: exit %d: %s' % (words(arguments), i, p.returncode, last_words(p.stderr)))
    return count, bad


def try_threads(program, arguments, size):
    """In threads: reading fails for all of them and gives what one thread gives; it fails only where parts are read, and
    gives the whole; an allocation fails."""
    alone, threaded, bad = arguments + ['--jobs', '1'], arguments + ['--jobs', '2'], []
    whole = program.run(alone)
    for n in range(0, size, 3):
        one, two, three = program.run(alone, FAIL_READ_AT=n), program.run(threaded, FAIL_READ_AT=n), program.run(threaded, FAIL_PREAD_AT=n)
        if one.returncode not in (DAMAGED, UNUSABLE) or (one.returncode, one.stdout, one.stderr) != (two.returncode, two.stdout, two.stderr):
            bad.append('%s, reading fails after %d bytes: exit %d, %d with threads' % (words(arguments), n, one.returncode, two.returncode))
        if (three.returncode, three.stdout, three.stderr) != (whole.returncode, whole.stdout, whole.stderr):
            bad.append('%s, reading parts fails after %d bytes: exit %d: %s' % (words(arguments), n, three.returncode, last_words(three.stderr)))
    count, worse = try_allocations_singly(program, threaded, 400)
    return size + count, bad + worse


def try_table(program, arguments):
    """SQLite's allocations: a fork would remove the file of the program that it comes from."""
    count, bad = program.allocations(arguments + ['-o', 'counted.sqlite']), []
    for i in range(1, count, 5):
        folder = tempfile.mkdtemp(dir=program.folder)
        p = program.run(arguments + ['-o', os.path.join(folder, 'keys.sqlite')], FAIL_ALLOCATION=i)
        left = os.listdir(folder)
        if p.returncode != DONE and (p.returncode != UNUSABLE or b'memory' not in p.stderr) or p.returncode == DONE and left != ['keys.sqlite']:
            bad.append('%s, allocation %d fails: exit %d: %s' % (words(arguments), i, p.returncode, last_words(p.stderr)))
    return count // 5, bad


def try_help(program, arguments):
    """What main() prints itself, for every byte of it."""
    whole, bad = program.run(arguments), []
    for n in range(len(whole.stdout)):
        with tempfile.TemporaryFile(dir=program.folder) as out:
            p = program.run(arguments, largest_file=n, stdout=out)
        if p.returncode != UNUSABLE or b'cannot write' not in p.stderr:
            bad.append('%s, writing fails after %d bytes: exit %d: %s' % (words(arguments), n, p.returncode, last_words(p.stderr)))
    return len(whole.stdout), bad


# ---- inputs -----------------------------------------------------------------------------------------------------------------

def wrapped(folder, name, data):
    """(path, bytes that must be read) for each wrapping of a snapshot."""
    def put(extension, content):
        path = os.path.join(folder, name + extension)
        with open(path, 'wb') as f:
            f.write(content)
        return path, len(content)

    def through(tool, content):
        return subprocess.run([tool, '-c'], input=content, stdout=subprocess.PIPE, check=True).stdout

    def blob(tool, opcode):
        """Records in a compressed blob, as Dragonfly writes them."""
        packed = through(tool, b'\0\1a\6inside\xcb')
        return b'REDIS0009' + bytes([opcode, len(packed)]) + packed + b'\xff' + bytes(8)

    yield put('.rdb', data)
    half = len(data) // 2
    yield put('.gz', gzip.compress(data[:half]) + gzip.compress(data[half:]))
    for tool, extension, opcode in (('zstd', '.zst', 201), ('lz4', '.lz4', 202)):
        if shutil.which(tool):
            yield put(extension, through(tool, data))
            yield put(extension + '-blob', blob(tool, opcode))
    yield put('.aof', data + b'*1\r\n$4\r\nPING\r\n')
    yield put('.sync', b'$%d\r\n' % len(data) + data)
    mark = b'0123456789abcdef0123456789abcdef01234567'
    yield put('.eof', b'$EOF:' + mark + b'\r\n' + data + mark)
    dump = os.path.join(folder, name + '.appendonlydir')
    os.mkdir(dump)
    with open(os.path.join(dump, 'a.base.rdb'), 'wb') as f:
        f.write(data)
    with open(os.path.join(dump, 'a.manifest'), 'w') as f:
        f.write('file a.base.rdb seq 1 type b\n')
    yield os.path.join(dump, 'a.manifest'), len(data)


def jobs(program, testdata):
    snapshot = {name: os.path.join(testdata, 'tiny', name + '.rdb') for name in ALL}
    summary = {}
    for name in ALL:
        summary[name] = os.path.join(program.folder, name + '.rdbm')
        program.run(['summarize', snapshot[name], '-o', summary[name]] + NOW)
    for command, names in ALLOCATING:
        for name in names:
            yield try_allocations, filled(command, snapshot[name], summary[name])
    for name in ('v1', 'v5'):
        with open(snapshot[name], 'rb') as f:
            wrappings = list(wrapped(program.folder, name, f.read()))
        for path, size in wrappings:
            for command in READING if path.endswith('.rdb') else READING[:OF_WRAPPED]:
                yield try_reads, filled(command, path), size
            yield try_slow_reads, filled(['report', 'IN'], path)
            yield try_slow_reads, filled(['keys', 'IN'], path)
            yield try_allocations, filled(['verify', 'IN', '--deep'], path)
        for path, size in wrappings[:-1] if name == 'v1' else []:  # the last one is found by its path
            yield try_reads, filled(['report', 'IN'], '-'), size, path
    for command in THREADED:
        yield try_threads, filled(command, snapshot['v5']), os.path.getsize(snapshot['v5'])
    yield try_allocations_singly, filled(SEVERAL, snapshot['v1']), 400
    yield try_table, ['keys', snapshot['names'], '--format', 'sqlite']
    for arguments in (['--version'], ['--help'], ['verify', '--help']):
        yield try_help, arguments


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
            results = list(pool.map(lambda job: job[0](program, *job[1:]), jobs(program, os.path.abspath(a.testdata))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    failed = [line for _, bad in results for line in bad]
    # one line for each way of failing: the number of the fault is what differs
    ways = {}
    for line in failed:
        ways.setdefault(re.sub(r'\d+', 'N', line), []).append(line)
    for lines in list(ways.values())[:20]:
        print('%s%s' % (lines[0], ' (and %d like it)' % (len(lines) - 1) if len(lines) > 1 else ''))
    print('%d faults, %d handled badly' % (sum(count for count, _ in results), len(failed)))
    sys.exit(1 if failed else 0)


main()
