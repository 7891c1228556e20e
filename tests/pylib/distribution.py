"""Modules that the distribution's packages have: they belong to its own interpreter, which need not be the first on the
PATH."""
import importlib.util
import os
import subprocess
import sys

OWN = '/usr/bin/python3'


def missing(modules):
    return [module for module in modules if importlib.util.find_spec(module) is None]


def prefer(*modules):
    """Goes on under the distribution's interpreter where that one has all of these modules and this one has not."""
    same = os.path.realpath(sys.executable) == os.path.realpath(OWN)
    if missing(modules) and not same and os.path.exists(OWN) and \
            subprocess.run([OWN, '-c', 'import ' + ', '.join(modules)], capture_output=True).returncode == 0:
        os.execv(OWN, [OWN, *sys.argv])


def need(*modules):
    """Likewise; where neither has them, the test ends as skipped (77)."""
    prefer(*modules)
    if missing(modules):
        print('skipped: no Python module ' + ', '.join(missing(modules)))
        sys.exit(77)
