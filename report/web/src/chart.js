// Puts a chart and the choices it has above the table that it is drawn from.
import * as echarts from 'echarts/core';
import { BarChart, HeatmapChart, LineChart, TreemapChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from 'echarts/components';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';
import { readTable } from './table.js';
import { colors } from './theme.js';
import { bars, heatmap, histogram, line } from './series.js';
import { treemap } from './treemap.js';

echarts.use([BarChart, HeatmapChart, LineChart, TreemapChart, GridComponent, LegendComponent, TooltipComponent,
  VisualMapComponent, LabelLayout, SVGRenderer]);

/** One a value of data-chart: choices(table) => [{name, label, options, first}], and draw(table, chosen, colors) =>
 *  {option, height, legend}, or null when the table has nothing to draw; and perhaps click(chart, item). */
const kinds = { bars, histogram, line, heatmap, treemap };
const drawn = [];

function addChoice({ name, label, options, first }, chosen, redraw) {
  const wrapper = document.createElement('label');
  const select = document.createElement('select');
  options.forEach((text, i) => select.add(new Option(text, String(i), false, i === first)));
  select.addEventListener('change', () => {
    chosen[name] = Number(select.value);
    redraw(true);
  });
  wrapper.append(`${label} `, select);
  return wrapper;
}

function showLegend(box, entries) {
  box.replaceChildren(...(entries ?? []).map(({ color, text }) => {
    const entry = document.createElement('span');
    const swatch = document.createElement('i');
    swatch.style.background = color;
    entry.append(swatch, text);
    return entry;
  }));
}

const mayMove = () => !window.matchMedia('(prefers-reduced-motion: reduce)').matches;

function baseOption(theme) {
  return {
    animationDurationUpdate: 250,
    textStyle: { fontFamily: theme.font, color: theme.text },
    // Drawn as text into the chart: no name of a key ever becomes HTML.
    tooltip: {
      renderMode: 'richText', confine: true, backgroundColor: theme.surface, borderColor: theme.line,
      textStyle: { color: theme.text, fontSize: 12 },
    },
  };
}

export function enhanceFigure(figure) {
  const kind = kinds[figure.dataset.chart];
  const table = figure.querySelector('table') && readTable(figure);
  if (!kind || !table || table.rows.length === 0) {
    return;
  }
  const tools = document.createElement('div');
  const box = document.createElement('div');
  const legend = document.createElement('div');
  tools.className = 'tools';
  box.className = 'chart';
  legend.className = 'legend';
  box.setAttribute('role', 'img');
  box.setAttribute('aria-label', `Chart of the table below: ${figure.querySelector('figcaption')?.textContent ?? ''}`);
  const choices = kind.choices(table);
  const chosen = Object.fromEntries(choices.map(({ name, first }) => [name, first]));
  let chart = null;
  // Only a choice or a click moves things: what is drawn for paper, or out of sight, has to be there at once.
  const redraw = (moves = false) => {
    const theme = colors();
    const result = kind.draw(table, chosen, theme, box.clientWidth);
    if (!result) {
      box.hidden = true;
      return;
    }
    box.style.height = `${result.height}px`;
    if (!chart) {
      chart = echarts.init(box, null, { renderer: 'svg' });
      chart.on('click', (item) => kind.click?.(chart, item));
    }
    chart.resize();
    chart.setOption({ ...baseOption(theme), ...result.option, animation: moves && mayMove() }, { notMerge: true });
    chart.setOption({ animation: mayMove() });
    showLegend(legend, result.legend);
  };
  tools.append(...choices.filter(({ options }) => options.length > 1)
    .map((choice) => addChoice(choice, chosen, redraw)));
  figure.querySelector('figcaption').after(tools, box, legend);
  tools.hidden = tools.childElementCount === 0;
  redraw();
  drawn.push(redraw);
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth !== width) {
      width = box.clientWidth;
      redraw();
    }
  }).observe(box);
}

export function redrawAll() {
  drawn.forEach((redraw) => redraw());
}
