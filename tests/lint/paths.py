#!/usr/bin/env python3
"""Fails where a tracked text file names a path of somebody's machine: a home, or the folder that this checkout is in."""
import os
import re
import subprocess
import sys


def main():
    top = subprocess.run(['git', 'rev-parse', '--show-toplevel'], capture_output=True, text=True, check=True).stdout.strip()
    parent = os.path.dirname(top)
    patterns = [r'/home/[a-z]', r'/Users/[A-Za-z]', r'/root/']
    if parent not in ('/', '/tmp', '/src', '/usr/src'):
        patterns.append(re.escape(parent + '/'))
    found = subprocess.run(['git', 'grep', '-nIE', '|'.join(patterns), '--', '.', ':!tests/lint/paths.py'],
                           capture_output=True, text=True).stdout
    sys.stdout.write(found)
    sys.exit(1 if found else 0)


main()
