#!/usr/bin/env python3
"""The recipes of docs/ci for real: their scripts, taken out of the files as they are, run through a good night, a night
on which a limit is broken, and one whose snapshot is damaged. The snapshot is taken by redis-cli from a redis-server;
exits 77 (skipped) where these are missing, or PyYAML is.

usage: check_nights.py RDBMETER ROOT
"""
import glob
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
import distribution  # noqa: E402

distribution.prefer('yaml', 'junitparser', 'prometheus_client')
from consumers import read_github, read_gitlab, read_junit, read_prometheus  # noqa: E402
from redis_server import SKIPPED, RedisServer, skip_without_server  # noqa: E402

try:
    import yaml
except ImportError:
    yaml = None
RDBMETER, ROOT = sys.argv[1:3]
CI = os.path.join(ROOT, 'docs', 'ci')
skip_without_server('redis-cli')
if yaml is None:
    print('skipped: no PyYAML')
    sys.exit(SKIPPED)

POLICY = '''{
    // one line a rule, so that annotations have a line
    "max_key_bytes": "50kb",
    "max_growth_share": 0.2,
    "patterns": {"cart:*": {"max_no_ttl_share": 0}}
}
'''


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def load(name):
    with open(os.path.join(CI, name), encoding='utf-8') as f:
        return yaml.safe_load(f)


class Nights(unittest.TestCase):
    """A folder with the policy and what a night leaves for the next, a server, and rdbmeter on the PATH."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='rdbmeter-nights-')
        self.addCleanup(shutil.rmtree, self.folder)
        os.mkdir(self.path('bin'))
        os.symlink(os.path.abspath(RDBMETER), self.path('bin', 'rdbmeter'))
        self.write('policy.json', POLICY)
        port = free_port()
        self.server = RedisServer(options={'port': port, 'bind': '127.0.0.1', 'repl-diskless-sync-delay': 0})
        self.redis = self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.redis.run([('SET', 'cart:%d' % i, 'x' * 100, 'EX', 86400) for i in range(1000)])
        self.environment = {'PATH': self.path('bin') + ':/usr/local/bin:/usr/bin:/bin', 'HOME': self.folder, 'LC_ALL': 'C.UTF-8',
                            'REDIS_URL': 'redis://127.0.0.1:%d' % port, 'GITHUB_STEP_SUMMARY': self.path('step-summary.md')}

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as f:
            f.write(text)

    def read(self, *parts):
        with open(self.path(*parts), encoding='utf-8') as f:
            return f.read()

    def shell(self, script, *arguments, more=None):
        p = subprocess.run(arguments or ['bash', '-c', script], cwd=self.folder, env={**self.environment, **(more or {})},
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        return p.returncode, p.stdout, p.stderr

    def cut(self, name):
        os.truncate(self.path(name), os.path.getsize(self.path(name)) * 2 // 3)

    def plant(self):
        self.redis.run([('SET', 'cart:export', 'x' * 60000)] + [('SET', 'new:%d' % i, 'x' * 300) for i in range(500)])

    # ---- GitHub

    def github_steps(self):
        return {s['name']: s['run'] for s in load('github.yml')['jobs']['check']['steps'] if 'run' in s}

    def github_step(self, name):
        # as the runner calls a step without `shell`
        return self.shell('', 'bash', '-e', '-c', self.github_steps()[name])

    def test_github(self):
        self.assertEqual(self.github_step('Take the snapshot')[0], 0)
        status, out, errors = self.github_step('Check')
        self.assertEqual((status, errors), (0, ''))
        self.assertEqual([a[0] for a in read_github(out)], ['notice'])
        first = self.read('baseline.json')
        self.assertEqual(json.loads(first)['totals']['keys'], 1000)

        self.plant()
        self.assertEqual(self.github_step('Take the snapshot')[0], 0)
        status, out, _ = self.github_step('Check')
        self.assertEqual(status, 1)
        errors = [a for a in read_github(out) if a[0] == 'error']
        self.assertEqual([(a[1]['title'], a[1]['line']) for a in errors],
                         [('max_key_bytes', '3'), ('max_growth_share', '4'), ('max_no_ttl_share of cart:*', '5')])
        self.assertEqual(self.read('baseline.json'), first)
        self.assertEqual({c[2] for c in read_junit(self.path('junit.xml'))}, {'passed', 'failed'})
        self.assertEqual(self.read('step-summary.md').count('# '), self.read('summary.md').count('# ') * 2)
        self.assertEqual(self.github_step('Report')[0], 0)
        self.assertIn('<html', self.read('report.html'))

        self.cut('dump.rdb')
        self.assertEqual(self.github_step('Check')[0], 3)
        self.assertEqual(self.github_step('Report')[0], 0)
        self.assertTrue(json.loads(self.read('report.json'))['partial'])
        self.assertEqual(self.read('baseline.json'), first)

    def test_the_workflow_keeps_what_its_steps_write(self):
        steps = load('github.yml')['jobs']['check']['steps']
        kept = next(s['with']['path'] for s in steps if s.get('uses', '').startswith('actions/upload-artifact')).split()
        scripts = ''.join(self.github_steps().values())
        self.assertTrue(all(name in scripts for name in kept))

    # ---- GitLab

    def gitlab(self):
        # as the runner: one shell that stops at the first failure
        return self.shell('set -eo pipefail\n' + '\n'.join(load('gitlab.yml')['rdbmeter']['script']))

    def test_gitlab(self):
        job = load('gitlab.yml')['rdbmeter']
        status, _, errors = self.gitlab()
        self.assertEqual(status, 0, errors)
        self.assertEqual(read_gitlab(self.path('gl-code-quality-report.json')), [])
        self.assertTrue(os.path.exists(self.path(job['cache']['paths'][0])))
        self.plant()
        status, _, errors = self.gitlab()
        self.assertEqual(status, 1, errors)
        issues = read_gitlab(self.path(job['artifacts']['reports']['codequality']))
        self.assertEqual({i['check_name'] for i in issues}, {'max_key_bytes', 'max_growth_share', 'max_no_ttl_share'})
        self.assertIn('failed', {c[2] for c in read_junit(self.path(job['artifacts']['reports']['junit']))})
        self.assertEqual(read_prometheus(self.read(job['artifacts']['reports']['metrics']))['rdbmeter_keys'][()], 1501)
        for name in job['artifacts']['paths']:
            self.assertGreater(os.path.getsize(self.path(name)), 0, name)

    # ---- cron

    def night(self, **more):
        return self.shell('', os.path.join(CI, 'nightly.sh'), self.path('dump.rdb'), self.path('policy.json'), self.path('nights'),
                          more=more)

    def newest(self):
        return max(glob.glob(self.path('nights', '20*Z')))

    def test_cron(self):
        os.mkdir(self.path('prom'))
        self.redis.save(self.path('dump.rdb'))
        self.assertEqual(self.night(PROM_DIR=self.path('prom')), (0, '', ''))
        self.assertEqual(sorted(os.listdir(self.newest())), ['check.json', 'check.txt', 'errors.txt', 'junit.xml', 'report.html',
                                                             'report.prom', 'summary.md'])
        self.assertEqual(os.path.realpath(self.path('nights', 'latest')), os.path.realpath(self.newest()))
        self.assertEqual(read_prometheus(self.read('prom', 'rdbmeter.prom'))['rdbmeter_keys'][()], 1000)
        first, night = self.read('nights', 'baseline.json'), self.newest()
        os.rename(night, self.path('nights', '2020-01-01T000000Z'))
        os.utime(self.path('nights', '2020-01-01T000000Z'), (0, 0))

        self.plant()
        self.redis.save(self.path('dump.rdb'))
        status, out, errors = self.night()
        self.assertEqual((status, errors), (1, ''))
        self.assertIn('max_growth_share', out)
        self.assertIn('cart:export', out)
        self.assertEqual(self.read('nights', 'baseline.json'), first)
        self.assertFalse(os.path.exists(self.path('nights', '2020-01-01T000000Z')))

        os.rename(self.newest(), self.path('nights', '2020-01-02T000000Z'))
        self.cut('dump.rdb')
        status, out, _ = self.night(KEEP_DAYS='1')
        self.assertEqual(status, 3)
        self.assertIn('truncated', out)
        self.assertEqual(self.read('nights', 'baseline.json'), first)

    def test_cron_without_a_snapshot(self):
        status, out, _ = self.night()
        self.assertEqual(status, 4)
        self.assertIn('dump.rdb', out)
        self.assertFalse(os.path.lexists(self.path('nights', 'latest')))

    def test_cron_runs_once_at_a_time(self):
        self.redis.save(self.path('dump.rdb'))
        os.mkdir(self.path('nights'))
        with open(self.path('nights', '.lock'), 'w') as lock:
            subprocess.run(['flock', '-n', str(lock.fileno())], pass_fds=[lock.fileno()], check=True)
            status, _, errors = self.night()
        self.assertEqual((status, 'another run' in errors), (4, True))


unittest.main(argv=sys.argv[:1])
