/** Every figure of the ledger that is kept in the table, by strategy; and the sums of groups against their limits. */
import type { StrategyHead } from '../../adapters/aws/strategy-store.ts';
import { catalogue } from '../../core/catalogue/index.ts';
import type { Metric } from '../../core/catalogue/metric.ts';
import { units } from '../../core/catalogue/unit.ts';
import type { RiskGroup } from '../../core/config/types.ts';
import { quantityText } from '../../core/incidents/quantity-text.ts';
import { type GroupMember, groupNow } from '../../core/ledger/groups.ts';
import { gaugesAt } from '../../core/ledger/view.ts';
import { type Html, html, nothing, number, table } from './html.ts';
import { pageButtons } from './incident-list.ts';
import { pageOf, readHeads, type Shown } from './shown.ts';

const none = '–';
/** Strategies side by side. */
const COLUMNS = 4;

/** Undefined figures are a dash, never 0. */
export async function figures(shown: Shown): Promise<Html> {
  const { request, nowMs } = shown;
  const { rows, page, pages } = pageOf(await readHeads(shown), request.page, COLUMNS);
  const gauges = rows.map(({ view }) => (view === undefined ? {} : gaugesAt(view, nowMs)));
  const cells = catalogue.flatMap(({ metric }) => {
    const { source } = metric;
    if (source.from !== 'strategy') return [];
    return [[metric.title, ...gauges.map(of => number(textOf(metric, of[source.gauge])))]];
  });
  const pager = pages === 1 ? nothing : pageButtons(page, pages, { widget: 'figures', ...request.parameters }, request.endpoint);
  return html`${table(['Figure', ...rows.map(({ strategyId }) => strategyId)], cells, 'No strategies.')}${pager}`;
}

const textOf = ({ unit }: Pick<Metric, 'unit'>, value: number | undefined): string =>
  value === undefined ? none : quantityText(value, unit === 'share' ? 'share' : unit === 'money' ? undefined : units[unit].text);

/** Limits over several strategies: what is used of each, or that it cannot be judged. */
export async function riskGroups(shown: Shown): Promise<Html> {
  const { config, sweeps, nowMs } = shown;
  const groups = config.groups ?? [];
  const ids = [...new Set(groups.flatMap(({ strategies }) => strategies))];
  const heads = ids.length === 0 ? new Map<string, StrategyHead>() : (await sweeps.read([], ids, nowMs)).heads;
  const calendars = new Map(config.bots.flatMap(bot => bot.strategies.map(({ id, calendar }) => [id, calendar] as const)));
  const rows = groups.map(group => {
    const members = group.strategies.map(
      (strategyId): GroupMember => ({ strategyId, calendar: calendars.get(strategyId)!, view: heads.get(strategyId)?.view }),
    );
    return groupRow(group, members, nowMs);
  });
  const columns = ['Group', 'Currency', 'Sessions', 'Net exposure', 'Gross exposure', 'Positions', 'Oldest part', 'Crossed'];
  return table(columns, rows, 'No groups in the config.');
}

function groupRow(group: RiskGroup, members: readonly GroupMember[], nowMs: number): readonly (string | Html)[] {
  const { gauges, breaches } = groupNow(group, members, nowMs);
  const { limits } = group;
  const against = (value: number | undefined, limit: string | undefined) =>
    number(`${value === undefined ? none : quantityText(value, undefined)}${limit === undefined ? '' : ` of ${limit}`}`);
  return [
    `${group.id} (${group.kind})`,
    group.currency,
    against(gauges.sessionPnl, limits.dailyLoss === undefined ? undefined : `-${limits.dailyLoss}`),
    against(gauges.netExposure, limits.netExposure),
    against(gauges.grossExposure, limits.grossExposure),
    number(gauges.positionShare === undefined ? none : quantityText(gauges.positionShare, 'share')),
    number(gauges.ageSeconds === undefined ? none : quantityText(gauges.ageSeconds, 'seconds')),
    breaches.length === 0 ? 'none' : html`<span class="nd-bad">${breaches.map(({ reason }) => reason).join(' ')}</span>`,
  ];
}
