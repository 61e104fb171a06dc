/** What the page knows about the running stack, kept fresh by the event stream and, where that is silent, by asking. */
import { type AlarmStateName, type AlarmView, api, type InboxItem, type IncidentView, type LogEvent, type Status } from './api.ts';
import { signal } from './signal.ts';

export interface Transition {
  readonly alarm: string;
  readonly from: AlarmStateName;
  readonly to: AlarmStateName;
  readonly atMs: number;
  readonly reason: string;
}

export const status = signal<Status | undefined>(undefined);
export const alarms = signal<readonly AlarmView[]>([]);
export const inbox = signal<readonly InboxItem[]>([]);
export const incidents = signal<readonly IncidentView[]>([]);
/** Newest first; those since the page was opened, and before that the last one of each alarm. */
export const transitions = signal<readonly Transition[]>([]);
/** Set at each virtual minute after alarms were evaluated, at most five times a second. */
export const tick = signal<number>(0);
export const logLine = signal<(LogEvent & { readonly group: string }) | undefined>(undefined);
export type Connection = 'connecting' | 'live' | 'lost';
export const connection = signal<Connection>('connecting');

interface ClockBase {
  readonly virtualMs: number;
  readonly realMs: number;
  readonly speed: number | 'max';
}

let clock: ClockBase = { virtualMs: Date.now(), realMs: performance.now(), speed: 0 };

/** Virtual now, carried on at the clock's speed since it was last heard of; by a minute at most while the stream is silent. */
export function nowMs(): number {
  if (clock.speed === 'max') return clock.virtualMs;
  return clock.virtualMs + Math.min(performance.now() - clock.realMs, 15_000) * clock.speed;
}

export const speed = (): number | 'max' => clock.speed;

function setClock(now: unknown, at: unknown): void {
  const virtualMs = typeof now === 'number' ? now : Date.parse(String(now));
  if (Number.isNaN(virtualMs)) return;
  clock = { virtualMs, realMs: performance.now(), speed: typeof at === 'number' || at === 'max' ? at : clock.speed };
}

/** Runs the job soon, and never twice within `waitMs`; calls while it waits or runs lead to one more run at the end, never to a pile. */
function coalesce(job: () => Promise<void>, waitMs: number): () => void {
  let state: 'idle' | 'due' | 'busy' | 'again' = 'idle';
  let began = Number.NEGATIVE_INFINITY;
  const work = async () => {
    state = 'busy';
    began = performance.now();
    await job().catch(() => undefined);
    const isAsked = (state as string) === 'again';
    state = 'idle';
    if (isAsked) run();
  };
  const run = () => {
    if (state === 'busy') state = 'again';
    if (state !== 'idle') return;
    state = 'due';
    setTimeout(work, Math.max(0, began + waitMs - performance.now()));
  };
  return run;
}

/** The stack's state and with it its clock: what is asked for before it is heard would be of this machine's time, where there may be no data. */
export function heard(next: Status): void {
  setClock(next.now, next.speed);
  status.set(next);
}

export const refreshStatus = coalesce(async () => heard(await api.status()), 500);

export const refreshAlarms = coalesce(async () => {
  const next = await api.alarms();
  alarms.set(next);
  const known = transitions.get();
  const missing = next
    .filter(each => each.state !== 'INSUFFICIENT_DATA' && !known.some(one => one.alarm === each.name && one.to === each.state))
    .map(each => ({
      alarm: each.name,
      from: 'INSUFFICIENT_DATA' as const,
      to: each.state,
      atMs: Date.parse(each.since),
      reason: each.sentence,
    }));
  if (missing.length > 0) transitions.set([...known, ...missing].sort((a, b) => b.atMs - a.atMs).slice(0, 200));
}, 500);

export const refreshInbox = coalesce(async () => inbox.set(await api.inbox()), 500);
export const refreshIncidents = coalesce(async () => incidents.set(await api.incidents()), 500);

const pulse = coalesce(async () => {
  tick.set(tick.get() + 1);
  refreshAlarms();
  refreshStatus();
}, 200);

export function refreshAll(): void {
  refreshStatus();
  refreshAlarms();
  refreshInbox();
  refreshIncidents();
}

function onTransition(data: Record<string, unknown>): void {
  const atMs = typeof data['atMs'] === 'number' ? data['atMs'] : Date.parse(String(data['at']));
  const made = {
    alarm: String(data['alarm'] ?? data['name'] ?? ''),
    from: String(data['from']) as AlarmStateName,
    to: String(data['to']) as AlarmStateName,
    atMs,
    reason: String(data['reason'] ?? ''),
  };
  const others = transitions.get().filter(each => each.alarm !== made.alarm || each.atMs !== atMs);
  transitions.set([made, ...others].slice(0, 200));
  refreshAlarms();
  refreshIncidents();
}

export function startLive(): void {
  refreshAll();
  const source = new EventSource('/api/stream');
  source.addEventListener('open', () => {
    if (connection.get() === 'lost') refreshAll();
    connection.set('live');
  });
  source.addEventListener('error', () => connection.set('lost'));
  const on = (name: string, handle: (data: Record<string, unknown>) => void) =>
    source.addEventListener(name, event => {
      const data: unknown = JSON.parse((event as MessageEvent<string>).data || '{}');
      handle(typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {});
    });
  on('clock', data => setClock(data['now'], data['speed']));
  on('tick', data => {
    setClock(data['now'], data['speed']);
    pulse();
  });
  on('transition', onTransition);
  on('notification', () => {
    refreshInbox();
    refreshIncidents();
  });
  on('incident', refreshIncidents);
  on('log', data => {
    const message = typeof data['message'] === 'string' ? data['message'] : JSON.stringify(data['message']);
    logLine.set({ group: String(data['group']), at: String(data['at']), stream: String(data['stream'] ?? ''), message });
  });
  setInterval(() => {
    if (document.visibilityState === 'visible') refreshStatus();
  }, 2000);
  setInterval(() => {
    if (document.visibilityState === 'visible' && connection.get() !== 'live') refreshAll();
  }, 10_000);
}
