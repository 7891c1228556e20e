"""Readers of what rdbmeter check writes for other programs. Each raises where the text is not what it has to be."""
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))


def read_junit(path):
    """[(class, name, "passed"/"failed"/"skipped", message, text)], held against the schema with xmllint where there is
    one, and against junitparser where that is installed."""
    if shutil.which('xmllint'):
        p = subprocess.run(['xmllint', '--noout', '--nonet', '--schema', os.path.join(HERE, 'junit.xsd'), path],
                           capture_output=True, text=True)
        assert p.returncode == 0, p.stderr
    root = xml.etree.ElementTree.parse(path).getroot()
    cases, count = [], {'failures': 0, 'skipped': 0}
    for suite in root:
        for case in suite:
            failure, skipped = case.find('failure'), case.find('skipped')
            child = failure if failure is not None else skipped
            status = 'failed' if failure is not None else 'skipped' if skipped is not None else 'passed'
            count['failures'] += failure is not None
            count['skipped'] += skipped is not None
            cases.append((case.get('classname'), case.get('name'), status, child.get('message') if child is not None else '',
                          failure.text or '' if failure is not None else ''))
    for element in [root] + list(root):
        assert int(element.get('tests')) == len(cases), element.attrib
        assert all(int(element.get(k)) == n for k, n in count.items()), (element.attrib, count)
    read_with_junitparser(path, cases)
    return cases


def read_with_junitparser(path, cases):
    try:
        import junitparser
    except ImportError:
        return
    seen = []
    for suite in junitparser.JUnitXml.fromfile(path):
        for case in suite:
            result = case.result[0] if case.result else None
            status = {None: 'passed', 'Failure': 'failed', 'Skipped': 'skipped'}[type(result).__name__ if result else None]
            seen.append((case.classname, case.name, status, result.message if result else ''))
    assert seen == [c[:4] for c in cases], (seen, cases)


GITHUB = re.compile(r'^::(error|notice) ([^:]*)::(.*)$')


def read_github(text):
    """[(kind, {property: value}, message)], undoing escapes as actions/runner does."""
    def undo(s, more=()):
        for code, c in list(more) + [('%0D', '\r'), ('%0A', '\n'), ('%25', '%')]:
            s = s.replace(code, c)
        return s

    annotations = []
    for line in text.splitlines():
        match = GITHUB.match(line)
        assert match, 'not a workflow command: %r' % line
        pairs = [p.split('=', 1) for p in match[2].split(',')]
        annotations.append((match[1], {k: undo(v, [('%3A', ':'), ('%2C', ',')]) for k, v in pairs}, undo(match[3])))
    assert annotations and annotations[-1][0] == 'notice'
    return annotations


def read_gitlab(path):
    """The issues; each has what GitLab wants of it, and no two are the same."""
    with open(path, encoding='utf-8') as f:
        issues = json.load(f)
    for issue in issues:
        assert set(issue) == {'description', 'check_name', 'fingerprint', 'severity', 'location'}, issue
        assert issue['severity'] in ('info', 'minor', 'major', 'critical', 'blocker')
        assert issue['description'] and issue['check_name']
        assert issue['location']['path'] and issue['location']['lines']['begin'] >= 1
    assert len({i['fingerprint'] for i in issues}) == len(issues), 'fingerprints repeat'
    return issues


NAME = r'[a-z_][a-z0-9_]*'
SAMPLE = re.compile(r'(%s)(?:\{(.*)\})? (\S+)$' % NAME)
LABEL = re.compile(r'(%s)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)' % NAME)


def read_labels(text):
    labels, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        assert match, 'labels: %r' % text
        assert match[1] not in labels, text
        labels[match[1]] = re.sub(r'\\(.)', lambda m: '\n' if m[1] == 'n' else m[1], match[2])
        at = match.end()
    return labels


def read_with_client(text, metrics):
    try:
        from prometheus_client.parser import text_string_to_metric_families
    except ImportError:
        return
    seen = {}
    for family in text_string_to_metric_families(text):
        assert family.type == 'gauge' and family.documentation, family.name
        for sample in family.samples:
            seen.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    assert seen == metrics, 'prometheus_client reads something else'


def read_prometheus(text, most_series=100):
    """{name: {labels as sorted pairs: value}}, by the text format's rules and the naming conventions. Prometheus'
    client for Python and promtool read it too, where they are installed."""
    assert text.endswith('\n')
    metrics, current, announced = {}, None, set()
    for line in text.splitlines():
        if line.startswith('# HELP '):
            current = line.split(' ')[2]
            assert current not in announced, current + ' is announced twice'
            announced.add(current)
            assert len(line.split(' ', 3)[3]) > 3
        elif line.startswith('# TYPE '):
            assert line == '# TYPE %s gauge' % current, line
            assert not re.search(r'_(total|count|sum|bucket|ms|kb|mb|percent)$', current), current
        else:
            match = SAMPLE.match(line)
            assert match and match[1] == current, line
            labels = tuple(sorted(read_labels(match[2] or '').items()))
            series = metrics.setdefault(current, {})
            assert labels not in series, 'twice: ' + line
            series[labels] = float(match[3])
            assert len(series) <= most_series
    assert announced == set(metrics), 'announced, but without a sample'
    read_with_client(text, metrics)
    if shutil.which('promtool'):
        p = subprocess.run(['promtool', 'check', 'metrics'], input=text, capture_output=True, text=True)
        assert p.returncode == 0, p.stderr
    return metrics
