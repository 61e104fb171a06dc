/** Each alarm as one English sentence: its description, and the golden file that reviewers read. */

import type { TreatMissingData } from '../alarms/definition.ts';
import type { BotConfig } from '../config/types.ts';
import type { CatalogueRow } from './index.ts';
import type { AlarmRule } from './metric.ts';
import { limitOf, type MetricSeries } from './series.ts';
import { showQuantity } from './unit.ts';

const silences = {
  missing: 'without data it is undecided',
  ignore: 'without data its state stays',
  breaching: 'silence counts as a breach',
  notBreaching: 'silence is fine',
} as const satisfies Record<TreatMissingData, string>;

/** `momentum-btc: profit and loss since the session opened is below -1000 USD (Minimum, 3 of 3 periods of 60 s; …).` */
export function sentenceOf(row: CatalogueRow, rule: AlarmRule, series: MetricSeries): string {
  const who = Object.values(series.dimensions).join(', ');
  const statistic = rule.statistic ?? row.metric.statistic;
  const [breaching, of] = rule.held;
  const silence = rule.kind === 'heartbeat' ? silences.breaching : silences[rule.silence];
  const follows = rule.follows === undefined ? '' : `; held back while ${rule.follows} is in ALARM`;
  const timing = `${statistic}, ${breaching} of ${of} periods of ${rule.everySeconds} s; ${silence}${follows}`;
  return `${who === '' ? '' : `${who}: `}${row.metric.means} ${clauseOf(row, rule, series)} (${timing}).`;
}

function clauseOf(row: CatalogueRow, rule: AlarmRule, series: MetricSeries): string {
  if (rule.kind === 'anomaly') return `is ${rule.is} the range that is usual for it (${rule.deviations} standard deviations)`;
  const limit = limitOf(rule.limit, series);
  if (limit === undefined) return `is ${rule.is} the configured limit`;
  const currency = row.metric.unit === 'money' && series.strategy?.currency !== undefined ? ` ${series.strategy.currency}` : '';
  return `is ${rule.is} ${showQuantity({ unit: row.metric.unit, value: limit })}${currency}`;
}

export const fleetSilentSentence = (group: string, bots: readonly BotConfig[]): string =>
  `${group}: all ${bots.length} bots are silent at once (${bots.map(({ id }) => id).join(', ')}).`;
