#!/usr/bin/env python3
"""--max-memory bounds the whole process, whatever --jobs asks for: with one file and with several, every bound that is
accepted is enough, fewer jobs than asked for are said, nothing exact changes, and what is coarser is the same for any --jobs."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

BOUNDS_MB = [16, 24, 32, 64, 80, 82, 128, 256, 512, 2048]
THREADS_FROM_MB = 400  # about what tables and a second thread take at most
JOBS = ['1', '2', '8']
LEAST_FOR_SEVERAL_MB = 32
USAGE = 2


def run(binary, command, arguments):
    done = subprocess.run([binary] + command + ['--now', '1750000000'] + arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    return done.returncode, done.stdout, done.stderr.decode(errors='replace')


def exact(output):
    """What no bound may change: the totals."""
    return json.loads(output)['totals']


def judge(status, output, said, expected, megabytes, jobs, several):
    """A complaint, or None."""
    if several and megabytes < LEAST_FOR_SEVERAL_MB:
        return None if status == USAGE and 'at least 32mb are needed for several files' in said else 'exit %d: %s' % (status, said)
    if status != 0:
        return 'exit %d: %s' % (status, said)
    if exact(output) != expected:
        return 'other totals'
    if jobs != '1' and not several and megabytes < THREADS_FROM_MB and '--jobs 1 (instead of %s)' % jobs not in said:
        return 'fewer jobs, and not said: %s' % said
    if jobs != '1' and several and megabytes <= 16 * 2 and '--jobs 1 (instead of %s)' % jobs not in said:
        return 'fewer jobs, and not said: %s' % said
    if megabytes == max(BOUNDS_MB) and '--jobs' in said:
        return 'fewer jobs although there is memory: %s' % said
    return None


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('--bin', required=True)
    ap.add_argument('--rdbgen', required=True)
    options = ap.parse_args()
    command, runs, wrong = ['report', '--format', 'json'], 0, 0
    with tempfile.TemporaryDirectory(prefix='rdbmeter-memory-') as folder:
        files = []
        for mix in ('mixed', 'adversarial', 'tables'):
            files.append(os.path.join(folder, mix + '.rdb'))
            keys = '12' if mix == 'tables' else '20000'
            subprocess.run([options.rdbgen, '--mix', mix, '--keys', keys, '-o', files[-1]], check=True)
        for inputs in ([files[0]], [files[1]], files):
            expected = exact(run(options.bin, command, inputs)[1])
            for megabytes in BOUNDS_MB:
                outputs = set()
                for jobs in JOBS:
                    arguments = ['--jobs', jobs, '--max-memory', '%dmb' % megabytes] + inputs
                    status, output, said = run(options.bin, command, arguments)
                    complaint = judge(status, output, said, expected, megabytes, jobs, len(inputs) > 1)
                    outputs.add(output)
                    if len(inputs) == 1 and len(outputs) > 1:
                        complaint = complaint or 'not what fewer jobs give'
                    runs += 1
                    if complaint:
                        wrong += 1
                        print('%s: %s' % (' '.join(arguments), complaint.strip()))
    print('%d runs, %d wrong' % (runs, wrong))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
