#!/usr/bin/env python3
"""Keeps the documentation true: what it shows as a program's output is that output, and what it links to exists.

In README.md and docs/*.md,

    <!-- $ rdbmeter report testdata/showcase.rdb --top 3 -->
    ```text
    ...
    ```

is checked against what the command prints, or with --update replaced by it. Every command of the program must be named
in README.md.

usage: check.py --bin RDBMETER --root DIR [--update]
"""
import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

BLOCK = re.compile(r'(<!-- \$ (?P<command>.+?) -->\n```\w*\n)(?P<body>.*?)(?P<tail>```\n)', re.S)
LINK = re.compile(r'\]\((?!https?:|#|mailto:)([^)#\s]+)')


def output(command, bin_folder, root):
    environment = {'PATH': bin_folder + ':/usr/bin:/bin', 'LC_ALL': 'C.UTF-8', 'TZ': 'UTC', 'HOME': '/nonexistent'}
    p = subprocess.run(['bash', '-c', command], cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if p.stderr:
        return None, p.stderr.strip()[-200:]
    return p.stdout, None


def check_outputs(path, text, bin_folder, root, update, complaints):
    def replace(match):
        got, error = output(match['command'], bin_folder, root)
        if error:
            complaints.append('%s: %s: %s' % (path, match['command'], error))
            return match[0]
        if not got.endswith('\n'):
            got += '\n'
        if got != match['body'] and not update:
            complaints.append('%s: not what `%s` prints now (tests/docs/check.py --update)' % (path, match['command']))
        return match[1] + got + match['tail']

    new = BLOCK.sub(replace, text)
    if update and new != text:
        with open(path, 'w', encoding='utf-8') as f:
            f.write(new)


def check_links(path, text, complaints):
    for target in LINK.findall(text):
        if not os.path.exists(os.path.join(os.path.dirname(path), target)):
            complaints.append('%s: links to %s, which is not there' % (path, target))


def check_commands(binary, root, complaints):
    usage = subprocess.run([binary, '--help'], capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
    commands = re.findall(r'^  ([a-z]+)(?:$|  +\S)', usage, re.M)
    with open(os.path.join(root, 'README.md'), encoding='utf-8') as f:
        readme = f.read()
    if not commands:
        complaints.append('rdbmeter --help lists no commands')
    complaints += ['README.md does not name `rdbmeter %s`' % c for c in commands if not re.search(r'\b%s\b' % c, readme)]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--root', required=True)
    ap.add_argument('--update', action='store_true')
    a = ap.parse_args()
    complaints = []
    bin_folder = tempfile.mkdtemp(prefix='rdbmeter-docs-')
    try:
        os.symlink(os.path.abspath(a.bin), os.path.join(bin_folder, 'rdbmeter'))
        for path in [os.path.join(a.root, 'README.md')] + sorted(glob.glob(os.path.join(a.root, 'docs', '*.md'))):
            with open(path, encoding='utf-8') as f:
                text = f.read()
            check_outputs(path, text, bin_folder, a.root, a.update, complaints)
            check_links(path, text, complaints)
        check_commands(a.bin, a.root, complaints)
    finally:
        shutil.rmtree(bin_folder)
    for line in complaints:
        print(line)
    sys.exit(1 if complaints else 0)


main()
