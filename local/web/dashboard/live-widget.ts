/** One widget on the page: its frame, its way of drawing, and what it needs to stay fresh. */
import { ApiError, type SeriesResult } from '../api.ts';
import { h } from '../dom.ts';
import { alarms, status } from '../live.ts';
import { drawMarkdown } from '../markdown-view.ts';
import { shortName } from '../state.ts';
import { drawAlarmGrid } from './alarm-grid.ts';
import type { Wanted } from './batch.ts';
import { type Card, createCard } from './card.ts';
import type { OnZoom } from './chart.ts';
import { csvOf } from './csv.ts';
import { customWidget } from './custom-widget.ts';
import { logWidget } from './log-widget.ts';
import { widgetMenu } from './menu.ts';
import { metricWidget } from './metric-widget.ts';
import type { AlarmSpec, ExplorerSpec, WidgetModel } from './model.ts';
import type { TimeRange } from './period.ts';
import { alarmName } from './view-series.ts';

export interface LiveWidget {
  readonly card: Card;
  readonly model: WidgetModel;
  /** Series to be asked for in a batch; undefined for widgets that fetch on their own. */
  wanted?(range: TimeRange): Wanted;
  drawSeries?(results: readonly SeriesResult[], range: TimeRange): void;
  /** Fetches and draws by itself. */
  load?(range: TimeRange, dashboard: string): Promise<void>;
  /** First moment of each series that was drawn last. */
  firstMs?(): readonly number[];
  failed(error: unknown): void;
  destroy(): void;
}

export interface Setting {
  readonly inheritPeriods: boolean;
  readonly onZoom: OnZoom;
}

export function liveWidget(model: WidgetModel, setting: Setting): LiveWidget {
  const card = createCard(model);
  const failed = (error: unknown) => card.setStatus('error', error instanceof ApiError ? error.message : 'The local stack did not answer.');
  const base = { card, model, failed, destroy: () => undefined };
  const made = bodyOf(card, model, setting);
  if (model.spec.kind !== 'text')
    card.setTools(widgetMenu({ title: model.title, widget: card.element, ...(made.csv === undefined ? {} : { csv: made.csv }) }));
  return { ...base, ...made };
}

type Body = Partial<Pick<LiveWidget, 'wanted' | 'drawSeries' | 'load' | 'firstMs' | 'destroy'>> & {
  readonly csv?: () => Promise<string> | string;
};

function bodyOf(card: Card, model: WidgetModel, setting: Setting): Body {
  const { spec } = model;
  switch (spec.kind) {
    case 'metric':
      return metricWidget(card, model, spec, setting);
    case 'text':
      card.body.replaceChildren(drawMarkdown(spec.markdown));
      card.setStatus('data');
      return {};
    case 'alarm':
      return alarmWidget(card, spec);
    case 'log':
      return logWidget(card, model, spec, setting.onZoom);
    case 'custom':
      return customWidget(card, model, spec);
    case 'explorer':
      card.setStatus('empty', explorerWords(spec));
      return {};
    case 'unknown':
      card.setStatus('empty', `A widget of type "${spec.type}" is not drawn by this viewer.`);
      return {};
  }
}

function explorerWords({ metrics, tags }: ExplorerSpec): string {
  const what = metrics.length === 0 ? 'metrics' : [...new Set(metrics)].slice(0, 5).join(', ');
  const by = tags.length === 0 ? '' : ` with the tags ${[...new Set(tags)].join(', ')}`;
  return `An explorer draws ${what} of the resources${by}. Which resources those are, only an account knows: it is not drawn here.`;
}

function alarmWidget(card: Card, spec: AlarmSpec): Body {
  const host = h('div', { class: 'lights' });
  card.body.replaceChildren(host);
  const names = spec.alarms.map(alarmName);
  const known = () => alarms.get().filter(each => names.includes(each.name));
  return {
    load: async () => {
      const found = known();
      const missing = names.filter(name => !found.some(each => each.name === name));
      if (names.length === 0) return card.setStatus('empty', 'This widget names no alarm.');
      const shown = found.filter(each => spec.states.length === 0 || spec.states.includes(each.state));
      if (shown.length === 0 && spec.states.length > 0)
        return card.setStatus(
          'data',
          `None of the ${names.length} alarms is in ${spec.states.length === 1 ? `state ${spec.states[0]}` : 'these states'}.`,
        );
      drawAlarmGrid(host, found, spec.states.length > 0 ? [] : missing, spec);
      card.setStatus('data');
    },
    csv: () =>
      csvOf([
        ['alarm', 'state', 'since', 'reason'],
        ...known().map(({ name, state, since, reason }) => [shortName(name, status.get()?.stage), state, since, reason ?? '']),
      ]),
  };
}
