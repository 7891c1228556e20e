#!/usr/bin/env python3
"""Runs the accuracy check over all measurements, where they are beside this repository (../shared); exits 77 (skipped)
where they are not. Its bounds are the project's promise: every number exact but for what a server itself leaves to
chance.

usage: full.py --bin RDBMETER --shared DIR
"""
import argparse
import os
import subprocess
import sys

SKIPPED = 77

ap = argparse.ArgumentParser()
ap.add_argument('--bin', required=True)
ap.add_argument('--shared', required=True)
a = ap.parse_args()
tool = os.path.join(a.shared, 'tools', 'accuracy.py')
if not os.path.exists(tool):
    print('skipped: no measurements at %s' % a.shared)
    sys.exit(SKIPPED)
p = subprocess.run([sys.executable, tool, '--bin', a.bin, '--worst', '1', '--require', '99.95', '--require-total', '0.5'],
                   stdin=subprocess.DEVNULL)
sys.exit(p.returncode)
