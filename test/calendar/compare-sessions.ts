/**
 * Compares calendars with published session tables, every session and every day without one, and prints the differences.
 *
 *   node --import tsx test/calendar/compare-sessions.ts FOLDER
 *
 * FOLDER holds `xnys.csv`, `cmes.csv`, `xlon.csv`, `xeur.csv`, each perhaps with `.gz`: columns date, open, close, break_start, break_end in
 * UTC, the form of the test resources of gerrymanoim/exchange_calendars. Exit code 1 on any difference, or when a table is missing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { calendarNamed, isoDate } from '../../core/calendar/calendar.ts';
import { sessionsBetween } from '../../core/calendar/sessions.ts';

const tables = { xnys: 'XNYS', cmes: 'CMES', xlon: 'XLON', xeur: 'XEUR' } as const;
const msPerDay = 86_400_000;

function tableText(folder: string, table: string): string | undefined {
  const path = join(folder, `${table}.csv`);
  if (existsSync(path)) return readFileSync(path, 'utf8');
  return existsSync(`${path}.gz`) ? gunzipSync(readFileSync(`${path}.gz`)).toString('utf8') : undefined;
}

/** `open close breaks` by date. */
function publishedSessions(text: string): Map<string, string> {
  const rows = text.trim().split(/\r?\n/).slice(1);
  return new Map(
    rows.map(row => {
      const [date, open, close, breakStart, breakEnd] = row.split(',');
      const breaks = breakStart ? ` break ${breakStart} ${breakEnd}` : '';
      return [date!.slice(0, 10), `${open} ${close}${breaks}`];
    }),
  );
}

function computedSessions(name: string, firstDate: string, lastDate: string): Map<string, string> {
  const [from, to] = [Date.parse(firstDate), Date.parse(lastDate)];
  const iso = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z');
  const sessions = sessionsBetween(calendarNamed(name), from - 2 * msPerDay, to + 2 * msPerDay);
  return new Map(
    sessions
      .filter(({ day }) => day * msPerDay >= from && day * msPerDay <= to)
      .map(({ day, openMs, closeMs, pauses }) => {
        const breaks = (pauses ?? [])
          .filter(pause => pause.kind === 'break')
          .map(pause => ` break ${iso(pause.fromMs)} ${iso(pause.toMs)}`);
        return [isoDate(day), `${iso(openMs)} ${iso(closeMs)}${breaks.join('')}`];
      }),
  );
}

const folder = process.argv[2];
if (folder === undefined) {
  console.error('usage: node --import tsx test/calendar/compare-sessions.ts FOLDER');
  process.exit(2);
}

let differences = 0;
let compared = 0;
let missing = 0;
for (const [table, name] of Object.entries(tables)) {
  const text = tableText(folder, table);
  if (text === undefined) {
    console.log(`${name}: no table ${table}.csv in the folder`);
    missing++;
    continue;
  }
  const published = publishedSessions(text);
  const dates = [...published.keys()].sort();
  const computed = computedSessions(name, dates[0]!, dates.at(-1)!);
  const all = [...new Set([...published.keys(), ...computed.keys()])].sort();
  const differing = all.filter(date => published.get(date) !== computed.get(date));
  const none = 'no session';
  for (const date of differing)
    console.log(`  ${name} ${date}: published ${published.get(date) ?? none}, by rule ${computed.get(date) ?? none}`);
  console.log(`${name}: ${published.size} sessions ${dates[0]} to ${dates.at(-1)}, ${differing.length} differences`);
  differences += differing.length;
  compared += published.size;
}
console.log(`${compared} sessions compared, ${differences} differences`);
process.exit(differences > 0 || missing > 0 ? 1 : 0);
