#!/usr/bin/env python3
"""The manifest of the Indexed Job, held against the part of the schema of batch/v1 that it uses: every field is one that
Kubernetes knows at that place, with its kind, and what is required is there. The shell script in it is checked by bash.

The tables are written from the API reference (Job v1 batch, PodTemplateSpec v1 core). Without PyYAML: skipped (77)."""
import argparse
import subprocess
import sys

try:
    import yaml
except ImportError:
    print('skipped: no PyYAML')
    sys.exit(77)

QUANTITIES = {'cpu': str, 'memory': str}
MOUNT = {'name!': str, 'mountPath!': str, 'readOnly': bool, 'subPath': str}
CONTAINER = {'name!': str, 'image!': str, 'command': [str], 'args': [str],
             'resources': {'requests': QUANTITIES, 'limits': QUANTITIES}, 'volumeMounts': [MOUNT],
             'env': [{'name!': str, 'value': str}]}
VOLUME = {'name!': str, 'configMap': {'name!': str}, 'persistentVolumeClaim': {'claimName!': str, 'readOnly': bool}}
POD = {'restartPolicy!': str, 'containers!': [CONTAINER], 'volumes': [VOLUME], 'serviceAccountName': str}
JOB = {'apiVersion!': str, 'kind!': str, 'metadata!': {'name!': str, 'namespace': str, 'labels': dict},
       'spec!': {'completionMode': str, 'completions': int, 'parallelism': int, 'backoffLimit': int,
                 'backoffLimitPerIndex': int, 'template!': {'metadata': dict, 'spec!': POD}}}


def check(value, schema, path):
    if isinstance(schema, list):
        assert isinstance(value, list) and value, '%s: a list was expected' % path
        for i, item in enumerate(value):
            check(item, schema[0], '%s[%d]' % (path, i))
    elif isinstance(schema, dict):
        assert isinstance(value, dict), '%s: an object was expected' % path
        known = {name.rstrip('!'): part for name, part in schema.items()}
        for name in value:
            assert name in known, '%s.%s: there is no such field' % (path, name)
            check(value[name], known[name], path + '.' + name)
        for name in schema:
            assert not name.endswith('!') or name[:-1] in value, '%s.%s is required' % (path, name[:-1])
    else:
        assert isinstance(value, schema) and not (schema is int and isinstance(value, bool)), '%s: %r' % (path, value)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('manifest')
    a = ap.parse_args()
    with open(a.manifest) as f:
        job = yaml.safe_load(f)
    check(job, JOB, 'job')
    spec, pod = job['spec'], job['spec']['template']['spec']
    assert (job['apiVersion'], job['kind'], spec['completionMode']) == ('batch/v1', 'Job', 'Indexed')
    assert pod['restartPolicy'] in ('Never', 'OnFailure'), 'a Job restarts so only'
    volumes = {v['name'] for v in pod['volumes']}
    for container in pod['containers']:
        assert {m['name'] for m in container['volumeMounts']} <= volumes, 'a mount without its volume'
        subprocess.run(['bash', '-n', '-c', container['command'][2]], check=True)
    print('%s: as batch/v1 has it' % a.manifest)


if __name__ == '__main__':
    main()
