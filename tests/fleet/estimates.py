"""What a report estimates and by how much that may be off, held against a report that knows better. Hashes to group keys
into (section grouping) are estimated where a summary holds a sample of them, JSON documents (json_strings) where they lie far
back in a file."""
import fleetlib

# What follows from an estimate, in its own row.
OF_GROUPING = ('hashes', 'after_bytes', 'saved_bytes', 'share', 'off_by_bytes')
OF_DOCUMENTS = ('documents', 'fields', 'before_bytes', 'after_bytes', 'saved_bytes', 'larger', 'off_by_bytes')


def require(truth, *what):
    if not truth:
        raise SystemExit('not so near: %r' % (what,))


def off_by(row):
    return row.get('off_by_bytes') or 0


def take_out_of(section, known, columns, a, b):
    """Estimates of one section, whose `known` figure is what the bound is about. Returns the bounds by pattern."""
    rows = {(r['pattern'], r['database'], r['type']): r for r in b.get(section, {}).get('patterns', [])}
    bounds = {}
    for row in a.get(section, {}).get('patterns', []):
        other = rows.get((row['pattern'], row['database'], row['type']))
        require(other is not None, section, row)
        bound = off_by(row) + off_by(other)
        if bound == 0:
            fleetlib.same('%s %s' % (section, row['pattern']), row, other)
            continue
        require(abs(row[known] - other[known]) <= bound < row['before_bytes'] // 20, section, row, other)
        for name in columns:
            row.pop(name), other.pop(name)
        fleetlib.same('%s %s' % (section, row['pattern']), row, other)
        bounds[row['pattern']] = bound
    if bounds:
        a.pop(section), b.pop(section)
    return bounds


def take_out(a, b):
    """Takes the estimates and what follows from them out of both reports, when they are as near as they say. Returns
    how many there were."""
    bounds = take_out_of('grouping', 'after_bytes', OF_GROUPING, a, b)
    grouped = len(bounds)
    documents = take_out_of('json_strings', 'saved_bytes', OF_DOCUMENTS, a, b)
    for pattern, bound in documents.items():
        bounds[pattern] = bounds.get(pattern, 0) + bound
    if not bounds:
        return 0
    together = 2 * sum(bounds.values())  # tables of fewer hashes, or more, are in the figure too
    for row, other in zip(a['groups']['list'], b['groups']['list']):
        values = [r.pop('best_saving_bytes') or 0 for r in (row, other)]
        require(abs(values[0] - values[1]) <= 2 * bounds.get(row['pattern'], 0), row, other, values)
    savings = [r.pop('savings') for r in (a, b)]
    require(abs(savings[0]['together_bytes'] - savings[1]['together_bytes']) <= together, savings)
    actions = [{x['id']: x for x in r.pop('actions')} for r in (a, b)]
    for name in set(actions[0]) | set(actions[1]):
        pair = [x.get(name) for x in actions]
        if name.startswith(('grouping_', 'json_strings_')):
            require(None not in pair and abs(pair[0]['saves_bytes'] - pair[1]['saves_bytes']) <= together, pair)
        else:
            fleetlib.same('action %s' % name, *pair)
    return grouped + len(documents)
