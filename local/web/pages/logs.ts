/** Log groups: filter patterns, live tail, older lines on demand. */
import { ApiError, api, type LogEvent } from '../api.ts';
import { h, keyed, replace, setText } from '../dom.ts';
import { formatMoment } from '../format.ts';
import { logLine, status, tick } from '../live.ts';
import { drawMessage, levelOf } from '../log-line.ts';
import { amend, route } from '../router.ts';
import { memory, zone } from '../theme.ts';
import type { PageContext } from './page.ts';

const pageSize = 200;

export function logsPage({ scope, toolbar }: PageContext): HTMLElement {
  const group = h('select', { 'aria-label': 'Log group', 'data-testid': 'log-group' });
  const pattern = h('input', {
    type: 'search',
    class: 'pattern',
    spellcheck: 'false',
    placeholder: 'Filter pattern, e.g. { $.eventType = "error" } or ERROR',
    'aria-label': 'Filter pattern',
    'data-testid': 'log-pattern',
  });
  const tail = h('button', { type: 'button', 'aria-pressed': 'true', 'data-testid': 'log-tail' }, 'Live tail');
  const said = h('p', { class: 'page-said' });
  const lines = h('div', { class: 'log-lines', role: 'log', 'aria-live': 'off', tabindex: '0', 'aria-label': 'Log lines, newest first' });
  const older = h('button', { type: 'button', class: 'older' }, 'Older lines');
  toolbar.append(tail);
  let events: readonly LogEvent[] = [];
  let older200: readonly LogEvent[] = [];
  let over = false;
  let asking = 0;
  scope.add(() => {
    over = true;
  });
  pattern.value = route.get().search['pattern'] ?? '';

  const isTailing = () => tail.getAttribute('aria-pressed') === 'true';
  const draw = () => {
    const all = [...events, ...older200];
    keyed(lines, numbered(all), {
      key: each => each.key,
      version: () => zone.get(),
      draw: ({ event }) => logRow(event),
    });
    older.hidden = all.length < pageSize;
    if (all.length === 0) setText(said, pattern.value === '' ? 'This log group has no lines yet.' : 'No line matches the pattern.');
    said.hidden = all.length > 0;
  };
  const load = async () => {
    if (group.value === '') return;
    asking += 1;
    const mine = asking;
    try {
      const found = await api.logs({ group: group.value, pattern: pattern.value, limit: pageSize });
      if (over || mine !== asking) return;
      pattern.removeAttribute('aria-invalid');
      events = newestFirst(found.events);
      draw();
    } catch (error) {
      if (over || mine !== asking) return;
      pattern.setAttribute('aria-invalid', 'true');
      setText(said, error instanceof ApiError ? error.message : 'The local stack did not answer.');
      said.hidden = false;
      lines.replaceChildren();
    }
  };
  const restart = () => {
    older200 = [];
    memory.set('logGroup', group.value);
    amend({ ...(pattern.value === '' ? {} : { pattern: pattern.value }), group: group.value });
    void load();
  };
  const start = async () => {
    const groups = await api.logGroups();
    const bots = status.get()?.bots ?? (await api.status()).bots;
    const wanted =
      route.get().search['group'] ??
      memory.get('logGroup') ??
      (groups.find(each => bots.some(bot => each.name.endsWith(`/${bot.id}`))) ?? groups[0])?.name;
    replace(
      group,
      ...groups.map(each =>
        h('option', { value: each.name, selected: each.name === wanted }, `${each.name} (${each.events.toLocaleString('en-US')})`),
      ),
    );
    if (groups.length === 0) setText(said, 'The stack has no log group yet.');
    await load();
  };
  group.addEventListener('change', restart);
  pattern.addEventListener('change', restart);
  tail.addEventListener('click', () => {
    tail.setAttribute('aria-pressed', String(!isTailing()));
    if (isTailing()) void load();
  });
  older.addEventListener('click', async () => {
    const last = [...events, ...older200].at(-1);
    if (last === undefined) return;
    tail.setAttribute('aria-pressed', 'false');
    const found = await api.logs({ group: group.value, pattern: pattern.value, limit: pageSize, before: last.at });
    older200 = [...older200, ...newestFirst(found.events)];
    draw();
  });
  const follow = () => {
    if (isTailing() && document.visibilityState === 'visible' && lines.querySelector('details[open]') === null) void load();
  };
  let waiting = false;
  scope.add(
    logLine.onChange(line => {
      if (line?.group !== group.value || waiting) return;
      waiting = true;
      setTimeout(() => {
        waiting = false;
        if (!over) follow();
      }, 1000);
    }),
  );
  scope.add(tick.onChange(follow));
  scope.add(zone.onChange(draw));
  start().catch(() => setText(said, 'The local stack did not answer.'));
  return h('div', { class: 'logs' }, h('div', { class: 'log-tools' }, group, pattern), said, lines, older);
}

const newestFirst = (events: readonly LogEvent[]) => [...events].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));

/** Equal lines of the same moment get a number each. */
function numbered(events: readonly LogEvent[]): { readonly key: string; readonly event: LogEvent }[] {
  const seen = new Map<string, number>();
  return events.map(event => {
    const name = `${event.at}|${event.stream}|${event.message}`;
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return { key: `${name}|${times}`, event };
  });
}

function logRow(event: LogEvent): HTMLElement {
  const level = levelOf(event.message);
  return h(
    'div',
    { class: 'log-row', 'data-level': level },
    h('time', { datetime: event.at, title: event.stream }, formatMoment(Date.parse(event.at), zone.get())),
    h('span', { class: 'level' }, level === 'none' ? '' : level),
    drawMessage(event.message),
  );
}
