/** Restarts against memory: a dead bot with its incident, what is known of its positions, and the local ECS behind the real adapter. */
import { createAlertStore } from '../../adapters/aws/alert-store.ts';
import { createEcs } from '../../adapters/aws/ecs.ts';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createRestartStore } from '../../adapters/aws/restart-store.ts';
import { createSignalStore } from '../../adapters/aws/signal-store.ts';
import { createSilenceStore } from '../../adapters/aws/silence-store.ts';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import { createSweepStore } from '../../adapters/aws/sweep-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { parseConfig } from '../../core/config/parse.ts';
import type { FleetMemory } from '../../core/health/fleet.ts';
import { newHealth } from '../../core/health/initial.ts';
import type { Pulse } from '../../core/health/pulse.ts';
import type { HealthStatus } from '../../core/health/silence.ts';
import type { Alert } from '../../core/incidents/alert.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { incidentKey } from '../../core/incidents/key.ts';
import type { RestartOrder } from '../../core/incidents/restart.ts';
import type { StrategyView } from '../../core/ledger/view.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { type RestartTools, restart } from '../../lambdas/actions/restarts.ts';
import { AwsError } from '../../local/endpoint/errors.ts';
import { createLocalEcs } from '../../local/services/ecs.ts';
import { signal } from '../notify/pages.ts';

export const startMs = Date.parse('2026-11-22T03:05:00Z');
export const key = incidentKey('heartbeat-missing', { Strategy: 'momentum' });
export const target = { cluster: 'trading', service: 'momentum' };
const arn = 'arn:aws:ecs:us-east-1:000000000000:service/trading/momentum';

/** Flat, without orders, heard when it died. */
export const flatView = (changes: Partial<StrategyView> = {}): StrategyView => ({
  schemaVersion: 1,
  at: startMs - 50_000,
  gauges: { openOrders: 0, incomplete: 0 },
  positions: [],
  ...changes,
});

export const deadPulse = (changes: Partial<Pulse> = {}, beat: Partial<NonNullable<Pulse['heartbeat']>> = {}): Pulse => ({
  schemaVersion: 1,
  lastEventMs: startMs - 50_000,
  heartbeat: { at: startMs - 50_000, status: 'ok', component: 'main', intervalMs: 10_000, startedAt: startMs - 86_400_000, ...beat },
  ...changes,
});

export const deadAlert = (changes: Partial<Alert> = {}): Alert => ({
  schemaVersion: 1,
  key,
  sources: { fast: { state: 'ALARM', at: startMs, alarm: 'heartbeat-missing' } },
  signal: signal({ key, alarm: 'heartbeat-missing', alarmId: 'heartbeat-missing', dimensions: { Strategy: 'momentum' }, atMs: startMs }),
  severity: 'critical',
  alarms: ['heartbeat-missing'],
  startsAt: startMs,
  firings: [startMs],
  groups: [key],
  ...changes,
});

export const deadIncident = (changes: Partial<Incident> = {}): Incident => ({
  id: `${isoFromMs(startMs)}#${key}`,
  key,
  title: 'momentum: heartbeat missing',
  severity: 'critical',
  status: 'open',
  openedAt: startMs,
  alarms: ['heartbeat-missing'],
  firing: [key],
  signal: deadAlert().signal!,
  channels: { chat: { triggeredAt: startMs, notice: 1, revision: 0 } },
  notice: 1,
  timeline: [],
  ...changes,
});

/** What ECS does instead of answering: an error by its name, a connection that ends before or after the call has arrived. */
export type Fault = { readonly error: string } | 'lostBefore' | 'lostAfter';

export interface RestartOptions {
  readonly bot?: Readonly<Record<string, unknown>>;
  readonly otherBots?: readonly Readonly<Record<string, unknown>>[];
  readonly ecsRestart?: Readonly<Record<string, unknown>>;
  /** Heads by strategy; `null` for one that was never heard. */
  readonly heads?: Readonly<Record<string, { readonly view?: StrategyView; readonly pulse?: Pulse } | null>>;
  readonly alert?: Alert | null;
  readonly incident?: Incident | null;
  readonly fleet?: FleetMemory;
  readonly health?: HealthStatus;
  /** Answers of ECS in order, by operation; what is not named works. */
  readonly faults?: Readonly<Record<string, readonly (Fault | undefined)[]>>;
}

export async function restartStory(options: RestartOptions = {}) {
  const parsed = parseConfig({
    bots: [
      { id: 'bot-1', strategies: ['momentum'], ...options.bot, ecsRestart: { ...target, dryRun: false, ...options.ecsRestart } },
      ...(options.otherBots ?? []),
    ],
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const config = parsed.value;
  let nowMs = startMs + 5_000;
  const now = () => nowMs;
  const table = createMemoryTable();
  const strategies = createStrategyStore(table);
  for (const { id } of config.bots.flatMap(bot => bot.strategies)) {
    const head = options.heads !== undefined && id in options.heads ? options.heads[id] : {};
    if (head === null || head === undefined) continue;
    const beside = { view: flatView(), pulse: deadPulse(), ...head };
    await strategies.saveWith(id, 0, { head: '{}', parts: {} }, beside);
  }
  const sweeps = createSweepStore(table);
  if (options.fleet !== undefined) await sweeps.saveFleet(0, options.fleet);
  if (options.health !== undefined) await sweeps.saveHealth('bot-1', 0, { ...newHealth(startMs), status: options.health });
  const incidents = createIncidentStore(table, now);
  const alerts = createAlertStore(table, now);
  const putIncident = async (incident: Incident) => {
    const stored = await incidents.load(incident.key);
    await incidents.save({ schemaVersion: 1, key: incident.key, incident }, stored?.version ?? 0);
  };
  const putAlert = async (alert: Alert) => void (await alerts.save(alert, (await alerts.load(alert.key))?.version ?? 0));
  if (options.alert !== null) await putAlert(options.alert ?? deadAlert());
  if (options.incident !== null) await putIncident(options.incident ?? deadIncident());
  const local = createLocalEcs([target], { accountId: '000000000000', region: 'us-east-1', now }, () => undefined);
  const calls: string[] = [];
  const asked = new Map<string, number>();
  const fetch = async (_url: string, init: RequestInit): Promise<Response> => {
    const operation = String((init.headers as Record<string, string>)['x-amz-target']).split('.')[1]!;
    const nth = asked.get(operation) ?? 0;
    asked.set(operation, nth + 1);
    calls.push(operation);
    const fault = options.faults?.[operation]?.[nth];
    if (fault === 'lostBefore') throw new TypeError('fetch failed');
    if (typeof fault === 'object') return new Response(JSON.stringify({ __type: `com.amazonaws.ecs#${fault.error}` }), { status: 400 });
    try {
      const answer = await local.service.operations[operation]!(JSON.parse(String(init.body)) as Record<string, unknown>, {});
      if (fault === 'lostAfter') throw new TypeError('fetch failed');
      return new Response(JSON.stringify(answer));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return new Response(JSON.stringify({ __type: error.code, message: error.message }), { status: error.status });
    }
  };
  const queued: { readonly order: RestartOrder; readonly atMs: number }[] = [];
  const woken: string[] = [];
  const logged: Readonly<Record<string, unknown>>[] = [];
  const log = (message: string, fields = {}) => void logged.push({ message, ...fields });
  const tools: RestartTools = {
    config,
    incidents,
    alerts,
    silences: createSilenceStore(table),
    signals: createSignalStore(table),
    restarts: createRestartStore(table),
    sweeps,
    ecs: createEcs({ fetch, now }),
    orderRestart: async (order, seconds) => void queued.push({ order, atMs: nowMs + seconds * 1000 }),
    wake: async woke => void woken.push(woke),
    send: { fetch, sleep: async () => undefined, now, random: () => 0.5 },
    output: { info: log, warn: log, error: log, metrics: () => undefined },
  };
  const order: RestartOrder = { kind: 'restart', botId: 'bot-1', key, alarmId: 'heartbeat-missing', atMs: startMs };
  const stored = async () => (await incidents.load(key))?.state.incident;
  return {
    tools,
    order,
    local,
    calls,
    queued,
    woken,
    logged,
    putAlert,
    putIncident,
    stored,
    table,
    now,
    pass: (seconds: number) => {
      nowMs += seconds * 1000;
    },
    run: (given: RestartOrder = order) => restart(given, tools),
    /** Carries out what waits in the queue, in order of time, until nothing does or `until` is reached. */
    drain: async (untilMs = Number.POSITIVE_INFINITY) => {
      for (let turns = 0; turns < 100; turns++) {
        queued.sort((a, b) => a.atMs - b.atMs);
        const next = queued[0];
        if (next === undefined || next.atMs > untilMs) return;
        queued.shift();
        nowMs = Math.max(nowMs, next.atMs);
        await restart(next.order, tools);
      }
      throw new Error('an order never ends');
    },
    /** What the page says of the restart now. */
    said: async () => (await stored())?.measures?.map(({ text }) => text) ?? [],
    /** Deployments that ECS has made. */
    updates: () => calls.filter(each => each === 'UpdateService').length,
    entries: async () => (await tools.restarts.load(target)).value.entries,
    notes: async () => (await incidents.notes(key, 0, nowMs + 86_400_000)).map(({ text }) => text),
    arn,
  };
}
