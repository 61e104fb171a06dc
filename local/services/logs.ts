/**
 * CloudWatch Logs: groups in memory, metric filters as lines come in, and subscriptions that deliver what came in during one
 * interval of virtual time (AWS publishes no bound for that delay, so it is a parameter).
 */
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { FilterMatcher } from '../../core/cloudwatch/filter-pattern.ts';
import { compileFilterPattern, logMessage } from '../../core/cloudwatch/filter-pattern.ts';
import type { LogRecord } from '../../core/cloudwatch/logs-query.ts';
import type { EpochMs } from '../../core/time/instant.ts';
import { AwsError } from '../endpoint/errors.ts';
import type { Authorize, Caller, Input, Service } from '../endpoint/service.ts';
import { list, record, text } from '../endpoint/service.ts';
import type { MetricSample } from './emf.ts';
import { emfSamples } from './emf.ts';
import type { InsightsResult } from './logs-insights.ts';
import { runInsights } from './logs-insights.ts';

export interface LogGroupDefinition {
  readonly name: string;
  readonly arn: string;
}

export interface MetricFilterDefinition {
  readonly group: string;
  readonly pattern: string;
  readonly namespace: string;
  readonly metricName: string;
  /** A number, or a selector such as `$.latency`. */
  readonly value: string;
  readonly defaultValue?: number;
  readonly unit?: string;
  /** Dimension name to selector. */
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface SubscriptionFilterDefinition {
  readonly name: string;
  readonly group: string;
  readonly pattern: string;
  readonly destinationArn: string;
}

export interface LogEvent {
  readonly id: string;
  readonly atMs: EpochMs;
  readonly ingestedAtMs: EpochMs;
  readonly stream: string;
  readonly message: string;
}

export interface LogsHooks {
  readonly now: () => EpochMs;
  readonly onMetric: (sample: MetricSample) => void;
  /** Lines wait for delivery. */
  readonly onPending: () => void;
  /** One batch for a subscribed function: the event as Lambda receives it, JSON text. */
  readonly deliver: (subscription: SubscriptionFilterDefinition, payload: string) => void;
  readonly onEvent: (group: string, event: LogEvent) => void;
}

interface MetricFilter {
  readonly definition: MetricFilterDefinition;
  readonly matcher: FilterMatcher;
  matched: number;
}

interface Subscription {
  readonly definition: SubscriptionFilterDefinition;
  readonly matcher: FilterMatcher;
  pending: LogEvent[];
  pendingBytes: number;
}

interface Group {
  readonly definition: LogGroupDefinition;
  events: LogEvent[];
  total: number;
  /** Lines since the last sample. */
  fresh: number;
  readonly streams: Map<string, EpochMs>;
  readonly filters: MetricFilter[];
  readonly subscriptions: Subscription[];
}

export interface Logs {
  readonly service: Service;
  readonly append: (group: string, stream: string, atMs: EpochMs, message: string) => void;
  /** Delivers what waits for subscribers. */
  readonly flush: () => void;
  /** Once a minute: default values of metric filters for the minute that began at `fromMs`. */
  readonly sample: (fromMs: EpochMs) => void;
  readonly groups: () => readonly { readonly name: string; readonly events: number; readonly lastAtMs?: EpochMs }[];
  /** Newest first. */
  readonly search: (query: {
    readonly group: string;
    readonly pattern?: string;
    readonly limit: number;
    readonly beforeMs?: EpochMs;
  }) => readonly LogEvent[];
  /** Events of groups in [fromMs, toMs). */
  readonly records: (groups: readonly string[], fromMs: EpochMs, toMs: EpochMs) => readonly LogRecord[];
  readonly insights: (groups: readonly string[], query: string, fromMs: EpochMs, toMs: EpochMs) => InsightsResult;
}

/** Events kept per group; the oldest tenth goes when it is full. A month of minutes makes hundreds of thousands. */
const maxEvents = 30_000;
/** Raw bytes in one delivery: far below what an asynchronous invocation takes, as the service does. */
const maxDeliveryBytes = 700_000;

function compiled(pattern: string): FilterMatcher {
  const result = compileFilterPattern(pattern);
  if (!result.ok) throw new AwsError('InvalidParameterException', `Invalid filter pattern "${pattern}": ${String(result.error.message)}`);
  return result.value;
}

export function createLogs(
  definitions: {
    readonly groups: readonly LogGroupDefinition[];
    readonly metricFilters: readonly MetricFilterDefinition[];
    readonly subscriptions: readonly SubscriptionFilterDefinition[];
  },
  options: { readonly accountId: string },
  authorize: Authorize,
  hooks: LogsHooks,
): Logs {
  const groups = new Map<string, Group>();
  const queries = new Map<string, InsightsResult>();
  let nextId = 0;

  const groupOf = (name: string): Group => {
    const known = groups.get(name);
    if (known !== undefined) return known;
    const group: Group = {
      definition: { name, arn: name },
      events: [],
      total: 0,
      fresh: 0,
      streams: new Map(),
      filters: [],
      subscriptions: [],
    };
    groups.set(name, group);
    return group;
  };
  for (const definition of definitions.groups) {
    groups.set(definition.name, { ...groupOf(definition.name), definition });
  }
  for (const definition of definitions.metricFilters) {
    groupOf(definition.group).filters.push({ definition, matcher: compiled(definition.pattern), matched: 0 });
  }
  for (const definition of definitions.subscriptions) {
    groupOf(definition.group).subscriptions.push({ definition, matcher: compiled(definition.pattern), pending: [], pendingBytes: 0 });
  }

  function append(name: string, stream: string, atMs: EpochMs, message: string): void {
    const group = groupOf(name);
    nextId += 1;
    const event: LogEvent = { id: String(nextId).padStart(56, '0'), atMs, ingestedAtMs: hooks.now(), stream, message };
    group.events.push(event);
    group.total += 1;
    group.fresh += 1;
    group.streams.set(stream, atMs);
    if (group.events.length > maxEvents) group.events = group.events.slice(maxEvents / 10);
    for (const sample of emfSamples(message) ?? []) hooks.onMetric(sample);
    if (group.filters.length > 0) measure(group, event);
    for (const subscription of group.subscriptions) {
      if (!subscription.matcher.matches(message)) continue;
      subscription.pending.push(event);
      subscription.pendingBytes += message.length + 100;
      if (subscription.pendingBytes >= maxDeliveryBytes || subscription.pending.length >= 5_000) deliver(group, subscription);
      else hooks.onPending();
    }
    hooks.onEvent(name, event);
  }

  function measure(group: Group, event: LogEvent): void {
    const parsed = logMessage(event.message);
    for (const filter of group.filters) {
      const { definition, matcher } = filter;
      if (!matcher.matches(parsed)) continue;
      filter.matched += 1;
      const value = Number(definition.value.startsWith('$') ? matcher.extract(parsed, definition.value) : definition.value);
      if (!Number.isFinite(value)) continue;
      const dimensions: Record<string, string> = {};
      for (const [name, selector] of Object.entries(definition.dimensions)) {
        const found = matcher.extract(parsed, selector);
        if (found !== undefined && found !== null && found !== '') dimensions[name] = String(found);
      }
      if (Object.keys(dimensions).length < Object.keys(definition.dimensions).length) continue;
      hooks.onMetric(sampleOf(definition, value, dimensions, event.atMs));
    }
  }

  function deliver(group: Group, subscription: Subscription): void {
    const { definition, pending } = subscription;
    subscription.pending = [];
    subscription.pendingBytes = 0;
    const byStream = new Map<string, LogEvent[]>();
    for (const event of pending) {
      const events = byStream.get(event.stream);
      if (events === undefined) byStream.set(event.stream, [event]);
      else events.push(event);
    }
    for (const [stream, events] of byStream) {
      const data = {
        messageType: 'DATA_MESSAGE',
        owner: options.accountId,
        logGroup: group.definition.name,
        logStream: stream,
        subscriptionFilters: [definition.name],
        logEvents: events.map(event => ({ id: event.id, timestamp: event.atMs, message: event.message })),
      };
      hooks.deliver(definition, JSON.stringify({ awslogs: { data: gzipSync(JSON.stringify(data), { level: 1 }).toString('base64') } }));
    }
  }

  function search(query: {
    readonly group: string;
    readonly pattern?: string;
    readonly limit: number;
    readonly beforeMs?: EpochMs;
  }): readonly LogEvent[] {
    const { events } = groupOf(query.group);
    const matcher = query.pattern === undefined || query.pattern.trim() === '' ? undefined : compiled(query.pattern);
    const found: LogEvent[] = [];
    for (let index = events.length - 1; index >= 0 && found.length < query.limit; index -= 1) {
      const event = events[index]!;
      if (query.beforeMs !== undefined && event.atMs >= query.beforeMs) continue;
      if (matcher === undefined || matcher.matches(event.message)) found.push(event);
    }
    return found;
  }

  function insights(names: readonly string[], query: string, fromMs: EpochMs, toMs: EpochMs): InsightsResult {
    // Both ends of a query belong to it.
    return runInsights(query, records(names, fromMs, toMs + 1));
  }

  function records(names: readonly string[], fromMs: EpochMs, toMs: EpochMs): readonly LogRecord[] {
    return names.flatMap(name =>
      (groups.get(name)?.events ?? [])
        .filter(event => event.atMs >= fromMs && event.atMs < toMs)
        .map(event => ({ atMs: event.atMs, message: event.message, stream: event.stream, group: name })),
    );
  }

  function named(input: Input, caller: Caller, action: string): Group {
    const name =
      text(input['logGroupName']) ?? (text(input['logGroupIdentifier']) ?? '').replace(/^arn:.*log-group:/, '').replace(/:\*$/, '');
    const group = groups.get(name);
    if (group === undefined) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
    authorize(caller, `logs:${action}`, group.definition.arn);
    return group;
  }

  const shown = (event: LogEvent) => ({ timestamp: event.atMs, message: event.message, ingestionTime: event.ingestedAtMs });

  const service: Service = {
    target: 'Logs_20140328',
    jsonVersion: '1.1',
    operations: {
      CreateLogStream(input, caller) {
        named(input, caller, 'CreateLogStream').streams.set(text(input['logStreamName']) ?? '', hooks.now());
        return {};
      },
      PutLogEvents(input, caller) {
        const group = named(input, caller, 'PutLogEvents');
        const events = list(input['logEvents']).map(record);
        for (const event of events)
          append(group.definition.name, text(input['logStreamName']) ?? '', Number(event['timestamp']), text(event['message']) ?? '');
        return { nextSequenceToken: String(nextId) };
      },
      DescribeLogGroups(input, caller) {
        authorize(caller, 'logs:DescribeLogGroups', '*');
        const prefix = text(input['logGroupNamePrefix']) ?? '';
        const found = [...groups.values()].filter(group => group.definition.name.startsWith(prefix));
        return { logGroups: found.map(({ definition: { name, arn } }) => ({ logGroupName: name, arn, storedBytes: 0 })) };
      },
      DescribeLogStreams(input, caller) {
        const group = named(input, caller, 'DescribeLogStreams');
        return { logStreams: [...group.streams].map(([logStreamName, lastEventTimestamp]) => ({ logStreamName, lastEventTimestamp })) };
      },
      FilterLogEvents(input, caller) {
        const group = named(input, caller, 'FilterLogEvents');
        const pattern = text(input['filterPattern']);
        const matcher = pattern === undefined ? undefined : compiled(pattern);
        const from = Number(input['startTime'] ?? 0);
        const to = Number(input['endTime'] ?? Number.POSITIVE_INFINITY);
        const offset = Number(text(input['nextToken']) ?? 0);
        const limit = Number(input['limit'] ?? 10_000);
        const found = group.events.filter(
          event => event.atMs >= from && event.atMs < to && (matcher === undefined || matcher.matches(event.message)),
        );
        const events = found
          .slice(offset, offset + limit)
          .map(event => ({ ...shown(event), logStreamName: event.stream, eventId: event.id }));
        return { events, ...(found.length > offset + limit ? { nextToken: String(offset + limit) } : {}) };
      },
      GetLogEvents(input, caller) {
        const group = named(input, caller, 'GetLogEvents');
        const events = group.events.filter(event => event.stream === input['logStreamName']).slice(-Number(input['limit'] ?? 10_000));
        return { events: events.map(shown), nextForwardToken: 'f/0', nextBackwardToken: 'b/0' };
      },
      StartQuery(input, caller) {
        authorize(caller, 'logs:StartQuery', '*');
        const names = [
          ...list(input['logGroupNames']).map(String),
          ...(text(input['logGroupName']) === undefined ? [] : [String(input['logGroupName'])]),
        ];
        const queryId = randomUUID();
        queries.set(
          queryId,
          insights(names, text(input['queryString']) ?? '', Number(input['startTime']) * 1_000, Number(input['endTime']) * 1_000),
        );
        return { queryId };
      },
      GetQueryResults(input, caller) {
        authorize(caller, 'logs:GetQueryResults', '*');
        const result = queries.get(text(input['queryId']) ?? '');
        if (result === undefined) throw new AwsError('ResourceNotFoundException', 'no such query');
        return {
          status: 'Complete',
          results: result.rows.map(row => row.map((value, index) => ({ field: result.fields[index], value }))),
          statistics: { recordsMatched: result.rows.length, recordsScanned: result.scanned, bytesScanned: 0 },
        };
      },
    },
  };

  return {
    service,
    append,
    search,
    records,
    insights,
    flush() {
      for (const group of groups.values()) {
        for (const subscription of group.subscriptions) if (subscription.pending.length > 0) deliver(group, subscription);
      }
    },
    sample(fromMs) {
      for (const group of groups.values()) {
        for (const filter of group.filters) {
          const { definition } = filter;
          if (definition.defaultValue !== undefined && group.fresh > 0 && filter.matched === 0) {
            hooks.onMetric(sampleOf(definition, definition.defaultValue, {}, fromMs));
          }
          filter.matched = 0;
        }
        group.fresh = 0;
      }
    },
    groups: () =>
      [...groups.values()].map(group => {
        const last = group.events.at(-1);
        return { name: group.definition.name, events: group.total, ...(last === undefined ? {} : { lastAtMs: last.atMs }) };
      }),
  };
}

function sampleOf(
  definition: MetricFilterDefinition,
  value: number,
  dimensions: Readonly<Record<string, string>>,
  atMs: EpochMs,
): MetricSample {
  return {
    namespace: definition.namespace,
    name: definition.metricName,
    dimensions,
    atMs,
    values: [value],
    ...(definition.unit === undefined ? {} : { unit: definition.unit }),
  };
}
