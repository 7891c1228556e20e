// The map of memory by path: area is bytes, colour is a column of choice, a click goes deeper.
import { mix, textOn } from './colour.js';
import { format, isNumeric } from './format.js';

const REST = '(rest)';
const MOST_CATEGORIES = 9;
const colorKinds = new Set(['text', 'share', 'duration', 'number']);

const pathColumn = (table) => table.columns.find(({ isKey }) => isKey);
const areaColumn = (table) => table.columns.find(({ kind }) => kind === 'bytes');
const parentColumn = (table) => table.columns.find(({ id }) => id === 'parent');
// Categories tell more at a glance than numbers do: they come first.
const colorColumns = (table) => table.columns
  .filter(({ kind, isKey, id }) => !isKey && id !== 'parent' && colorKinds.has(kind))
  .sort((a, b) => isNumeric(a.kind) - isNumeric(b.kind));

/** The longest other path that begins this one. */
function longestPrefix(path, nodes) {
  for (let end = path.length - 1; end > 0; end -= 1) {
    const node = nodes.get(path.slice(0, end));
    if (node) {
      return node;
    }
  }
  return null;
}

/** Roots of the tree; every node is {row, path, bytes, children}. */
function buildTree(table) {
  const path = pathColumn(table).index;
  const area = areaColumn(table).index;
  const parent = parentColumn(table)?.index;
  const nodes = new Map();
  for (const row of table.rows) {
    nodes.set(row.labels[path], { row, path: row.labels[path], bytes: row.cells[area] ?? 0, children: [] });
  }
  const roots = [];
  for (const node of nodes.values()) {
    const above = parent === undefined ? longestPrefix(node.path, nodes) : nodes.get(node.row.labels[parent]);
    (above && above !== node ? above.children : roots).push(node);
  }
  return roots;
}

/** By category, the most frequent ones a colour of their own: {colorOf(row), legend}. */
function categoryColors(rows, { index }, theme) {
  const counts = new Map();
  rows.forEach(({ labels }) => counts.set(labels[index], (counts.get(labels[index]) ?? 0) + 1));
  const names = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || (a < b ? -1 : 1)).slice(0, MOST_CATEGORIES);
  const color = new Map(names.map((name, i) => [name, theme.series[i]]));
  const legend = names.map((name) => ({ color: color.get(name), text: name || '(none)' }));
  if (counts.size > names.length) {
    legend.push({ color: theme.series[MOST_CATEGORIES], text: 'other' });
  }
  return { colorOf: (row) => color.get(row.labels[index]) ?? theme.series[MOST_CATEGORIES], legend };
}

/** By number: shares over 0..1, durations over the logarithm, others from the least to the most. */
function scaleColors(rows, { index, kind }, theme) {
  const scale = kind === 'duration' ? (value) => Math.log1p(Math.max(value, 0)) : (value) => value;
  const values = rows.map(({ cells }) => cells[index]).filter((value) => value !== null);
  const low = kind === 'share' ? 0 : Math.min(...values);
  const high = kind === 'share' ? 1 : Math.max(...values);
  const span = scale(high) - scale(low) || 1;
  const [cold, hot] = [theme.series[0], theme.series[2]];
  return {
    colorOf: ({ cells }) => (cells[index] === null ? theme.series[MOST_CATEGORIES]
      : mix(cold, hot, Math.min(1, Math.max(0, (scale(cells[index]) - scale(low)) / span)))),
    legend: values.length === 0 ? [] : [{ color: cold, text: format[kind](low) }, { color: mix(cold, hot, 0.5), text: '…' },
      { color: hot, text: format[kind](high) }],
  };
}

function makeColors(table, index, theme) {
  const column = colorColumns(table)[index];
  if (!column) {
    return { colorOf: () => theme.accent, legend: [] };
  }
  return (isNumeric(column.kind) ? scaleColors : categoryColors)(table.rows, column, theme);
}

/** A node as the chart takes it. What the children do not explain is a child of its own, so that areas stay true. */
function chartNode(node, colorOf, above = '') {
  const color = colorOf(node.row);
  const label = { color: textOn(color) };
  // A border is the strip that holds the label, and the gaps between what lies in it; the innermost take the map's own.
  const frame = node.children.length ? { borderColor: color } : {};
  const short = above && node.path.startsWith(above) ? node.path.slice(above.length) : node.path;
  const made = { id: node.path, above, name: node.path, short, value: node.bytes, row: node.row, itemStyle: { color, ...frame }, label, upperLabel: label };
  if (node.children.length) {
    made.children = node.children.map((child) => chartNode(child, colorOf, node.path));
    const rest = node.bytes - node.children.reduce((sum, { bytes }) => sum + bytes, 0);
    if (rest > 0) {
      made.children.push({ above: node.path, name: REST, value: rest, itemStyle: { color }, label });
    }
  }
  return made;
}

function describe(table, { data, name, value }) {
  const lines = data?.row
    ? table.columns.filter(({ isKey, id }) => !isKey && id !== 'parent').map(({ title, index }) => `${title}: ${data.row.labels[index] || '-'}`)
    : [format.bytes(value)];
  // A brace would begin a style of the tooltip's own.
  return [name, ...lines].join('\n').replaceAll('{', '{\u200b');
}

export const treemap = {
  /** A click goes to what was clicked, or to what it is a part of when there is nothing in it. */
  click(chart, { data }) {
    const target = data?.children ? data.id : data?.above;
    if (target) {
      chart.dispatchAction({ type: 'treemapRootToNode', seriesIndex: 0, targetNodeId: target });
    }
  },
  choices: (table) => [{ name: 'color', label: 'Colour by', options: colorColumns(table).map(({ title }) => title), first: 0 }],
  draw(table, { color }, theme, width) {
    if (!pathColumn(table) || !areaColumn(table)) {
      return null;
    }
    const { colorOf, legend } = makeColors(table, color, theme);
    const edge = { borderColor: theme.surface, borderWidth: 1, gapWidth: 1 };
    return {
      height: width < 500 ? 380 : 480,
      legend,
      option: {
        series: [{
          type: 'treemap', name: 'All', left: 0, right: 0, top: 0, bottom: 34, roam: false, leafDepth: 2, nodeClick: false,
          visibleMin: 200, childrenVisibleMin: 4000, drillDownIcon: '', itemStyle: edge,
          data: buildTree(table).map((node) => chartNode(node, colorOf)),
          // Two lines or nothing; the crumbs below the map have no dataIndex.
          labelLayout: ({ dataIndex, rect }) => (dataIndex !== undefined && (rect.width < 66 || rect.height < 34) ? { fontSize: 0 } : {}),
          label: { show: true, overflow: 'truncate', fontSize: 11, lineHeight: 14,
            formatter: ({ data, name, value }) => `${data?.short ?? name}\n${format.bytes(value)}` },
          upperLabel: { show: true, height: 18, fontSize: 11, overflow: 'truncate',
            formatter: ({ name, value }) => `${name}  ${format.bytes(value)}` },
          levels: [{ upperLabel: { show: false }, itemStyle: edge }, { itemStyle: edge }, { itemStyle: edge }],
          breadcrumb: {
            left: 0, bottom: 4, height: 22,
            itemStyle: { color: theme.neutral, borderColor: theme.line, textStyle: { color: theme.text } },
            emphasis: { itemStyle: { color: theme.line, textStyle: { color: theme.text } } },
          },
        }],
        tooltip: {
          renderMode: 'richText', confine: true, backgroundColor: theme.surface, borderColor: theme.line,
          textStyle: { color: theme.text, fontSize: 12 }, formatter: (item) => describe(table, item),
        },
      },
    };
  },
};
