/** The web API of the local stack, typed. Times are ISO 8601 text; `now` is virtual. */
import { type SharedTimes, unshareTimes } from '../../core/series/share-times.ts';

export interface BotStatus {
  readonly id: string;
  readonly strategies: readonly string[];
  readonly state: 'new' | 'up' | 'late' | 'down' | 'paused';
  readonly lastHeartbeat?: string;
  readonly process?: 'running' | 'stopped';
}

export interface Status {
  readonly stage: string;
  readonly simulated: boolean;
  /** What is shown, where it is no running stack. */
  readonly note?: string;
  readonly speed: number | 'max';
  readonly now: string;
  readonly startedAt: string;
  readonly ingestUrl: string;
  readonly bots: readonly BotStatus[];
  readonly counts: { readonly accepted: number; readonly duplicates: number; readonly rejected: number };
  readonly functions: readonly { readonly name: string; readonly invocations: number; readonly errors: number; readonly lastMs?: number }[];
  readonly connect: { readonly env: string | Readonly<Record<string, string>>; readonly curl: string };
}

export interface DashboardEntry {
  readonly name: string;
  readonly title: string;
  readonly audience: string;
}

export type SeriesQuery =
  | {
      readonly id: string;
      readonly namespace: string;
      readonly metricName: string;
      readonly dimensions: Readonly<Record<string, string>>;
      readonly stat: string;
      readonly period: number;
      readonly label?: string;
      readonly returnData?: boolean;
      /** One value over the whole range. */
      readonly isWhole?: boolean;
      /** A drawing needs no more points than that; the others are left out without losing extremes. */
      readonly points?: number;
    }
  | {
      readonly id: string;
      readonly expression: string;
      readonly period: number;
      readonly label?: string;
      readonly returnData?: boolean;
      readonly points?: number;
    };

export interface SeriesResult {
  readonly id: string;
  readonly label: string;
  readonly unit?: string;
  /** Milliseconds since the epoch, rising. Gaps are left out. */
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
  /** Milliseconds that a point stands for, where the server left points out of a drawing. */
  readonly slotMs?: number;
}

export type AlarmStateName = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface AlarmTransition {
  readonly at: string;
  readonly from: AlarmStateName;
  readonly to: AlarmStateName;
  readonly reason: string;
}

export interface AlarmView {
  readonly name: string;
  readonly kind: string;
  readonly state: AlarmStateName;
  readonly since: string;
  readonly severity?: string;
  readonly description: string;
  readonly sentence: string;
  readonly firstAction?: string;
  /** Why it is in its state. */
  readonly reason?: string;
  readonly threshold?: number;
  readonly operator?: string;
  readonly metrics?: readonly unknown[];
  readonly thresholdMetricId?: string;
  readonly periodSeconds?: number;
  readonly evaluationPeriods?: number;
  readonly datapointsToAlarm?: number;
  readonly rule?: string;
  readonly nextEvaluation?: string;
  readonly expected?: string;
  readonly history?: readonly AlarmTransition[];
}

export interface LogGroup {
  readonly name: string;
  readonly events: number;
  readonly lastAt?: string;
}

export interface LogEvent {
  readonly at: string;
  readonly stream: string;
  readonly message: string;
}

export interface InboxItem {
  readonly id: string;
  /** Kind of channel: `slack`, `slackApp`, `pagerduty`, … */
  readonly channel: string;
  /** Its id in the config. */
  readonly channelId?: string;
  readonly at: string;
  readonly alarm?: string;
  readonly incident?: string;
  readonly state: string;
  readonly request: { readonly url: string; readonly body: unknown };
  readonly ok: boolean;
  /** Seconds from the fact to the send, measured. */
  readonly ageSeconds?: number;
  /** The message that the request made; the same id again edits it. */
  readonly message?: {
    readonly id: string;
    readonly isEdit: boolean;
    readonly parent?: string;
    readonly isPrivate?: boolean;
    readonly isChange?: boolean;
  };
}

/** A button pressed in the inbox, or a command typed there. */
export interface Press {
  readonly channel: string;
  readonly message?: string;
  readonly action?: string;
  readonly value?: string;
  readonly text?: string;
}

export interface IncidentView {
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly severity: string;
  readonly status: string;
  readonly openedAt: string;
  readonly acknowledgedAt?: string;
  readonly resolvedAt?: string;
  readonly alarms: readonly string[];
  readonly timeline: readonly { readonly at: string; readonly text: string }[];
}

export interface Provocation {
  readonly id: string;
  readonly title: string;
  readonly explains: string;
}

export interface QueryTable {
  readonly fields: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Something that happened to all charts at once. */
export interface MomentView {
  readonly at: string;
  readonly kind: 'deploy' | 'change' | 'open' | 'close';
  readonly text: string;
  readonly strategies: readonly string[];
}

/** The server answered, but not with what was asked for. `message` is a sentence for the reader. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function read<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(path, init);
  const text = await response.text();
  if (!response.ok) throw new ApiError(response.status, messageOf(text) ?? `${path} answered ${response.status}`);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError(response.status, `${path} did not answer with JSON`);
  }
}

function messageOf(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return undefined;
    const said = 'message' in body ? body.message : 'error' in body ? body.error : undefined;
    return typeof said === 'string' ? said : undefined;
  } catch {
    return undefined;
  }
}

const post = <T>(path: string, body: unknown): Promise<T> =>
  read<T>(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

const part = encodeURIComponent;

export const api = {
  status: () => read<Status>('/api/status'),
  dashboards: () => read<DashboardEntry[]>('/api/dashboards'),
  dashboard: (name: string) => read<{ name: string; body: unknown }>(`/api/dashboards/${part(name)}`),
  metricData: async (request: { from: string; to: string; queries: readonly SeriesQuery[] }): Promise<{ series: SeriesResult[] }> => {
    const { series } = await post<{ series: SharedTimes<SeriesResult>[] }>('/api/metric-data', { ...request, shareTimes: true });
    return { series: unshareTimes(series) };
  },
  /** Deploys, changes and sessions of a range; markets with too many sessions for it are named instead. */
  moments: (range: { from: string; to: string }) =>
    read<{ moments: MomentView[]; crowded: string[] }>(`/api/moments?${new URLSearchParams(range)}`),
  alarms: () => read<AlarmView[]>('/api/alarms'),
  alarm: (name: string) => read<AlarmView>(`/api/alarms/${part(name)}`),
  logGroups: () => read<LogGroup[]>('/api/logs/groups'),
  logs: (query: { group: string; pattern?: string; limit: number; before?: string }) => {
    const search = new URLSearchParams({ group: query.group, limit: String(query.limit) });
    if (query.pattern !== undefined && query.pattern !== '') search.set('pattern', query.pattern);
    if (query.before !== undefined) search.set('before', query.before);
    return read<{ events: LogEvent[] }>(`/api/logs?${search}`);
  },
  logQuery: (request: { groups: readonly string[]; query: string; from: string; to: string }) =>
    post<QueryTable>('/api/logs/query', request),
  /** Values of a dimension among the metrics that a search finds. */
  searchValues: (search: { expression: string; populateFrom: string }) => post<{ values: string[] }>('/api/search-values', search),
  widget: (request: { functionArn: string; name: string; params: unknown; widgetContext: unknown }) =>
    post<{ html: string; note?: string }>('/api/widget', request),
  inbox: () => read<InboxItem[]>('/api/inbox'),
  incidents: () => read<IncidentView[]>('/api/incidents'),
  postMortem: (id: string) => read<{ markdown: string }>(`/api/post-mortem?id=${part(id)}`),
  press: (press: Press) => post<{ status: number }>('/api/press', press),
  provocations: () => read<Provocation[]>('/api/provoke'),
  provoke: (id: string, botId?: string) =>
    post<{ ok: boolean; text: string }>(`/api/provoke/${part(id)}`, botId === undefined ? {} : { botId }),
};
