import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type FiredStore, groupOwner } from '../../adapters/aws/fired-store.ts';
import type { LatencyMetrics, Observations } from '../../adapters/aws/latency-metrics.ts';
import { errorFields, type Output } from '../../adapters/aws/output.ts';
import type { StrategyStore } from '../../adapters/aws/strategy-store.ts';
import type { AlertTopics } from '../../adapters/aws/topics.ts';
import { parseAwsTime } from '../../core/cloudwatch/aws-time.ts';
import { asArray, asNumber, asObject, asText, parseJson } from '../../core/cloudwatch/loose-json.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { parseLine } from '../../core/events/parse.ts';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { emptyPulse, foldPulse, type Pulse } from '../../core/health/pulse.ts';
import type { FastBreach } from '../../core/incidents/breach.ts';
import { fastFlips } from '../../core/incidents/fast-path.ts';
import { limitBreaches } from '../../core/incidents/limit-breach.ts';
import { breachesOf, momentaryBreaches } from '../../core/ledger/breaches.ts';
import { decodeState, encodeState } from '../../core/ledger/codec.ts';
import { type FoldResult, foldBatch } from '../../core/ledger/fold.ts';
import { groupNow } from '../../core/ledger/groups.ts';
import { settingsFor } from '../../core/ledger/settings.ts';
import { emptyState, type StrategyState } from '../../core/ledger/state.ts';
import type { StrategyView } from '../../core/ledger/view.ts';
import { viewOf } from '../../core/ledger/view-of.ts';
import { type BatchSums, noSums, sumsWith, type Told } from './batch-sums.ts';
import { decodeLastBatch, encodeLastBatch, type LastBatch, messageKey, noBatch, reportOf } from './last-batch.ts';

export interface LedgerTools {
  readonly config: NightdeskConfig;
  readonly strategies: StrategyStore;
  readonly sweeps: FiredStore;
  readonly topics: AlertTopics;
  /** Makes the notifier look for changes that strategies report. */
  readonly announceChanges: (nowMs: number) => Promise<void>;
  readonly latencies: LatencyMetrics;
  readonly output: Output;
  readonly now: () => number;
  readonly gaugeLines: (strategyId: string, view: StrategyView) => readonly string[];
  readonly countLines: (sums: BatchSums, nowMs: number) => readonly string[];
  /** What one strategy's events counted. */
  readonly throughputLines: (strategyId: string, accepted: number, nowMs: number) => readonly string[];
  readonly observations: (strategyId: string, sketches: FoldResult['latencies'], nowMs: number) => readonly Observations[];
}

/** What the process remembers of a strategy between batches. Only a hint: the conditional save decides whether it was current. */
interface Remembered {
  readonly version: number;
  readonly state: StrategyState;
  readonly pulse: Pulse;
  readonly lastBatch: LastBatch;
  /** As of the commit; absent after loading. */
  readonly view?: StrategyView;
}

const SAVE_TRIES = 5;

/**
 * Folds queued lines into the state of their strategies. Messages of a strategy that failed are reported, so that its group is held
 * back and the others go on.
 */
export function createLedger(tools: LedgerTools): (event: SQSEvent) => Promise<SQSBatchResponse> {
  const remembered = new Map<string, Remembered>();
  return async event => {
    const batchItemFailures: { itemIdentifier: string }[] = [];
    const batches = byStrategy(event.Records);
    const views = new Map<string, StrategyView>();
    let sums = noSums;
    for (const [strategyId, batch] of batches) {
      try {
        const told = await takeBatch(strategyId, batch, remembered, tools);
        sums = sumsWith(sums, told);
        views.set(strategyId, told.view);
        tools.output.metrics(tools.throughputLines(strategyId, told.report.counts.accepted, tools.now()));
      } catch (error) {
        remembered.delete(strategyId);
        tools.output.error('strategy not folded', { strategyId, messages: batch.length, ...errorFields(error) });
        batchItemFailures.push(...batch.map(({ id }) => ({ itemIdentifier: id })));
      }
    }
    // What could not be judged over all strategies comes again with the messages that called for it.
    for (const strategyId of await judgeGroups(views, tools))
      batchItemFailures.push(...batches.get(strategyId)!.map(({ id }) => ({ itemIdentifier: id })));
    if (sums !== noSums) tools.output.metrics(tools.countLines(sums, tools.now()));
    return { batchItemFailures };
  };
}

/**
 * Limits over several strategies, after all of them are committed: the others as they were committed last, in one read. Returns the strategies
 * whose groups could not be judged.
 */
async function judgeGroups(views: ReadonlyMap<string, StrategyView>, tools: LedgerTools): Promise<ReadonlySet<string>> {
  const { config, strategies, output } = tools;
  const groups = (config.groups ?? []).filter(group => group.strategies.some(id => views.has(id)));
  const failed = new Set<string>();
  if (groups.length === 0) return failed;
  try {
    const others = [...new Set(groups.flatMap(group => group.strategies))].filter(id => !views.has(id));
    const heads = others.length === 0 ? [] : await strategies.heads(others);
    const known = new Map([
      ...views,
      ...heads.flatMap(({ strategyId, view }) => (view === undefined ? [] : [[strategyId, view] as const])),
    ]);
    const nowMs = tools.now();
    for (const group of groups) {
      const members = group.strategies.map(id => ({ strategyId: id, calendar: settingsFor(config, id).calendar, view: known.get(id) }));
      const { breaches } = groupNow(group, members, nowMs);
      await publishBreaches(groupOwner(group.id), limitBreaches({ RiskGroup: group.id }, breaches, nowMs), nowMs, tools);
    }
  } catch (error) {
    output.error('groups not judged', { groups: groups.map(({ id }) => id).join(), ...errorFields(error) });
    for (const group of groups) for (const id of group.strategies) if (views.has(id)) failed.add(id);
  }
  return failed;
}

interface Message {
  readonly id: string;
  readonly key: string;
  readonly lines: readonly string[];
  readonly receivedAtMs: number;
}

/** Messages in order, grouped as the queue groups them. A message that is none of ours fails alone and ends in the dead letters. */
function byStrategy(records: readonly SQSRecord[]): ReadonlyMap<string, readonly Message[]> {
  const batches = new Map<string, Message[]>();
  for (const { messageId, body } of records) {
    const message = asObject(parseJson(body));
    const strategyId = asText(message?.['strategyId']) ?? `unreadable message ${messageId}`;
    const batch = batches.get(strategyId) ?? [];
    batches.set(strategyId, batch);
    batch.push({
      id: messageId,
      key: messageKey(messageId, body),
      lines: asArray(message?.['lines']).map(String),
      receivedAtMs: parseAwsTime(message?.['receivedAt']) ?? asNumber(message?.['receivedAt']) ?? 0,
    });
  }
  return batches;
}

/**
 * Read, fold, save, tell. A message that the last commit holds comes again when the process died after it: it is not folded a second time, so
 * that no count grows, and what that commit had to tell is told again.
 */
async function takeBatch(
  strategyId: string,
  messages: readonly Message[],
  remembered: Map<string, Remembered>,
  tools: LedgerTools,
): Promise<Told> {
  for (let tries = 0; tries < SAVE_TRIES; tries++) {
    const before = remembered.get(strategyId) ?? (await load(strategyId, tools));
    remembered.delete(strategyId);
    const fresh = messages.filter(({ key }) => !before.lastBatch.messages.includes(key));
    const after = fresh.length === 0 ? before : await commit(strategyId, before, fresh, messages, tools);
    if (after === 'conflict') continue;
    remembered.set(strategyId, after);
    const view = after.view ?? viewOf(after.state, tools.now());
    await tell(strategyId, { ...after, view }, tools);
    return { report: after.lastBatch.report, state: after.state, view };
  }
  throw new Error(`conflicts in all of ${SAVE_TRIES} tries`);
}

async function commit(
  strategyId: string,
  before: Remembered,
  fresh: readonly Message[],
  messages: readonly Message[],
  tools: LedgerTools,
): Promise<Remembered | 'conflict'> {
  const events = fresh.flatMap(({ lines }) => lines).flatMap(readEvent);
  if (events.length === 0) throw new Error('no readable event in its messages');
  const receivedAtMs = Math.max(...fresh.map(message => message.receivedAtMs));
  const folded = foldBatch(before.state, events, { receivedAtMs });
  const pulse = foldPulse(before.pulse, events, receivedAtMs);
  const view = viewOf(folded.state, tools.now());
  const untold = fresh.length === messages.length ? undefined : before.lastBatch.report;
  const lastBatch = { messages: messages.map(({ key }) => key), report: reportOf(folded, untold) };
  const beside = { pulse, view, lastBatch: encodeLastBatch(lastBatch) };
  // First, so that no change is forgotten when the function dies between the writes.
  if (events.some(({ eventType }) => eventType === 'control')) await tools.announceChanges(tools.now());
  const saved = await tools.strategies.saveWith(strategyId, before.version, encodeState(folded.state), beside);
  return saved === 'conflict' ? saved : { version: before.version + 1, state: folded.state, pulse, lastBatch, view };
}

function readEvent(line: string): NightdeskEvent[] {
  const parsed = parseLine(line);
  return parsed.kind === 'event' ? [parsed.event] : [];
}

async function load(strategyId: string, { strategies, config }: LedgerTools): Promise<Remembered> {
  const settings = settingsFor(config, strategyId);
  const stored = await strategies.load(strategyId);
  if (stored === undefined) return { version: 0, state: emptyState(settings), pulse: emptyPulse, lastBatch: noBatch };
  const { version, encoded, beside } = stored;
  const state = decodeState(encoded.head, encoded.parts, settings);
  return { version, state, pulse: beside?.pulse ?? emptyPulse, lastBatch: decodeLastBatch(beside?.lastBatch) };
}

/** Everything after the commit. A crash in here brings the messages again, and with them the same report. */
async function tell(
  strategyId: string,
  { state, lastBatch, view }: Remembered & { readonly view: StrategyView },
  tools: LedgerTools,
): Promise<void> {
  const nowMs = tools.now();
  const { findings, findingCount, latencies } = lastBatch.report;
  tools.output.metrics(tools.gaugeLines(strategyId, view));
  for (const finding of findings) tools.output.warn('finding', { ...finding });
  if (findingCount > findings.length) tools.output.warn('more findings', { strategyId, count: findingCount - findings.length });
  const breaches = [...breachesOf(state, state.settings, nowMs), ...momentaryBreaches(findings)];
  await publishBreaches(strategyId, limitBreaches({ Strategy: strategyId }, breaches, nowMs), nowMs, tools);
  const observations = tools.observations(strategyId, latencies, nowMs);
  if (observations.length === 0) return;
  try {
    await tools.latencies.put(observations);
  } catch (error) {
    tools.output.error('latencies not published', { strategyId, ...errorFields(error) });
  }
}

/** Says at once that a hard limit was crossed. Said first and remembered then: twice is harmless, never is not. */
async function publishBreaches(
  owner: string,
  breaching: readonly FastBreach[],
  nowMs: number,
  { sweeps, topics }: Pick<LedgerTools, 'sweeps' | 'topics'>,
): Promise<void> {
  if (breaching.length === 0) return;
  const { version, value } = await sweeps.readFired(owner);
  const flips = fastFlips(value, breaching, nowMs);
  for (const breach of flips.publish) await topics.publish(breach);
  // A conflict means that the sweep has just said the same.
  if (flips.changed) await sweeps.saveFired(owner, version, flips.fired);
}
