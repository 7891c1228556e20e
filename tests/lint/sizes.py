#!/usr/bin/env python3
"""Fails where a function no longer fits a screen, takes too many parameters, or a file has outgrown one subject.

Tables do not count: only functions are measured, and data is not in one. Needs universal-ctags.
"""
import json
import subprocess
import sys

MAX_FUNCTION_LINES = 60
MAX_PARAMETERS = 6
MAX_FILE_LINES = 800


def tracked_c_files():
    return subprocess.run(['git', 'ls-files', '*.c', '*.h'], capture_output=True, text=True, check=True).stdout.split()


def functions(files):
    out = subprocess.run(['ctags', '--languages=C', '--kinds-C=f', '--fields=+neS', '--output-format=json', '-f', '-']
                         + files, capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        yield json.loads(line)


def parameters(signature):
    """The number of parameters of '(int a, void (*f)(int, int))': commas outside inner parentheses, plus one."""
    inner, depth, commas = signature.strip()[1:-1].strip(), 0, 0
    for c in inner:
        depth += (c == '(') - (c == ')')
        commas += c == ',' and depth == 0
    return 0 if inner in ('', 'void') else commas + 1


def main():
    files = tracked_c_files()
    found = []
    for f in functions(files):
        where = '%s:%d: %s' % (f['path'], f['line'], f['name'])
        lines = f.get('end', f['line']) - f['line'] + 1
        if lines > MAX_FUNCTION_LINES:
            found.append('%s is %d lines long (at most %d)' % (where, lines, MAX_FUNCTION_LINES))
        count = parameters(f.get('signature', '()'))
        if count > MAX_PARAMETERS:
            found.append('%s takes %d parameters (at most %d)' % (where, count, MAX_PARAMETERS))
    for path in files:
        with open(path, encoding='utf-8') as f:
            lines = sum(1 for _ in f)
        if lines > MAX_FILE_LINES:
            found.append('%s: %d lines (at most %d)' % (path, lines, MAX_FILE_LINES))
    for line in found:
        print(line)
    sys.exit(1 if found else 0)


main()
