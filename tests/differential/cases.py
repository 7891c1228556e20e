"""The command line of tests that have cases with names, and ask servers how much memory each takes."""
import argparse
import sys
import tempfile

from redis_server import new_seed, skip_without_server, used_memory_with


def run_cases(run_case, cases, options=None):
    """Calls run_case(binary, name, seed, folder, empty) for the cases that are asked for, else for all. It returns
    complaints; `empty` is the used_memory of a server with these options that holds nothing."""
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('names', nargs='*')
    a = ap.parse_args()
    skip_without_server()
    seed = new_seed()
    empty = used_memory_with(options)
    complaints = []
    with tempfile.TemporaryDirectory(prefix='rdbmeter-differential-') as folder:
        for name in a.names or cases:
            complaints += run_case(a.bin, name, seed, folder, empty)
    for line in complaints:
        print(line)
    sys.exit(1 if complaints else 0)
