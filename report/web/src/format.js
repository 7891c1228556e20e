// Numbers as the report's tables write them: 1 KB = 1024 bytes, three significant digits.
const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];
const spans = [[86400000, 'd'], [3600000, 'h'], [60000, 'm'], [1000, 's']];
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

const significant = (number) => (Number.isInteger(number) ? String(number)
  : number.toFixed(number < 9.995 ? 2 : number < 99.95 ? 1 : 0));

function bytes(number) {
  let size = Math.abs(number);
  let unit = 0;
  while (size >= 1023.5 && unit + 1 < units.length) {
    size /= 1024;
    unit += 1;
  }
  return `${number < 0 ? '-' : ''}${significant(size)} ${units[unit]}`;
}

function duration(ms) {
  if (ms < 1000) {
    return ms === 0 ? '0s' : `${ms} ms`;
  }
  const [size, name] = spans.find(([least]) => ms >= least);
  return `${grouped.format(Math.floor(ms / size))}${name}`;
}

const number = (value) => (Math.abs(value) >= 1000 ? grouped.format(value) : String(Number(value.toPrecision(3))));

/** One function a kind of column (data-kind of its heading). */
export const format = {
  count: number,
  bytes,
  delta: (value) => (value > 0 ? `+${bytes(value)}` : bytes(value)),
  share: (value) => `${number(value * 100)}%`,
  number,
  duration,
  time: (ms) => new Date(ms).toISOString().slice(0, 16).replace('T', ' '),
};

export const isNumeric = (kind) => kind in format;
