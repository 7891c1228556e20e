import { isNumeric } from './format.js';

const SEARCH_FROM_ROWS = 9;

function readCell(td, kind) {
  if (!isNumeric(kind)) {
    return td.textContent;
  }
  const text = td.dataset.v ?? td.textContent.replaceAll(',', '');
  return text === '' ? null : Number(text);
}

/** A figure's table as data. Cells are numbers, null or texts by the kind of their column. */
export function readTable(figure) {
  const table = figure.querySelector('table');
  const columns = [...table.tHead.rows[0].cells].map((th, index) => ({
    index, title: th.textContent, id: th.dataset.id, kind: th.dataset.kind, isKey: 'key' in th.dataset,
  }));
  const rows = [...table.tBodies[0].rows].map((row) => ({
    labels: [...row.cells].map((td) => td.textContent),
    cells: columns.map(({ index, kind }) => readCell(row.cells[index], kind)),
  }));
  return { columns, rows };
}

function compare(a, b) {
  if (a === null || b === null) {
    return (a === null) - (b === null);
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function sortBy(table, index, kind, descending) {
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => ({ row, key: readCell(row.cells[index], kind) }));
  // Rows without a value stay at the end either way.
  keyed.sort((a, b) => (descending && a.key !== null && b.key !== null ? compare(b.key, a.key) : compare(a.key, b.key)));
  body.append(...keyed.map(({ row }) => row));
}

function makeSortable(table) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((th, index) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...th.childNodes);
    th.append(button);
    button.addEventListener('click', () => {
      const before = th.getAttribute('aria-sort');
      const descending = before ? before === 'ascending' : isNumeric(th.dataset.kind);
      headings.forEach((other) => other.removeAttribute('aria-sort'));
      th.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      sortBy(table, index, th.dataset.kind, descending);
    });
  });
}

function makeSearchable(figure, table) {
  const rows = [...table.tBodies[0].rows];
  const tools = document.createElement('div');
  const input = document.createElement('input');
  const count = document.createElement('output');
  let texts = null;
  tools.className = 'tools';
  input.type = 'search';
  input.placeholder = `Search ${rows.length} rows`;
  input.setAttribute('aria-label', 'Search this table');
  input.addEventListener('input', () => {
    texts ??= rows.map((row) => row.textContent.toLowerCase());
    const wanted = input.value.trim().toLowerCase();
    let found = 0;
    rows.forEach((row, i) => {
      row.hidden = !texts[i].includes(wanted);
      found += row.hidden ? 0 : 1;
    });
    count.textContent = wanted ? `${found} of ${rows.length} rows` : '';
  });
  tools.append(input, count);
  figure.querySelector('.scroll').before(tools);
}

export function enhanceTable(figure) {
  const table = figure.querySelector('table');
  if (!table) {
    return;
  }
  makeSortable(table);
  if (table.tBodies[0].rows.length >= SEARCH_FROM_ROWS) {
    makeSearchable(figure, table);
  }
}
