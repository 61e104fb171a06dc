import type { NightdeskConfig } from '../../core/config/types.ts';
import { type CostLine, standingCost } from '../../core/cost/standing.ts';
import { type Html, html, number, table } from './html.ts';
import type { Shown } from './shown.ts';

const known = new WeakMap<NightdeskConfig, readonly CostLine[]>();

/** The standing cost of the month and its part so far, against the budget of the config. */
export function cost({ config, nowMs }: Shown): Html {
  const lines = known.get(config) ?? standingCost(config);
  known.set(config, lines);
  const now = new Date(nowMs);
  const start = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  const share = (nowMs - start) / (Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - start);
  const whole = lines.reduce((sum, { count, each }) => sum + count * each, 0);
  const dollars = (value: number) => number(`$${value.toFixed(2)}`);
  const rows = [
    ...lines.map(({ what, count, each }) => [
      what,
      number(String(count)),
      dollars(each),
      dollars(count * each * share),
      dollars(count * each),
    ]),
    [html`<strong>Together</strong>`, number(''), number(''), dollars(whole * share), dollars(whole)],
  ];
  const budget = config.budgetUsdPerMonth;
  const against =
    budget === undefined
      ? html`No budget is set (budgetUsdPerMonth).`
      : html`Budget $${budget.toFixed(2)}: ${whole > budget ? html`<strong class="nd-bad">over by $${(whole - budget).toFixed(2)}</strong>` : html`<span class="nd-good">$${(budget - whole).toFixed(2)} left</span>`}.`;
  return html`${table(['', 'Count', 'Each', 'So far', 'Month'], rows, '')}<p class="nd-note">${against} Metrics, alarms and dashboards at list price, before free tiers; logs, functions and the table depend on the load and are not in it.</p>`;
}
