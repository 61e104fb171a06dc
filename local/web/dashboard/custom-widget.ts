/** Custom widgets: a function is called with the context that CloudWatch gives it, and its answer is drawn safely. */
import { api } from '../api.ts';
import { nowMs } from '../live.ts';
import { range as chosenRange } from '../range.ts';
import { theme, zone } from '../theme.ts';
import type { Card } from './card.ts';
import { tablesCsv } from './csv.ts';
import type { CustomSpec, WidgetModel } from './model.ts';
import { periodFor, type TimeRange } from './period.ts';
import { customView } from './view-custom.ts';

/** Source: CloudWatch user guide, "Details about custom widgets" (2026). */
function contextOf(card: Card, model: WidgetModel, { range, dashboard, params, forms }: Call) {
  const isZoomed = chosenRange.get().kind === 'fixed';
  const moments = { start: Math.round(range.fromMs), end: Math.round(range.toMs) };
  const offset = zone.get() === 'utc' ? 0 : -new Date(range.toMs).getTimezoneOffset();
  const two = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, '0');
  return {
    dashboardName: dashboard,
    widgetId: `widget-${model.index}`,
    domain: location.origin,
    accountId: '000000000000',
    locale: 'en',
    timezone: {
      label: zone.get() === 'utc' ? 'UTC' : 'Local',
      offsetISO: `${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`,
      offsetInMinutes: offset,
    },
    period: periodFor(range),
    isAutoPeriod: true,
    timeRange: {
      mode: isZoomed ? 'absolute' : 'relative',
      ...moments,
      relativeStart: Math.round(nowMs() - range.fromMs),
      ...(isZoomed ? { zoom: moments } : {}),
    },
    theme: theme.get(),
    linkCharts: true,
    title: model.title,
    forms: { all: forms },
    params,
    width: card.body.clientWidth,
    height: card.body.clientHeight,
  };
}

interface Call {
  readonly range: TimeRange;
  readonly dashboard: string;
  readonly params: unknown;
  readonly forms: Readonly<Record<string, string>>;
}

const functionName = (arn: string): string => /:function:([^:]+)/.exec(arn)?.[1] ?? arn;

export function customWidget(card: Card, model: WidgetModel, spec: CustomSpec) {
  let last: { readonly range: TimeRange; readonly dashboard: string } | undefined;
  let drawnFor: string | undefined;
  const ask = async (endpoint: string, params: unknown, where: { readonly range: TimeRange; readonly dashboard: string }) => {
    const widgetContext = contextOf(card, model, { ...where, params, forms: view.forms() });
    return api.widget({ functionArn: endpoint, name: functionName(endpoint), params, widgetContext });
  };
  const view = customView({
    title: model.title,
    call: (endpoint, params) => {
      if (last === undefined) throw new Error('The widget is not loaded yet.');
      return ask(endpoint === '' ? spec.endpoint : endpoint, params, last).then(({ html }) => html);
    },
  });
  card.body.replaceChildren(view.element);
  return {
    load: async (range: TimeRange, dashboard: string): Promise<void> => {
      last = { range, dashboard };
      // A widget that does not follow refreshes is called again only for another look or, if it wants that, another time range.
      const length = Math.round(range.toMs - range.fromMs);
      const asked = `${theme.get()} ${spec.updateOn.timeRange ? length : ''} ${chosenRange.get().kind === 'fixed' ? range.fromMs : ''}`;
      if (!spec.updateOn.refresh && drawnFor === asked) return;
      const { html, note } = await ask(spec.endpoint, spec.params, last);
      drawnFor = asked;
      if (note !== undefined) return card.setStatus('empty', note);
      if (view.draw(html)) card.setStatus('data');
      else card.setStatus('empty', 'The function answered with nothing to show.');
    },
    csv: (): string => {
      const tables = [...(view.element.shadowRoot?.querySelectorAll('table') ?? [])];
      if (tables.length === 0) throw new Error('This widget shows no table.');
      return tablesCsv(tables);
    },
  };
}
