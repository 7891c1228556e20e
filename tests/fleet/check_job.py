#!/usr/bin/env python3
"""The manifest of the Indexed Job, read by Kubernetes' own client for Python, whose models are made from the API's schema:
what it has no field for, or holds as another kind of value, is not there any more when it writes the Job again; what is
required and missing it refuses. Then the container's script is run, once an index, with the volumes as folders.

Without the client (Debian: python3-kubernetes) or PyYAML: skipped (77)."""
import argparse
import json
import os
import shutil
import sys
import tempfile

import fleetlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pylib'))
import distribution  # noqa: E402

distribution.need('kubernetes', 'yaml')
import kubernetes.client  # noqa: E402
import yaml  # noqa: E402


class Response:
    """What the client reads from."""

    def __init__(self, value):
        self.data = json.dumps(value)


def as_the_api_has_it(manifest):
    client = kubernetes.client.ApiClient()
    return client.sanitize_for_serialization(client.deserialize(Response(manifest), 'V1Job'))


def is_refused(manifest):
    try:
        return as_the_api_has_it(manifest) != manifest
    except ValueError:
        return True


def broken_ones(manifest):
    """Copies with a mistake each: that the client finds them is what makes its reading worth something."""
    def broken(change):
        copy = json.loads(json.dumps(manifest))
        change(copy)
        return copy
    pod = ('spec', 'template', 'spec')

    def at(copy, *way):
        for step in way:
            copy = copy[step]
        return copy
    yield broken(lambda job: at(job, 'spec').update(completion=3))
    yield broken(lambda job: at(job, 'spec').update(completions='24'))
    yield broken(lambda job: at(job, 'spec').pop('template'))
    yield broken(lambda job: at(job, *pod).pop('containers'))
    yield broken(lambda job: at(job, *pod, 'containers', 0).pop('name'))
    yield broken(lambda job: at(job, *pod, 'containers', 0, 'volumeMounts', 0).update(path='/x'))
    yield broken(lambda job: at(job, *pod, 'volumes', 2)['persistentVolumeClaim'].pop('claimName'))


def check_sense(job):
    spec, pod = job['spec'], job['spec']['template']['spec']
    assert (job['apiVersion'], job['kind'], spec['completionMode']) == ('batch/v1', 'Job', 'Indexed')
    assert pod['restartPolicy'] in ('Never', 'OnFailure'), 'a Job restarts so only'
    volumes = {v['name'] for v in pod['volumes']}
    for container in pod['containers']:
        assert {m['name'] for m in container['volumeMounts']} <= volumes, 'a mount without its volume'


def run_container(container, index, folder, rdbmeter, status):
    """With the mounts as folders of `folder`."""
    script = container['command'][2]
    for mount in container['volumeMounts']:
        script = script.replace(mount['mountPath'] + '/', os.path.join(folder, mount['name']) + '/')
    environment = dict(os.environ, JOB_COMPLETION_INDEX=str(index), RDBMETER=rdbmeter)
    fleetlib.run([*container['command'][:2], script], status, env=environment)


def check_run(job, manifest_path, a):
    container = job['spec']['template']['spec']['containers'][0]
    with tempfile.TemporaryDirectory() as folder:
        for mount in container['volumeMounts']:
            os.mkdir(os.path.join(folder, mount['name']))
        shutil.copy(os.path.join(os.path.dirname(manifest_path), 'shard.sh'), os.path.join(folder, 'scripts'))
        shards = fleetlib.split(a.split, a.snapshot, folder, 4, 1)
        with open(shards[1], 'r+b') as f:
            f.truncate(os.path.getsize(shards[1]) - 700)
        with open(os.path.join(folder, 'list', 'list'), 'w') as f:
            f.write('\n'.join(shards) + '\nnot-there.rdb\n')
        for index in range(len(shards)):
            run_container(container, index, folder, a.bin, 0)  # a damaged one is an answer: its pod does not fail
        run_container(container, len(shards), folder, a.bin, 1)  # nothing to read: its pod is tried again
        summaries = os.path.join(folder, 'summaries')
        merged = fleetlib.report(a.bin, 'merge', *(os.path.join(summaries, name) for name in os.listdir(summaries)), status=3)
        direct = fleetlib.report(a.bin, 'report', *shards, status=3)
        of_run = ('overview.age', 'partial_reason')
        fleetlib.shared_alike(direct, merged)
        fleetlib.same('the Job', fleetlib.without(direct, *of_run), fleetlib.without(merged, *of_run))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--bin', required=True)
    ap.add_argument('--split', required=True)
    ap.add_argument('manifest')
    ap.add_argument('snapshot')
    a = ap.parse_args()
    with open(a.manifest) as f:
        job = yaml.safe_load(f)
    fleetlib.same('the manifest, read and written by the client', job, as_the_api_has_it(job))
    for i, broken in enumerate(broken_ones(job)):
        assert is_refused(broken), 'mistake %d is not found' % i
    check_sense(job)
    check_run(job, a.manifest, a)
    print('%s: as Kubernetes %s has it, and its script works' % (os.path.basename(a.manifest), kubernetes.__version__))


if __name__ == '__main__':
    main()
