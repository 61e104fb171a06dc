/** P&L of each trading day as a heat map: a week a column, a weekday a row. */
import { dayNumber, isoDate, weekdayOf } from '../../core/calendar/dates.ts';
import { moneyText } from '../../core/incidents/quantity-text.ts';
import type { LedgerDays } from '../../core/ledger/history.ts';
import { add, type Decimal, parseDecimal, subtract, toApproximate, zero } from '../../core/money/decimal.ts';
import { type Html, html, nothing } from './html.ts';
import type { Shown } from './shown.ts';
import { colours } from './style.ts';

/** Weeks that fit: half a year at most widths, a year on a wide one. */
const CELL = 15;
const LEFT = 34;
const TOP = 18;
const MOST_WEEKS = 54;
/** Currencies that a widget has room for. */
const MOST_MAPS = 3;

export async function pnlCalendar(shown: Shown): Promise<Html> {
  const { request, history, nowMs } = shown;
  const byStrategy = [...(await history.readDays(request.strategies.map(({ id }) => id))).values()];
  const currencies = [...new Set(byStrategy.map(({ currency }) => currency ?? 'money'))];
  if (byStrategy.length === 0) return html`<p class="nd-note">No trading day is known yet.</p>`;
  // Unlike currencies never add: each has a map of its own.
  const maps = currencies
    .slice(0, MOST_MAPS)
    .map(currency => heatMap(currency, sumOfDays(byStrategy.filter(days => (days.currency ?? 'money') === currency)), shown, nowMs));
  const left = currencies.slice(MOST_MAPS);
  const note = left.length === 0 ? nothing : html`<p class="nd-note">Not drawn: ${left.join(', ')}. Choose a strategy to see its days.</p>`;
  return html`${maps}${note}`;
}

/** What each day made over all strategies; a day of which one strategy's value is not known is left out. */
function sumOfDays(all: readonly LedgerDays[]): ReadonlyMap<number, Decimal | null> {
  const sums = new Map<number, Decimal | null>();
  for (const { days } of all) {
    let before: Decimal | null = zero;
    for (const [day, pnl] of days) {
      const now = pnl === null ? null : parseDecimal(pnl);
      const gain = now === null || before === null ? null : subtract(now, before);
      const sum = sums.get(day) ?? (sums.has(day) ? null : zero);
      sums.set(day, sum === null || gain === null ? null : add(sum, gain));
      before = now;
    }
  }
  return sums;
}

function heatMap(currency: string, days: ReadonlyMap<number, Decimal | null>, { request }: Shown, nowMs: number): Html {
  const today = new Date(nowMs);
  const last = Math.max(dayNumber(today.getUTCFullYear(), today.getUTCMonth() + 1, today.getUTCDate()), ...days.keys());
  const weeks = Math.max(8, Math.min(MOST_WEEKS, Math.floor((request.width - LEFT - 20) / CELL)));
  const firstMonday = last - mondayBased(last) - 7 * (weeks - 1);
  const shown = [...days].filter(([day]) => day >= firstMonday && day <= last);
  const most = Math.max(...shown.map(([, value]) => (value === null ? 0 : Math.abs(toApproximate(value)))), 1e-9);
  const { good, bad, muted, line, text } = colours[request.theme];
  const cells = shown.map(([day, value]) => {
    const x = LEFT + CELL * Math.floor((day - firstMonday) / 7);
    const y = TOP + CELL * mondayBased(day);
    const amount = value === null ? undefined : toApproximate(value);
    const label = `${isoDate(day)}: ${amount === undefined ? 'not known' : `${amount > 0 ? '+' : ''}${moneyText(amount, currency)}`}`;
    // Losses carry a stroke, so that they are told from gains without colour.
    const opacity = amount === undefined ? 0 : 0.2 + 0.8 * Math.sqrt(Math.abs(amount) / most);
    const colour = amount === undefined || amount === 0 ? muted : amount < 0 ? bad : good;
    const mark =
      amount !== undefined && amount < 0
        ? html`<line x1="${x + 3}" y1="${y + 6.5}" x2="${x + 10}" y2="${y + 6.5}" stroke="${text}"></line>`
        : html``;
    return html`<g><title>${label}</title><rect x="${x}" y="${y}" width="13" height="13" rx="2" fill="${colour}" fill-opacity="${opacity.toFixed(2)}" stroke="${line}"></rect>${mark}</g>`;
  });
  const names = ['Mon', '', 'Wed', '', 'Fri', '', 'Sun'].map(
    (name, at) => html`<text x="0" y="${TOP + CELL * at + 10}" fill="${muted}">${name}</text>`,
  );
  const months = Array.from({ length: weeks }, (_, week) => firstMonday + 7 * week)
    .filter(monday => Number(isoDate(monday).slice(8)) <= 7)
    .map(
      monday => html`<text x="${LEFT + (CELL * (monday - firstMonday)) / 7}" y="11" fill="${muted}">${isoDate(monday).slice(0, 7)}</text>`,
    );
  const known = shown.flatMap(([, value]) => (value === null ? [] : [value]));
  const total = toApproximate(known.reduce(add, zero));
  const gains = known.filter(({ units }) => units > 0n).length;
  const losses = known.filter(({ units }) => units < 0n).length;
  const flat = known.length - gains - losses;
  const width = LEFT + CELL * weeks + 4;
  const height = TOP + 7 * CELL + 4;
  const summary = `${total > 0 ? '+' : ''}${moneyText(total, currency)} in ${known.length} days: ${gains} up, ${losses} down${flat === 0 ? '' : `, ${flat} flat`} (losses carry a dash)`;
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${summary}" font-size="10">${months}${names}${cells}</svg><p class="nd-note">${summary}</p>`;
}

/** 0 for Monday to 6 for Sunday. */
const mondayBased = (day: number): number => (weekdayOf(day) + 6) % 7;
