// Everything here adds to a page that is complete without it: tables become sortable and searchable, charts appear.
import { enhanceTable } from './table.js';
import { enhanceFigure, redrawAll } from './chart.js';
import { addThemeButton } from './theme.js';

function addCopyButton(block) {
  if (!navigator.clipboard) {
    return;
  }
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(block.querySelector('code').textContent);
    button.textContent = 'Copied';
  });
  block.append(button);
}

document.documentElement.classList.add('js');
for (const figure of document.querySelectorAll('figure')) {
  enhanceTable(figure);
  if (figure.dataset.chart) {
    enhanceFigure(figure);
  }
}
for (const block of document.querySelectorAll('.paste')) {
  addCopyButton(block);
}
addThemeButton(document.getElementById('theme'), redrawAll);
document.documentElement.dataset.ready = '';
