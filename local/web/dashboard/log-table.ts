/** The answer of a log query as a table. Rows that hold a JSON message can be opened. */
import type { QueryTable } from '../api.ts';
import { h } from '../dom.ts';
import { formatMoment } from '../format.ts';
import { drawMessage, levelOf } from '../log-line.ts';
import { zone } from '../theme.ts';

const isTime = (field: string) => field === '@timestamp' || field === '@ingestionTime' || /^bin\(/.test(field);

export function drawLogTable(host: HTMLElement, table: QueryTable): void {
  const fields = table.fields.filter(field => field !== '@ptr');
  const indexes = fields.map(field => table.fields.indexOf(field));
  host.replaceChildren(
    h(
      'table',
      { class: 'data log-table' },
      h('thead', {}, h('tr', {}, ...fields.map(field => h('th', { scope: 'col' }, field.replace(/^@/, ''))))),
      h(
        'tbody',
        {},
        ...table.rows.slice(0, 500).map(row => {
          const message = row[table.fields.indexOf('@message')];
          const level =
            typeof message === 'string'
              ? levelOf(message)
              : levelOf(JSON.stringify({ level: row[fields.findIndex(field => /level|severity/i.test(field))] }));
          return h('tr', { 'data-level': level }, ...indexes.map((index, at) => cell(fields[at] ?? '', row[index])));
        }),
      ),
    ),
  );
}

function cell(field: string, value: unknown): HTMLElement {
  if (value === null || value === undefined) return h('td', {});
  if (isTime(field)) {
    const ms =
      typeof value === 'number' ? value : Date.parse(String(value).includes('Z') ? String(value) : `${String(value).replace(' ', 'T')}Z`);
    return h('td', { class: 'time' }, Number.isNaN(ms) ? String(value) : formatMoment(ms, zone.get()));
  }
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (field === '@message') return h('td', { class: 'log-message' }, drawMessage(text));
  const isNumber = text !== '' && Number.isFinite(Number(text));
  return h('td', { class: isNumber ? 'num' : '' }, text);
}
