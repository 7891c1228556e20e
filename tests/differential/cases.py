"""What tests against a server share: pylib is found once this is imported; the command line, cases with names that ask
servers how much memory each takes, and data."""
import argparse
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
from rdbmeter import run_rdbmeter, with_settings  # noqa: E402
from redis_server import new_seed, skip_without_server, used_memory_with  # noqa: E402

TOLERANCE = 0.005  # of the data
ALLOCATOR = 'jemalloc-16'  # what Debian builds its package with
WORDS = 'amber birch cedar delta ember fjord grove harbor iris juniper kelp linen maple nordic ocean pebble'.split()


def text(r, n):
    return ''.join(r.choices('abcdefghijklmnopqrstuvwxyz', k=n))


def report_of(binary, snapshot, settings=None, *more):
    return json.loads(run_rdbmeter(binary, 'report', '--allocator', ALLOCATOR, '--top', '10000', '--format', 'json',
                                   *with_settings(settings or {}), *more, snapshot))


def arguments(*more, programs=()):
    """--bin, and these; and the seed of the run. Ends the test as skipped where there is no server."""
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    for name, options in more:
        ap.add_argument(name, **options)
    a = ap.parse_args()
    skip_without_server(*programs)
    return a, new_seed()


def finish(complaints, most=None):
    """Ends the test."""
    for line in complaints[:most]:
        print('    ' + line)
    sys.exit(1 if complaints else 0)


def run_cases(run_case, cases, options=None):
    """Calls run_case(binary, name, seed, folder, empty) for the cases that are asked for, else for all. It returns
    complaints; `empty` is the used_memory of a server with these options that holds nothing."""
    a, seed = arguments(('names', {'nargs': '*'}))
    empty = used_memory_with(options)
    complaints = []
    with tempfile.TemporaryDirectory(prefix='rdbmeter-differential-') as folder:
        for name in a.names or cases:
            complaints += run_case(a.bin, name, seed, folder, empty)
    finish(complaints)
