#!/usr/bin/env python3
"""Snapshots that come out of S3 through a pipe: the pipe of docs/fleet/README.md as it stands there, and shard.sh, with the
AWS command line against a server on the loopback that answers as S3 does (path style, without signatures). What they
leave is the summary of the file; a pipe that breaks off, and an object that is not there, leave none.

Without the AWS command line (Debian: awscli): skipped (77)."""
import argparse
import email.utils
import gzip
import hashlib
import http.server
import os
import re
import shutil
import sys
import tempfile
import threading

import fleetlib

HERE = os.path.dirname(os.path.abspath(__file__))
DOCS = os.path.join(HERE, '..', '..', 'docs', 'fleet')
ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message></Error>'


class Bucket(http.server.BaseHTTPRequestHandler):
    """HEAD and GET of objects, with ranges."""
    protocol_version = 'HTTP/1.1'
    objects, cut_short = {}, set()

    def answer(self):
        body = self.objects.get(self.path.split('?')[0])
        if body is None:
            return self.refuse(404, 'NoSuchKey')
        span = re.match(r'bytes=(\d+)-(\d*)$', self.headers.get('Range', ''))
        first = int(span[1]) if span else 0
        last = min(int(span[2]), len(body) - 1) if span and span[2] else len(body) - 1
        self.send_response(206 if span else 200)
        self.send_header('Content-Length', str(last - first + 1))
        if span:
            self.send_header('Content-Range', 'bytes %d-%d/%d' % (first, last, len(body)))
        self.send_header('Accept-Ranges', 'bytes')
        self.send_header('ETag', '"%s"' % hashlib.md5(body).hexdigest())
        self.send_header('Last-Modified', email.utils.formatdate(1700000000, usegmt=True))
        self.send_header('Content-Type', 'binary/octet-stream')
        self.end_headers()
        return body[first:last + 1]

    def refuse(self, status, code):
        text = (ERROR % (code, code)).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/xml')
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(text)

    def do_HEAD(self):
        self.answer()

    def do_GET(self):
        body = self.answer()
        if body is None:
            return
        if self.path in self.cut_short:
            self.wfile.write(body[:len(body) // 2])
            self.close_connection = True
            return
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def environment(folder, aws, rdbmeter, port):
    """`aws` on the PATH speaks to our server; rdbmeter is there too."""
    os.mkdir(os.path.join(folder, 'bin'))
    os.symlink(os.path.abspath(rdbmeter), os.path.join(folder, 'bin', 'rdbmeter'))
    with open(os.path.join(folder, 'bin', 'aws'), 'w') as f:
        f.write('#!/bin/sh\nexec "%s" --endpoint-url http://127.0.0.1:%d --no-sign-request "$@"\n' % (aws, port))
    os.chmod(f.name, 0o755)
    keep = {name: value for name, value in os.environ.items() if not re.search('proxy|AWS', name, re.I)}
    return dict(keep, HOME=folder, PATH=os.path.join(folder, 'bin') + ':' + os.environ['PATH'], AWS_MAX_ATTEMPTS='1',
                AWS_DEFAULT_REGION='us-east-1', AWS_EC2_METADATA_DISABLED='true')


def check_summary(rdbmeter, summary, snapshot):
    of_file = ('overview.file', 'overview.file_bytes', 'overview.snapshot_bytes', 'overview.wrapping', 'overview.age')
    fleetlib.same(summary, fleetlib.without(fleetlib.report(rdbmeter, 'report', snapshot), *of_file),
                  fleetlib.without(fleetlib.report(rdbmeter, 'merge', summary), *of_file))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('snapshot')
    a = ap.parse_args()
    aws = '/usr/bin/aws' if os.path.exists('/usr/bin/aws') else shutil.which('aws')
    if aws is None:
        print('skipped: no aws')
        sys.exit(77)
    with open(a.snapshot, 'rb') as f:
        snapshot = f.read()
    Bucket.objects = {'/backups/shard-7.rdb.gz': gzip.compress(snapshot), '/backups/shard-8.rdb': snapshot,
                      '/backups/shard-9.rdb': snapshot}
    Bucket.cut_short = {'/backups/shard-9.rdb'}
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(os.path.join(DOCS, 'README.md')) as f:
        pipe = re.search(r'^aws s3 cp s3://.*$', f.read(), re.M)[0]
    with tempfile.TemporaryDirectory() as folder:
        env = environment(folder, aws, a.bin, server.server_address[1])
        fleetlib.run(['bash', '-o', 'pipefail', '-c', pipe], env=env, cwd=folder)
        check_summary(a.bin, os.path.join(folder, 'shard-7.rdbm'), a.snapshot)
        shard = os.path.join(DOCS, 'shard.sh')
        fleetlib.run(['bash', shard, 's3://backups/shard-8.rdb', 'shard-8.rdbm'], env=env, cwd=folder)
        check_summary(a.bin, os.path.join(folder, 'shard-8.rdbm'), a.snapshot)
        for name in ('shard-9.rdb', 'shard-10.rdb'):
            fleetlib.run(['bash', shard, 's3://backups/' + name, name + 'm'], 4, env=env, cwd=folder)
            if os.path.exists(os.path.join(folder, name + 'm')):
                raise SystemExit('%s: it was not fetched whole, and there is a summary' % name)
    server.shutdown()
    print('%s: %s' % (fleetlib.run([aws, '--version']).stdout.decode().split()[0], pipe))


if __name__ == '__main__':
    main()
