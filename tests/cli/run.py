#!/usr/bin/env python3
"""Golden command lines. cases/NAME.cmd is a piece of bash; beside it NAME.out and NAME.err (absent: nothing may be
printed) and NAME.exit (absent: 0) say what it must print and return.

Each case runs in an empty folder of its own that holds a link to testdata, with the program under test as `rdbmeter` on
the PATH, without a terminal, in a fixed locale and time zone. The folder's own path, if printed, reads as $PWD.

usage: run.py --bin RDBMETER --testdata DIR [--update] [NAME_OR_PART...]
"""
import argparse
import concurrent.futures
import difflib
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, 'cases')
TIMEOUT_SECONDS = 60


def environment(folder):
    e = {k: v for k, v in os.environ.items() if k.startswith(('ASAN_', 'UBSAN_', 'LSAN_'))}
    e.update(PATH=os.path.join(folder, 'bin') + ':/usr/local/bin:/usr/bin:/bin', HOME=folder, LC_ALL='C.UTF-8',
             TZ='UTC', TERM='dumb')
    return e


def run_case(name, binary, testdata):
    """(stdout, stderr, exit status as text)"""
    folder = tempfile.mkdtemp(prefix='rdbmeter-cli-')
    try:
        os.mkdir(os.path.join(folder, 'bin'))
        os.symlink(binary, os.path.join(folder, 'bin', 'rdbmeter'))
        work = os.path.join(folder, 'work')
        os.mkdir(work)
        os.symlink(testdata, os.path.join(work, 'testdata'))
        p = subprocess.run(['bash', '-o', 'pipefail', os.path.join(CASES, name + '.cmd')], cwd=work,
                           env=environment(folder), stdin=subprocess.DEVNULL, capture_output=True,
                           timeout=TIMEOUT_SECONDS)
        plain = lambda b: b.replace(work.encode(), b'$PWD')
        return plain(p.stdout), plain(p.stderr), b'%d\n' % p.returncode
    except subprocess.TimeoutExpired:
        return b'', b'no end within %d seconds\n' % TIMEOUT_SECONDS, b'timeout\n'
    finally:
        shutil.rmtree(folder, ignore_errors=True)


SIDECARS = (('.out', b''), ('.err', b''), ('.exit', b'0\n'))


def read(path, default):
    try:
        with open(path, 'rb') as f:
            return f.read()
    except FileNotFoundError:
        return default


def update(name, got):
    for (suffix, default), data in zip(SIDECARS, got):
        path = os.path.join(CASES, name + suffix)
        if data == default:
            if os.path.exists(path):
                os.remove(path)
        else:
            with open(path, 'wb') as f:
                f.write(data)


def differences(name, got):
    lines = []
    for (suffix, default), data in zip(SIDECARS, got):
        want = read(os.path.join(CASES, name + suffix), default)
        if want != data:
            as_text = lambda b: b.decode('utf-8', 'backslashreplace').splitlines(True)
            lines += difflib.unified_diff(as_text(want), as_text(data), name + suffix, 'this run', n=2)
    return ''.join(l if l.endswith('\n') else l + '\n' for l in lines)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--testdata', required=True)
    ap.add_argument('--update', action='store_true')
    ap.add_argument('names', nargs='*')
    a = ap.parse_args()
    names = sorted(f[:-4] for f in os.listdir(CASES) if f.endswith('.cmd'))
    names = [n for n in names if not a.names or any(part in n for part in a.names)]
    if not names:
        sys.exit('no such case')
    binary, testdata = os.path.abspath(a.bin), os.path.abspath(a.testdata)
    if not os.access(binary, os.X_OK):
        sys.exit('no program at %s' % binary)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        for name, got in zip(names, pool.map(lambda n: run_case(n, binary, testdata), names)):
            if a.update:
                update(name, got)
                continue
            diff = differences(name, got)
            if diff:
                failed += 1
                print('--- %s: %s' % (name, read(os.path.join(CASES, name + '.cmd'), b'').decode().strip()))
                print(diff)
    print('%d cases, %d failed' % (len(names), failed))
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
