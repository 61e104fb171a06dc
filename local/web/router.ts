/** The address after `#`: which page, which thing on it, and the time range. Pure but for `currentRoute` and `go`. */
import type { Range } from './dashboard/period.ts';
import { presetOf } from './dashboard/period.ts';
import { signal } from './signal.ts';

export interface Route {
  /** First part: a dashboard's tab, or `alarms`, `incidents`, `logs`, `inbox`. Empty means the start page. */
  readonly page: string;
  readonly item?: string;
  readonly search: Readonly<Record<string, string>>;
}

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page = '', ...rest] = path.split('/');
  const item = rest.length === 0 ? undefined : decode(rest.join('/'));
  return {
    page: decode(page),
    search: Object.fromEntries(new URLSearchParams(query)),
    ...(item === undefined || item === '' ? {} : { item }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function routeHash({ page, item, search }: Route): string {
  const query = new URLSearchParams(search).toString();
  return `#/${encodeURIComponent(page)}${item === undefined ? '' : `/${encodeURIComponent(item)}`}${query === '' ? '' : `?${query}`}`;
}

/** The range in an address; undefined when it has none or one that cannot be read. */
export function rangeOf(search: Readonly<Record<string, string>>): Range | undefined {
  const preset = presetOf(search['range'] ?? '');
  if (preset !== undefined) return { kind: 'preset', id: preset.id };
  const fromMs = Date.parse(search['from'] ?? '');
  const toMs = Date.parse(search['to'] ?? '');
  return fromMs < toMs ? { kind: 'fixed', fromMs, toMs } : undefined;
}

export function rangeSearch(range: Range): Record<string, string> {
  return range.kind === 'preset'
    ? { range: range.id }
    : { from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString() };
}

export const route = signal<Route>(parseRoute(location.hash));

export function startRouter(): void {
  addEventListener('hashchange', () => route.set(parseRoute(location.hash)));
}

/** Changes the address without a new entry in the history, for ranges and filters. */
export function amend(search: Readonly<Record<string, string>>): void {
  const next = { ...route.get(), search };
  history.replaceState(null, '', routeHash(next));
  route.set(next);
}

export const alarmHref = (name: string): string => routeHash({ page: 'alarms', item: name, search: {} });
export const incidentHref = (id: string): string => routeHash({ page: 'incidents', item: id, search: {} });
