/** A stage for stories of the notifier: a fake clock, a table in memory, channels that write down what they get. */
import { createAlertStore } from '../../adapters/aws/alert-store.ts';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { readProbeStates } from '../../adapters/aws/probe-states.ts';
import { createSilenceStore } from '../../adapters/aws/silence-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { breachMessage, type FastBreach } from '../../core/incidents/breach.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { linksFor } from '../../core/incidents/links.ts';
import type { MoneyAtRisk } from '../../core/incidents/money-at-risk.ts';
import { type Again, sweepEvent } from '../../core/incidents/wake.ts';
import { type NotifierCounts, type NotifierTools, notify } from '../../lambdas/notifier/notifier.ts';
import { ownMessage, snsEvent } from '../notify/payloads.ts';

const config: NightdeskConfig = {
  stage: 'demo',
  bots: [],
  channels: {
    slack: { kind: 'slack', webhook: { secretName: 'slack-secret' } },
    pagerduty: { kind: 'pagerduty', routingKey: { secretName: 'pagerduty-secret' }, region: 'us' },
  },
  routes: { critical: ['slack', 'pagerduty'], warning: ['slack'], info: ['slack'] },
  retentionDays: 30,
  closedMarkets: { warmUpMinutes: 5, horizonDays: 60 },
} as NightdeskConfig;

const startMs = Date.parse('2026-03-09T03:00:00Z');

export interface Sent {
  readonly channel: 'slack' | 'pagerduty';
  readonly at: string;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** An answer, or what stands in for one: a broken connection, a name that nobody knows, or silence until the sender stops waiting. */
type Answer = { readonly status: number; readonly headers?: Record<string, string> } | 'hang up' | 'no such name' | 'hangs';

/** What `fetch` throws when there is no answer. */
function failureOf(answer: Answer & string, url: string): Error {
  if (answer === 'hangs') return new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  return answer === 'hang up'
    ? new TypeError(`fetch failed for ${url}`)
    : new TypeError(`fetch failed for ${url}`, { cause: Object.assign(new Error(`getaddrinfo ENOTFOUND ${url}`), { code: 'ENOTFOUND' }) });
}

/** How long the sender waits for a connection that hangs. */
const HANG_MS = 5_000;

export interface Story {
  readonly tools: NotifierTools;
  readonly table: ReturnType<typeof createMemoryTable>;
  readonly sent: Sent[];
  readonly counts: NotifierCounts[];
  readonly log: string[];
  /** Answers of a channel, in order; afterwards it accepts. */
  readonly answers: { slack: Answer[]; pagerduty: Answer[] };
  /** Moves the clock, in seconds since the start. */
  at(seconds: number): Story;
  /** Moves the clock to an instant. */
  until(ms: number): Story;
  deliver(...messages: readonly unknown[]): Promise<void>;
  /** The notifier's own minute. */
  sweep(): Promise<void>;
  /** What was asked for with a delayed message. */
  /** Signals that are to come back, since they could not be stored. */
  readonly lost: Again[];
  readonly wakes: readonly { readonly key: string; readonly at: number }[];
  cloudWatch(alarm: string, state: 'OK' | 'ALARM', atSeconds?: number): unknown;
  fast(alarm: string, state: 'OK' | 'ALARM', atSeconds?: number, changes?: Partial<FastBreach>): unknown;
  incidents(): Promise<readonly Incident[]>;
  /** `slack trigger`, `pagerduty resolve`, … in order. */
  told(): readonly string[];
}

export function story(money?: MoneyAtRisk, changes: Partial<NightdeskConfig> = {}): Story {
  let nowMs = startMs;
  const table = createMemoryTable();
  const sent: Sent[] = [];
  const counts: NotifierCounts[] = [];
  const log: string[] = [];
  const answers: Story['answers'] = { slack: [], pagerduty: [] };
  const incidents = createIncidentStore(table, () => nowMs);
  const lost: Again[] = [];
  const wakes: { readonly key: string; readonly at: number }[] = [];
  const tools: NotifierTools = {
    config: { ...config, ...changes },
    alerts: createAlertStore(table, () => nowMs),
    incidents,
    silences: createSilenceStore(table),
    wakeAt: async (key, at) => void wakes.push({ key, at }),
    again: async message => void lost.push(message),
    tellChanges: async () => undefined,
    moneyAtRisk: async () => money,
    probesOf: botId => readProbeStates(table, botId),
    secrets: {
      read: async name => (name === 'slack-secret' ? 'https://hooks.slack.com/services/T0/B0/very-secret' : 'very-secret-key'),
      forget: () => {},
    },
    send: {
      fetch: async (url, init) => {
        const channel = url.includes('slack') ? 'slack' : 'pagerduty';
        const answer = answers[channel].shift() ?? { status: 200 };
        if (typeof answer === 'string') {
          // Only a sender that set a limit comes back from a connection that hangs.
          if (answer === 'hangs' && !(init.signal instanceof AbortSignal)) return new Promise<never>(() => {});
          if (answer === 'hangs') nowMs += HANG_MS;
          throw failureOf(answer, url);
        }
        if (answer.status < 300) {
          const body = JSON.parse(String(init.body)) as Record<string, unknown>;
          const text = channel === 'slack' ? String(body['text']) : String(body['event_action']);
          sent.push({ channel, at: new Date(nowMs).toISOString(), text, body });
        }
        return new Response('answer', { status: answer.status, ...(answer.headers === undefined ? {} : { headers: answer.headers }) });
      },
      sleep: async ms => {
        nowMs += ms;
      },
      now: () => nowMs,
      random: () => 0.5,
    },
    links: linksFor({ region: 'eu-west-1' }),
    output: createOutput(line => void log.push(line)),
    metricLines: counted => {
      counts.push(counted);
      return [];
    },
  };
  const iso = (seconds: number | undefined) => new Date(seconds === undefined ? nowMs : startMs + seconds * 1000).toISOString();
  const self: Story = {
    tools,
    table,
    sent,
    counts,
    log,
    answers,
    at: seconds => {
      nowMs = startMs + seconds * 1000;
      return self;
    },
    until: ms => {
      nowMs = ms;
      return self;
    },
    sweep: () => notify(sweepEvent, tools),
    wakes,
    lost,
    deliver: (...messages) => notify(snsEvent(messages), tools),
    cloudWatch: (alarm, state, atSeconds) => ownMessage(alarm, state, iso(atSeconds)),
    fast: (alarm, state, atSeconds, changes = {}) =>
      JSON.parse(
        breachMessage({
          row: 'heartbeatAge',
          alarm,
          dimensions: { Strategy: 's1' },
          state,
          severity: 'critical',
          atMs: Date.parse(iso(atSeconds)),
          sinceMs: Date.parse(iso(atSeconds)) - 25_000,
          reason: 's1 is silent.',
          firstAction: 'Look at the venue.',
          ...changes,
        }),
      ) as unknown,
    incidents: () => incidents.list(100),
    told: () =>
      sent.map(
        ({ channel, body, text }) =>
          `${channel} ${channel === 'slack' ? (text.startsWith('[RESOLVED]') ? 'resolve' : 'trigger') : String(body['event_action'])}`,
      ),
  };
  return self;
}
