import { errorFields, type Output } from '../../adapters/aws/output.ts';
import type { CustomWidgetName } from '../../core/catalogue/dashboards.ts';
import { asObject } from '../../core/cloudwatch/loose-json.ts';
import { healthTable, heartbeatWall, systemTable } from './bots.ts';
import { pnlCalendar } from './calendar.ts';
import { cost } from './cost.ts';
import { curve } from './curve.ts';
import { figures, riskGroups } from './figures.ts';
import { funnel } from './funnel.ts';
import { type Html, html } from './html.ts';
import { incidentList } from './incident-list.ts';
import { releases } from './releases.ts';
import { clockText, readRequest } from './request.ts';
import type { Shown, WidgetStores } from './shown.ts';
import { lights } from './status.ts';
import { attribution, positionTable, resultTable, scores } from './strategies.ts';
import { document } from './style.ts';

export interface WidgetTools extends WidgetStores {
  readonly now: () => number;
  readonly output: Output;
}

interface Widget {
  readonly says: string;
  readonly draw: (shown: Shown) => Html | Promise<Html>;
  /** Its figures are of whole strategies: a venue chooses among them and splits none. */
  readonly isOfStrategies?: true;
}

/** Widgets by the name in their parameters. */
const widgets: Readonly<Record<CustomWidgetName, Widget>> = {
  lights: { says: 'status lights over all alarms', draw: lights },
  incidents: { says: 'incidents, with buttons to acknowledge and silence', draw: incidentList },
  heartbeats: { says: 'a card for each bot', draw: heartbeatWall },
  funnel: { says: 'what happened to orders in the time range', draw: funnel, isOfStrategies: true },
  curve: { says: 'equity, P&L and drawdown over the time range', draw: curve, isOfStrategies: true },
  scores: { says: 'Sharpe, drawdown against its limit, win rate', draw: scores, isOfStrategies: true },
  attribution: { says: 'P&L by strategy and instrument', draw: attribution, isOfStrategies: true },
  calendar: { says: 'P&L of each trading day', draw: pnlCalendar, isOfStrategies: true },
  positions: { says: 'open positions', draw: positionTable },
  results: { says: 'gross, fees, funding, net, equity', draw: resultTable, isOfStrategies: true },
  releases: { says: 'deploys, halts and other changes', draw: releases },
  health: { says: 'heartbeats and probes', draw: healthTable },
  system: { says: 'resources at the last heartbeat', draw: systemTable },
  figures: { says: 'every figure of performance, orders and limits', draw: figures, isOfStrategies: true },
  groups: { says: 'accounts, desks and the firm against their limits', draw: riskGroups },
  cost: { says: 'standing cost of the month', draw: cost },
};

const venueNote = (venue: string): Html =>
  html`<p class="nd-note">Strategies whose config names ${venue}, with all that they trade: figures of a strategy are not kept by venue.</p>`;

const isWidget = (name: string): name is CustomWidgetName => Object.hasOwn(widgets, name);

const documentation = `## Nightdesk widgets
What the ledger knows of each strategy, and the sweep of each bot, with the age of every figure. They follow the dashboard's time range,
time zone and theme.

### Widget parameters
Param | Description
---|---
**widget** | ${Object.entries(widgets)
  .map(([name, { says }]) => `\`${name}\` (${says})`)
  .join(', ')}
**strategy**, **bot**, **venue** | only this one; without it all of the stage
**strategies** | list of strategy ids; without it all
**page** | page of a long list, from 1

### Example parameters
\`\`\` yaml
widget: curve
strategy: momentum-btc
\`\`\`
`;

/**
 * Answers a dashboard's custom widget: HTML as text, or its documentation for `{"describe": true}`. `endpoint` is the ARN of this
 * function, which its buttons call. Source: CloudWatch user guide, "Create a custom widget for a dashboard".
 */
export async function widget(event: unknown, { now, output, ...stores }: WidgetTools, endpoint = ''): Promise<string> {
  if (asObject(event)?.['describe'] === true) return documentation;
  const nowMs = now();
  const request = readRequest(event, { config: stores.config, nowMs, endpoint });
  const { widget: name, theme } = request;
  if (!isWidget(name)) return document(theme, html`<p>Unknown widget ${name}: ${Object.keys(widgets).join(', ')}.</p>`, '');
  try {
    const { draw, isOfStrategies } = widgets[name];
    const content = await draw({ ...stores, request, nowMs });
    const said = request.venue === undefined || isOfStrategies === undefined ? content : html`${content}${venueNote(request.venue)}`;
    return document(theme, said, `${clockText(nowMs, request, 'full')} ${request.zone}`);
  } catch (error) {
    output.error('widget failed', { widget: name, ...errorFields(error) });
    const kind = error instanceof Error ? error.name : 'error';
    return document(theme, html`<p>What this widget shows could not be read: ${kind}. The alarms do not depend on it.</p>`, '');
  }
}
