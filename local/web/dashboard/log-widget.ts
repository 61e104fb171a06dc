/** Log widgets: the answer of a query as a table, a chart, bars or a pie. */
import { api, type QueryTable } from '../api.ts';
import { h } from '../dom.ts';
import type { Card } from './card.ts';
import { createChart, type OnZoom } from './chart.ts';
import { csvOf } from './csv.ts';
import { logSeries, logSlices } from './log-series.ts';
import { drawLogTable } from './log-table.ts';
import type { LogSpec, WidgetModel } from './model.ts';
import type { TimeRange } from './period.ts';
import { drawBars, drawPie } from './view-share.ts';

const plainAxis = { showUnits: true } as const;

export function logWidget(card: Card, model: WidgetModel, spec: LogSpec, onZoom: OnZoom) {
  let table: QueryTable | undefined;
  const draw = drawerOf(card, model, spec, onZoom);
  return {
    load: async (range: TimeRange): Promise<void> => {
      const times = { from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString() };
      table = await api.logQuery({ groups: spec.groups, query: spec.query, ...times });
      if (table.rows.length === 0) return card.setStatus('empty', 'No log line matches in this time range.');
      card.setStatus('data');
      draw.draw(table, range);
    },
    csv: () => {
      if (table === undefined) throw new Error('There is no data yet.');
      return csvOf([
        table.fields,
        ...table.rows.map(row =>
          row.map(value => (typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? ''))),
        ),
      ]);
    },
    destroy: draw.destroy,
  };
}

interface Drawer {
  readonly draw: (table: QueryTable, range: TimeRange) => void;
  readonly destroy: () => void;
}

function drawerOf(card: Card, model: WidgetModel, spec: LogSpec, onZoom: OnZoom): Drawer {
  const asTable = tableDrawer(card);
  const notDrawn = (table: QueryTable, range: TimeRange) => {
    asTable.draw(table, range);
    return undefined;
  };
  switch (spec.view) {
    case 'table':
      return asTable;
    case 'timeSeries': {
      const chart = createChart(onZoom);
      const draw = (table: QueryTable, range: TimeRange) => {
        const series = logSeries(table);
        if (series === undefined) return notDrawn(table, range);
        if (chart.element.parentElement !== card.body) card.body.replaceChildren(chart.element);
        return chart.draw({
          title: model.title,
          range,
          series: series.map(each => ({ ...each, yAxis: 'left' as const, periodSeconds: stepOf(each.timestamps) })),
          horizontal: [],
          vertical: [],
          stacked: spec.stacked,
          left: plainAxis,
          right: plainAxis,
          legend: 'bottom',
        });
      };
      return { draw, destroy: () => chart.destroy() };
    }
    default: {
      const host = h('div', { class: spec.view === 'bar' ? 'bars' : 'pie' });
      const draw = (table: QueryTable, range: TimeRange) => {
        const slices = logSlices(table);
        if (slices === undefined) return notDrawn(table, range);
        if (host.parentElement !== card.body) card.body.replaceChildren(host);
        return spec.view === 'bar' ? drawBars(host, slices) : drawPie(host, slices);
      };
      return { draw, destroy: () => undefined };
    }
  }
}

/** The usual distance of two points, in seconds; a minute for fewer than two. */
function stepOf(timestamps: readonly number[]): number {
  const steps = timestamps.slice(1).map((at, index) => at - timestamps[index]!);
  return steps.length === 0 ? 60 : Math.max(1, Math.min(...steps) / 1000);
}

function tableDrawer(card: Card): Drawer {
  const host = h('div', { class: 'table-wrap', tabindex: '0', role: 'region', 'aria-label': 'Log lines' });
  let before = '';
  const draw = (table: QueryTable) => {
    if (host.parentElement !== card.body) card.body.replaceChildren(host);
    const now = JSON.stringify(table);
    if (now === before || host.querySelector('details[open]') !== null) return;
    before = now;
    drawLogTable(host, table);
  };
  return { draw, destroy: () => undefined };
}
