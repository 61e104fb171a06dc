/**
 * The stack on this machine: the assembly's resources, running. Functions are the deployed bundles; logs, queues, topics,
 * tables, metrics, schedules and alarms are local services behind one port; everything happens on one virtual clock.
 */
import { randomUUID } from 'node:crypto';
import type { SeriesStore } from '../core/series/series-store.ts';
import { createSeriesStore } from '../core/series/series-store.ts';
import type { EpochMs } from '../core/time/instant.ts';
import { isoFromMs } from '../core/time/instant.ts';
import { createAuthorize, judgePolicies } from './access.ts';
import type { AlarmEngine, AlarmTransition } from './alarm-engine.ts';
import { createAlarmEngine } from './alarm-engine.ts';
import type { Speed, VirtualClock } from './clock.ts';
import { createClock, rank } from './clock.ts';
import type { Endpoint, Route } from './endpoint/server.ts';
import { callerFrom, serveEndpoint } from './endpoint/server.ts';
import type { FunctionDefinition, FunctionHost, InvokeResult } from './functions/host.ts';
import { createFunctionHost } from './functions/host.ts';
import { createLambdaRoute } from './functions/invoke-route.ts';
import type { InboxEntry, Outbound } from './outbound.ts';
import { createOutbound, readChannels } from './outbound.ts';
import { nextRunAfter } from './schedule.ts';
import { createCloudWatch } from './services/cloudwatch.ts';
import { createDynamoDb } from './services/dynamodb/service.ts';
import type { Table } from './services/dynamodb/table.ts';
import { createTable } from './services/dynamodb/table.ts';
import type { LocalEcs } from './services/ecs.ts';
import { createLocalEcs } from './services/ecs.ts';
import type { MetricSample } from './services/emf.ts';
import { createHttpApiRoute } from './services/http-api.ts';
import type { LogEvent, Logs } from './services/logs.ts';
import { createLogs } from './services/logs.ts';
import { createSecrets } from './services/secrets.ts';
import type { Publication, Sns, SubscriptionDefinition } from './services/sns.ts';
import { createSns, toLambdaEvent, toQueueBody } from './services/sns.ts';
import type { Queue } from './services/sqs.ts';
import { createQueue, createSqs, toEventRecord } from './services/sqs.ts';
import type { QueueTrigger } from './stack-definitions.ts';
import {
  dashboardsOf,
  ecsServicesOf,
  functionsOf,
  httpApisOf,
  invokeConfigsOf,
  logGroupsOf,
  metricFiltersOf,
  policiesOf,
  queuesOf,
  queueTriggersOf,
  schedulesOf,
  subscriptionFiltersOf,
  subscriptionsOf,
  tablesOf,
  topicsOf,
} from './stack-definitions.ts';
import type { Assembly } from './template/assembly.ts';
import { loadAssembly } from './template/assembly.ts';

export interface StackOptions {
  readonly assemblyDir: string;
  /** The bundled `local/bootstrap.ts`. */
  readonly bootstrapFile: string;
  readonly startMs: EpochMs;
  readonly speed: Speed;
  /** 0 takes any free port. */
  readonly port: number;
  /**
   * Virtual seconds that log subscriptions collect lines before they deliver. AWS publishes no bound; seconds are usual.
   * A long interval makes a fast replay; a short one shows what a desk would see.
   */
  readonly deliverySeconds: number;
  /** Processes per function. One keeps a replay the same each time. */
  readonly concurrency: number;
  /** Lets requests to Slack and PagerDuty leave the machine. */
  readonly sends: boolean;
  /** Value of a secret by name; absent uses stand-ins. */
  readonly secretValue?: (name: string) => string | undefined;
  /** Real milliseconds that the body of a request to an HTTP API may take. Default 30,000. */
  readonly bodyTimeoutMs?: number;
  /** Further routes of the same port: the viewer. Called once the stack exists. */
  readonly routes?: (stack: LocalStack) => readonly Route[];
  readonly onFault?: (error: unknown) => void;
}

export interface StackObserver {
  readonly onLog?: (group: string, event: LogEvent) => void;
  readonly onTransition?: (transition: AlarmTransition) => void;
  readonly onNotification?: (entry: InboxEntry) => void;
  /** After the alarms of a minute were evaluated. */
  readonly onTick?: (atMs: EpochMs) => void;
}

export interface FunctionCount {
  readonly label: string;
  invocations: number;
  errors: number;
  lastMs?: number;
}

export interface LocalStack {
  readonly assembly: Assembly;
  readonly clock: VirtualClock;
  readonly endpoint: Endpoint;
  readonly functions: readonly FunctionDefinition[];
  readonly counts: ReadonlyMap<string, FunctionCount>;
  readonly logs: Logs;
  readonly tables: ReadonlyMap<string, Table>;
  readonly queues: readonly Queue[];
  readonly sns: Sns;
  readonly store: () => SeriesStore;
  readonly replaceStore: (store: SeriesStore) => void;
  /** Unit that a metric was last sent with. */
  readonly unitOf: (namespace: string, name: string) => string | undefined;
  readonly alarms: AlarmEngine;
  readonly outbound: Outbound;
  /** ECS services that the config names. */
  readonly ecs: LocalEcs;
  readonly dashboards: readonly { readonly name: string; readonly body: string }[];
  readonly observe: (observer: StackObserver) => () => void;
  readonly invoke: (definition: FunctionDefinition, payload: string) => Promise<InvokeResult>;
  /** Of the processes that run functions now. */
  readonly processIds: () => readonly number[];
  /** Schedules, minutes and alarms begin; the clock's `run` then moves time. */
  readonly begin: () => void;
  /** Stops every process and the port. */
  readonly close: () => Promise<void>;
}

export const accountId = '000000000000';
const minuteMs = 60_000;
/** Lambda waits about one and two minutes before it tries an asynchronous event again. */
const retryDelaysMs = [60_000, 120_000] as const;

export async function startStack(options: StackOptions): Promise<LocalStack> {
  const region = 'us-east-1';
  const endpoint = await serveEndpoint(options.port);
  try {
    return build(options, endpoint, region);
  } catch (error) {
    await endpoint.close();
    throw error;
  }
}

function build(options: StackOptions, endpoint: Endpoint, region: string): LocalStack {
  const assembly = loadAssembly(options.assemblyDir, { region, accountId, endpointUrl: endpoint.url });
  const clock = createClock({ startMs: options.startMs, speed: options.speed });
  const now = clock.now;
  const functions = functionsOf(assembly);
  const byArn = new Map(functions.map(definition => [definition.arn, definition]));
  const counts = new Map(functions.map(({ label }) => [label, { label, invocations: 0, errors: 0 } as FunctionCount]));
  const authorize = createAuthorize(functions, policiesOf(assembly), judgePolicies);
  const observers = new Set<StackObserver>();
  let store = createSeriesStore();

  const units = new Map<string, string>();
  const onMetric = (sample: MetricSample) => {
    const { values, counts: times } = sample;
    if (sample.unit !== undefined) units.set(`${sample.namespace}\n${sample.name}`, sample.unit);
    store.put(
      sample.namespace,
      sample.name,
      sample.dimensions,
      sample.atMs,
      { values, ...(times === undefined ? {} : { counts: times }) },
      now(),
    );
  };
  const measure = (namespace: string, name: string, dimensions: Readonly<Record<string, string>>, value: number, atMs = now()) =>
    onMetric({ namespace, name, dimensions, atMs, values: [value] });

  const channels = channelsOf(functions);
  const realSecrets = new Map<string, string>();
  const outbound = createOutbound({
    now,
    sends: options.sends,
    secrets: realSecrets,
    eventOf: id => host.currentEvent(id),
    channels: channels.bySecret,
    topics: channels.byTopic,
    onEntry: entry => {
      for (const observer of observers) observer.onNotification?.(entry);
    },
  });

  const host: FunctionHost = createFunctionHost(
    { bootstrapFile: options.bootstrapFile, region, concurrency: options.concurrency, outboundPath: '/_outbound' },
    {
      now,
      rate: () => (clock.speed === 'max' ? 0 : clock.speed),
      onLine: (definition, stream, line) => logs.append(definition.logGroup, stream, now(), line),
      onInvocation(definition, result) {
        const count = counts.get(definition.label)!;
        const dimensions = { FunctionName: definition.name };
        count.invocations += 1;
        count.lastMs = result.durationMs;
        if (result.error !== undefined) count.errors += 1;
        measure('AWS/Lambda', 'Invocations', dimensions, 1);
        measure('AWS/Lambda', 'Errors', dimensions, result.error === undefined ? 0 : 1);
        measure('AWS/Lambda', 'Duration', dimensions, Math.round(result.durationMs * 100) / 100);
        if (result.error !== undefined)
          logs.append(definition.logGroup, 'platform', now(), `${result.error.type}: ${result.error.message}`);
      },
    },
  );

  const invokeConfigs = new Map(invokeConfigsOf(assembly).map(config => [config.functionName, config]));

  /** As Lambda's asynchronous invocation: two more tries, then the destination for failures. */
  function invokeLater(definition: FunctionDefinition, payload: string, attempt = 0): void {
    const release = clock.hold();
    host.invoke(definition, payload).then(result => {
      const config = invokeConfigs.get(definition.name);
      if (result.error !== undefined) {
        if (attempt < (config?.retries ?? 2))
          clock.at(now() + retryDelaysMs[Math.min(attempt, 1)]!, rank.delivery, () => invokeLater(definition, payload, attempt + 1));
        else if (config?.onFailureArn !== undefined) toDestination(config.onFailureArn, payload, result, definition, attempt);
      }
      release();
    }, release);
  }

  function toDestination(arn: string, payload: string, result: InvokeResult, definition: FunctionDefinition, attempt: number): void {
    const body = JSON.stringify({
      version: '1.0',
      timestamp: isoFromMs(now()),
      requestContext: { functionArn: definition.arn, condition: 'RetriesExhausted', approximateInvokeCount: attempt + 1 },
      requestPayload: JSON.parse(payload) as unknown,
      responsePayload: JSON.parse(result.payload) as unknown,
    });
    if (arn.startsWith('arn:aws:sns:')) sns.publish(arn, body);
    else queueByArn.get(arn)?.send({ body, groupId: definition.name, deduplicationId: randomUUID() });
  }

  const queueByArn = new Map<string, Queue>();
  const pollers = new Map<string, () => void>();
  for (const definition of queuesOf(assembly)) {
    queueByArn.set(
      definition.arn,
      createQueue(definition, {
        now,
        queueByArn: arn => queueByArn.get(arn),
        onVisible(queue, atMs) {
          const poll = pollers.get(queue.definition.arn);
          if (poll === undefined) return;
          if (atMs > now()) clock.at(atMs, rank.delivery, poll);
          else soon(poll);
        },
      }),
    );
  }
  const queues = [...queueByArn.values()];

  /** After what is being sent right now, so that a batch of messages makes one batch. */
  function soon(run: () => void): void {
    const release = clock.hold();
    setImmediate(() => {
      run();
      release();
    });
  }

  function pollerFor(trigger: QueueTrigger): () => void {
    const queue = queueByArn.get(trigger.queueArn);
    const definition = byArn.get(trigger.functionArn);
    let isBusy = false;
    const poll = () => {
      if (isBusy || queue === undefined || definition === undefined) return;
      const messages = queue.receive(trigger.batchSize);
      if (messages.length === 0) return;
      isBusy = true;
      const release = clock.hold();
      const records = messages.map(message => toEventRecord(message, queue.definition, region));
      host.invoke(definition, JSON.stringify({ Records: records })).then(result => {
        const failed = result.error === undefined ? failuresOf(result.payload, trigger) : undefined;
        for (const message of messages) if (failed !== undefined && !failed.has(message.messageId)) queue.delete(message.receiptHandle!);
        isBusy = false;
        poll();
        release();
      }, release);
    };
    return poll;
  }
  for (const trigger of queueTriggersOf(assembly)) pollers.set(trigger.queueArn, pollerFor(trigger));

  const sns = createSns(topicsOf(assembly), subscriptionsOf(assembly), authorize, {
    now,
    knows: topicArn => channels.byTopic.has(topicArn),
    onPublish: ({ topicArn, message, subject }) => outbound.published(topicArn, message, subject),
    deliver(subscription: SubscriptionDefinition, publication: Publication) {
      if (subscription.protocol === 'lambda') {
        const definition = byArn.get(subscription.endpoint);
        if (definition !== undefined) invokeLater(definition, JSON.stringify(toLambdaEvent(subscription, publication)));
      } else if (subscription.protocol === 'sqs') {
        queueByArn.get(subscription.endpoint)?.send({ body: toQueueBody(subscription, publication) });
      }
    },
  });

  let isDeliveryDue = false;
  const deliveryMs = options.deliverySeconds * 1_000;
  const logs = createLogs(
    { groups: logGroupsOf(assembly), metricFilters: metricFiltersOf(assembly), subscriptions: subscriptionFiltersOf(assembly) },
    { accountId },
    authorize,
    {
      now,
      onMetric,
      onPending() {
        if (isDeliveryDue) return;
        isDeliveryDue = true;
        clock.at(Math.ceil(now() / deliveryMs) * deliveryMs, rank.delivery, () => {
          isDeliveryDue = false;
          logs.flush();
        });
      },
      deliver(subscription, payload) {
        const definition = byArn.get(subscription.destinationArn);
        if (definition !== undefined) invokeLater(definition, payload);
      },
      onEvent(group, event) {
        for (const observer of observers) observer.onLog?.(group, event);
      },
    },
  );

  const tables = new Map(tablesOf(assembly).map(definition => [definition.name, createTable(definition)]));
  const ecs = createLocalEcs(ecsServicesOf(functions), { accountId, region, now }, authorize);
  const dashboards = dashboardsOf(assembly);
  const alarms = createAlarmEngine(
    assembly,
    {
      store: () => store,
      logs: { read: logs.records },
      publish: (arn, message, subject) => {
        if (arn.startsWith('arn:aws:sns:')) sns.publish(arn, message, subject);
      },
      onTransition: transition => {
        for (const observer of observers) observer.onTransition?.(transition);
      },
    },
    options.startMs,
  );

  const cloudWatch = createCloudWatch(authorize, {
    onMetric,
    now,
    store: () => store,
    data: (queries, fromMs, toMs) => alarms.data(queries, fromMs, toMs),
    alarms: () => alarms.views(),
    muteRules: () => alarms.muteRules(),
    history: name => alarms.history(name),
    setAlarmState: (name, state, reason, reasonData) => alarms.setState(name, state, reason, now(), reasonData),
    dashboards: () => dashboards,
  });

  function scheduleAll(): void {
    for (const schedule of schedulesOf(assembly)) {
      const definition = byArn.get(schedule.targetArn);
      if (definition === undefined) continue;
      const arm = (afterMs: EpochMs) => {
        const atMs = nextRunAfter(schedule.expression, schedule.zone, afterMs);
        if (atMs === undefined) return;
        clock.at(atMs, rank.schedule, () => {
          arm(atMs);
          invokeLater(definition, schedule.input.replaceAll('<aws.scheduler.scheduled-time>', isoFromMs(atMs).replace(/\.\d+Z$/, 'Z')));
        });
      };
      arm(now());
    }
  }

  /** What the platform itself does each minute: queue metrics, defaults of metric filters, expiry of items. */
  function sample(atMs: EpochMs): void {
    logs.sample(atMs - minuteMs);
    for (const queue of queues) {
      const { visible, inFlight, oldestAgeSeconds } = queue.counts();
      const dimensions = { QueueName: queue.definition.name };
      measure('AWS/SQS', 'ApproximateNumberOfMessagesVisible', dimensions, visible, atMs - 1);
      measure('AWS/SQS', 'ApproximateNumberOfMessagesNotVisible', dimensions, inFlight, atMs - 1);
      measure('AWS/SQS', 'ApproximateAgeOfOldestMessage', dimensions, oldestAgeSeconds, atMs - 1);
    }
    if (atMs % 3_600_000 === 0) for (const table of tables.values()) table.expire(atMs);
  }

  function eachMinute(atMs: EpochMs): void {
    clock.at(atMs, rank.sample, () => sample(atMs));
    clock.at(atMs, rank.evaluation, () => alarms.evaluate(atMs));
    clock.at(atMs, rank.observer, () => {
      for (const observer of observers) observer.onTick?.(atMs);
      eachMinute(atMs + minuteMs);
    });
  }

  const secretValue = options.secretValue === undefined ? outbound.secretValue : readReal(options.secretValue);
  function readReal(source: (name: string) => string | undefined): (name: string) => string | undefined {
    return name => {
      const value = source(name);
      if (value !== undefined && value !== '') realSecrets.set(value, name);
      return value;
    };
  }
  const stack: LocalStack = {
    assembly,
    clock,
    endpoint,
    functions,
    counts,
    logs,
    tables,
    queues,
    sns,
    store: () => store,
    replaceStore(next) {
      store = next;
    },
    unitOf: (namespace, name) => units.get(`${namespace}\n${name}`),
    alarms,
    outbound,
    ecs,
    dashboards,
    observe(observer) {
      observers.add(observer);
      return () => observers.delete(observer);
    },
    async invoke(definition, payload) {
      const release = clock.hold();
      try {
        return await host.invoke(definition, payload);
      } finally {
        release();
      }
    },
    processIds: host.processIds,
    begin() {
      scheduleAll();
      const nowMs = now();
      for (const { logGroup, subnets } of functions)
        if (subnets !== undefined)
          logs.append(logGroup, 'platform', nowMs, `In AWS it runs in ${subnets.join(', ')}; here it uses the network of this machine.`);
      eachMinute(nowMs - (nowMs % minuteMs) + minuteMs);
    },
    async close() {
      clock.stop();
      await host.close();
      await endpoint.close();
    },
  };

  const httpApis = createHttpApiRoute(httpApisOf(assembly), {
    accountId,
    now,
    functionOf: arn => byArn.get(arn),
    invoke: stack.invoke,
    measure: (name, dimensions, value) => measure('AWS/ApiGateway', name, dimensions, value),
    log: (group, line) => logs.append(group, 'access', now(), line),
    bodyTimeoutMs: options.bodyTimeoutMs ?? 30_000,
  });
  const callers = new Map(functions.map(definition => [host.accessKeyOf(definition), { functionName: definition.name }]));
  const anybody = {};
  const callerOf = (key: string) => callers.get(key) ?? anybody;
  host.start(endpoint.url);
  endpoint.mount({
    services: [
      createDynamoDb(tables, authorize),
      createSqs(queues, authorize),
      sns.service,
      logs.service,
      cloudWatch,
      ecs.service,
      createSecrets({ accountId, region, valueOf: secretValue }, authorize),
    ],
    routes: [
      host.route,
      outbound.route,
      httpApis,
      createLambdaRoute(functions, stack.invoke, invokeLater, (request, arn) =>
        authorize(callerFrom(request, { callerOf }), 'lambda:InvokeFunction', arn),
      ),
      ...(options.routes?.(stack) ?? []),
    ],
    callerOf,
    onFault: options.onFault ?? (() => undefined),
  });
  return stack;
}

/** Messages that stay in the queue; everything does when the answer is malformed, as on Lambda. */
function failuresOf(payload: string, trigger: QueueTrigger): ReadonlySet<string> | undefined {
  if (!trigger.reportsFailures) return new Set();
  try {
    const answer = JSON.parse(payload) as { readonly batchItemFailures?: readonly { readonly itemIdentifier?: string }[] } | null;
    const identifiers = (answer?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
    return identifiers.includes(undefined) ? undefined : new Set(identifiers as readonly string[]);
  } catch {
    return undefined;
  }
}

/** Channels from the config beside the notifier, and the topics that its environment names. */
function channelsOf(functions: readonly FunctionDefinition[]): ReturnType<typeof readChannels> {
  const notifier = functions.find(({ label }) => label === 'notifier');
  if (notifier === undefined) return { bySecret: new Map(), byTopic: new Map() };
  const topics = JSON.parse(notifier.environment['NIGHTDESK_CHANNEL_TOPICS'] ?? '{}') as Readonly<Record<string, string>>;
  return readChannels(notifier.assetDir, topics);
}
