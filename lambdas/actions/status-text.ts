import type { Incident } from '../../core/incidents/incident.ts';
import type { MoneyAtRisk } from '../../core/incidents/money-at-risk.ts';
import { plainText } from '../../core/incidents/plain-text.ts';
import { durationText, moneyText } from '../../core/incidents/quantity-text.ts';
import type { ActionsTools } from './actions.ts';
import { openIncidents } from './perform.ts';

const LINES = 20;

/** Open incidents with their numbers, then a line for each strategy. */
export async function statusText(tools: ActionsTools): Promise<string> {
  const now = tools.send.now();
  const open = await openIncidents(tools);
  const ids = tools.config.bots.flatMap(bot => bot.strategies.map(({ id }) => id));
  const money = await tools.moneyAtRisk(ids.slice(0, LINES), now);
  const more = (count: number) => (count > LINES ? [`and ${count - LINES} more`] : []);
  return [
    open.length === 0 ? 'Nothing is open.' : `${open.length} open:`,
    ...open.slice(0, LINES).map((incident, index) => incidentLine(incident, index + 1, now)),
    ...more(open.length),
    '',
    ...money.map(strategyLine),
    ...more(ids.length),
  ].join('\n');
}

function incidentLine({ severity, title, openedAt, acknowledgedBy, silencedUntil }: Incident, number: number, now: number): string {
  const taken = acknowledgedBy === undefined ? '' : `, ${acknowledgedBy} has it`;
  const silenced = silencedUntil === undefined || silencedUntil <= now ? '' : ', silenced';
  return `${number}. ${severity}: ${plainText(title, 120)}, for ${durationText((now - openedAt) / 1000)}${taken}${silenced}`;
}

function strategyLine({ strategyId, positions, sessionPnl, currency, tradingState, ageSeconds }: MoneyAtRisk): string {
  const state = ageSeconds === undefined || ageSeconds > 90 ? 'silent' : (tradingState ?? 'active');
  const parts = [
    state,
    sessionPnl === undefined ? undefined : `today ${moneyText(sessionPnl, currency)}`,
    positions.length === 0
      ? 'flat'
      : positions
          .slice(0, 3)
          .map(({ qty, instrumentId }) => `${qty} ${instrumentId}`)
          .join(', '),
    ageSeconds === undefined ? undefined : `heard ${durationText(ageSeconds)} ago`,
  ];
  return `${plainText(strategyId, 64)}: ${parts.filter(part => part !== undefined).join('; ')}`;
}
