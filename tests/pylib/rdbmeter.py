"""Runs of the program under test."""
import subprocess
import sys


def run_rdbmeter(binary, command, *arguments):
    """What it writes. The test ends here where the command fails."""
    p = subprocess.run([binary, command, *arguments], capture_output=True, stdin=subprocess.DEVNULL)
    if p.returncode != 0:
        sys.exit('rdbmeter %s: exit %d: %s' % (command, p.returncode, p.stderr.decode(errors='replace')))
    return p.stdout


def with_settings(settings):
    """{'hash-max-listpack-entries': 64} as options."""
    return [x for name, value in settings.items() for x in ('--set', '%s=%s' % (name, value))]
