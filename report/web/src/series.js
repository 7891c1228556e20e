// Charts with axes: bars, histograms, lines, heat maps. What each reads of a table is said in document.h.
import { mix, textOn } from './colour.js';
import { format, isNumeric } from './format.js';

const MOST_BARS = 30;

const keysOf = (table) => table.columns.filter(({ isKey }) => isKey);
const isBound = ({ id }) => id === 'from' || id === 'to';
const measuresOf = (table) => table.columns.filter((column) => !column.isKey && isNumeric(column.kind)
  && column.kind !== 'time' && !isBound(column));
const titles = (columns) => columns.map(({ title }) => title);
const unique = (values) => [...new Set(values)];
const firstOf = (table, wanted) => Math.max(0, measuresOf(table).findIndex(({ kind }) => kind === wanted));

/** The values of a KEY column along an axis: by number where it has one (its own, or the bucket's bound), else as the
 *  rows come. */
function along(table, rows, column) {
  const order = isNumeric(column.kind) ? column : table.columns.find(({ id }) => id === 'from');
  const sorted = order ? [...rows].sort((a, b) => a.cells[order.index] - b.cells[order.index]) : rows;
  return unique(sorted.map(({ labels }) => labels[column.index]));
}
const shorten = (text, most) => (text.length > most ? `${text.slice(0, most / 2)}…${text.slice(1 - most / 2)}` : text);

const measureChoice = (table, first = 0) => ({ name: 'measure', label: 'Show', options: titles(measuresOf(table)), first });

/** Steps of an axis of bytes: a power of two, so that its labels are round. */
function stepOf(kind, values) {
  const most = Math.max(...values.map((value) => Math.abs(value ?? 0)));
  return (kind === 'bytes' || kind === 'delta') && most > 0 ? 2 ** Math.ceil(Math.log2(most / 5)) : undefined;
}

function valueAxis(theme, kind, values) {
  return {
    type: 'value',
    interval: stepOf(kind, values),
    axisLabel: { color: theme.dim, formatter: (value) => format[kind](value), hideOverlap: true },
    splitLine: { lineStyle: { color: theme.line } },
  };
}

function categoryAxis(theme, column, data) {
  return {
    type: 'category', data, name: column?.title, nameLocation: 'middle', nameGap: 28,
    nameTextStyle: { color: theme.dim }, axisLabel: { color: theme.dim, hideOverlap: true },
    axisLine: { lineStyle: { color: theme.line } }, axisTick: { show: false },
  };
}

export const bars = {
  choices: (table) => [measureChoice(table, firstOf(table, 'bytes'))],
  draw(table, { measure }, theme, width) {
    const column = measuresOf(table)[measure];
    if (!column) {
      return null;
    }
    const keys = keysOf(table);
    const rows = table.rows.slice(0, MOST_BARS);
    const names = rows.map(({ labels }) => shorten(keys.map(({ index }) => labels[index]).join(' '), width < 500 ? 16 : 40));
    return {
      height: 50 + 22 * rows.length,
      option: {
        grid: { left: 8, right: 76, top: 8, bottom: 8, containLabel: true },
        xAxis: { ...valueAxis(theme, column.kind, rows.map(({ cells }) => cells[column.index])), splitNumber: 3 },
        yAxis: { ...categoryAxis(theme, null, names.map((_, i) => i)), inverse: true,
          axisLabel: { color: theme.dim, interval: 0, formatter: (i) => names[i] } },
        series: [{
          type: 'bar', data: rows.map(({ cells }) => cells[column.index]), itemStyle: { color: theme.accent },
          barMaxWidth: 16,
          label: { show: true, position: 'right', color: theme.text,
            formatter: ({ dataIndex }) => rows[dataIndex].labels[column.index] },
        }],
        tooltip: { show: false },
      },
    };
  },
};

/** Rows by bucket and by group: {buckets, groups, value(group, bucket)}. */
function spreadRows(table, measure) {
  const keys = keysOf(table);
  const bucket = keys[keys.length - 1];
  const before = keys.slice(0, -1);
  const nameOf = ({ labels }) => before.map(({ index }) => labels[index]).join(' ');
  const values = new Map(table.rows.map((row) => [`${nameOf(row)}\n${row.labels[bucket.index]}`, row.cells[measure.index]]));
  return {
    bucket,
    buckets: along(table, table.rows, bucket),
    groups: unique(table.rows.map(nameOf)),
    value: (group, name) => values.get(`${group}\n${name}`) ?? null,
  };
}

function spreadChart(table, measure, theme, makeSeries) {
  const column = measuresOf(table)[measure];
  if (!column || keysOf(table).length === 0) {
    return null;
  }
  const { bucket, buckets, groups, value } = spreadRows(table, column);
  const named = groups.length > 1;
  return {
    height: named ? 340 : 280,
    option: {
      color: named ? theme.series : [theme.accent],
      legend: { show: named, type: 'scroll', top: 0, textStyle: { color: theme.text }, icon: 'roundRect', itemWidth: 12 },
      grid: { left: 8, right: 16, top: named ? 36 : 12, bottom: 24, containLabel: true },
      xAxis: categoryAxis(theme, bucket, buckets),
      yAxis: valueAxis(theme, column.kind, buckets.map((name) => groups.reduce((sum, group) => sum + value(group, name), 0))),
      series: groups.map((group) => ({ name: group, data: buckets.map((name) => value(group, name)), ...makeSeries })),
      tooltip: {
        trigger: 'axis', renderMode: 'richText', confine: true, backgroundColor: theme.surface, borderColor: theme.line,
        textStyle: { color: theme.text, fontSize: 12 }, valueFormatter: (number) => (number === null ? '-' : format[column.kind](number)),
      },
    },
  };
}

export const histogram = {
  choices: (table) => [measureChoice(table)],
  draw: (table, { measure }, theme) => spreadChart(table, measure, theme, { type: 'bar', stack: 'all', barCategoryGap: '12%' }),
};

export const line = {
  choices: (table) => [measureChoice(table)],
  draw: (table, { measure }, theme) => spreadChart(table, measure, theme, { type: 'line', symbolSize: 6, connectNulls: true }),
};

const panelsOf = (table) => {
  const [panel] = keysOf(table).slice(0, -2);
  return panel ? unique(table.rows.map(({ labels }) => labels[panel.index])) : [];
};

function heatColors(theme, low, high) {
  if (low >= 0) {
    return { min: low, max: high || 1, inRange: { color: [theme.neutral, theme.accent] } };
  }
  const reach = Math.max(-low, high);
  return { min: -reach, max: reach, inRange: { color: [theme.bad, theme.neutral, theme.good] } };
}

/** What a value of heatColors is drawn in. */
function heatColor({ min, max, inRange: { color } }, value) {
  const at = ((value - min) / (max - min)) * (color.length - 1);
  const first = Math.min(Math.floor(at), color.length - 2);
  return mix(color[first], color[first + 1], at - first);
}

export const heatmap = {
  choices: (table) => [{ name: 'panel', label: 'Map', options: panelsOf(table), first: 0 }, measureChoice(table, firstOf(table, 'delta'))],
  draw(table, { panel, measure }, theme, width) {
    const keys = keysOf(table);
    const column = measuresOf(table)[measure];
    if (keys.length < 2 || !column) {
      return null;
    }
    const [y, x] = keys.slice(-2);
    const wanted = panelsOf(table)[panel];
    const rows = table.rows.filter(({ labels }) => keys.length < 3 || labels[keys[0].index] === wanted);
    const xs = along(table, rows, x);
    const ys = along(table, rows, y);
    const values = rows.map(({ cells }) => cells[column.index] ?? 0);
    const ends = [Math.max(...values), Math.min(...values)].map((value) => format[column.kind](value));
    const heat = heatColors(theme, Math.min(...values), Math.max(...values));
    const roomy = width / xs.length > 64;
    return {
      height: 110 + 30 * ys.length,
      option: {
        grid: { left: 30, right: 12, top: 12, bottom: 72, containLabel: true },
        xAxis: categoryAxis(theme, x, xs),
        yAxis: { ...categoryAxis(theme, y, ys), nameGap: 56 },
        visualMap: {
          ...heat, type: 'continuous', dimension: 2, orient: 'horizontal',
          left: 'center', bottom: 0, itemHeight: 180, itemWidth: 12, text: ends, textStyle: { color: theme.dim },
        },
        series: [{
          type: 'heatmap', itemStyle: { borderColor: theme.surface, borderWidth: 1 },
          label: { show: roomy, fontSize: 11, formatter: ({ value }) => rows[value[3]].labels[column.index] },
          data: rows.map(({ labels }, i) => ({
            value: [xs.indexOf(labels[x.index]), ys.indexOf(labels[y.index]), values[i], i],
            label: { color: textOn(heatColor(heat, values[i])) },
          })),
        }],
        tooltip: {
          renderMode: 'richText', confine: true, backgroundColor: theme.surface, borderColor: theme.line,
          textStyle: { color: theme.text, fontSize: 12 },
          formatter: ({ value }) => `${y.title} ${ys[value[1]]}, ${x.title} ${xs[value[0]]}\n`
            + measuresOf(table).map(({ title, index }) => `${title} ${rows[value[3]].labels[index]}`).join('\n'),
        },
      },
    };
  },
};
