/**
 * Recorded events as series: folded by core minute by minute, and published under the catalogue's names at the times at which the
 * deployed functions would have. No function runs, so their own metrics (errors, queues, lag) are not among them.
 */

import { anomalyRows, type DetectorStates, isDetectorMinute, strategyAnomalies } from '../../core/anomaly/strategy-anomalies.ts';
import { type BacktestHistory, frozenReader, type SaidBreach } from '../../core/backtest/history.ts';
import { calendarOf } from '../../core/calendar/calendar.ts';
import { calendarWith } from '../../core/calendar/closures.ts';
import { functionValues, healthValues, heartbeatValues, type MetricValues, sketchRow, strategyValues } from '../../core/catalogue/emit.ts';
import { catalogue, type MetricId } from '../../core/catalogue/index.ts';
import type { CounterName } from '../../core/catalogue/metric.ts';
import { metricName, namespaceOf } from '../../core/catalogue/names.ts';
import { isPublished } from '../../core/catalogue/series.ts';
import { compileFilterPattern, type FilterMatcher, logMessage } from '../../core/cloudwatch/filter-pattern.ts';
import type { BotConfig, NightdeskConfig } from '../../core/config/types.ts';
import { parseLine } from '../../core/events/parse.ts';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { type ActivityProfile, learnActivity } from '../../core/health/activity.ts';
import { activityValues, freshHeartbeat, healthGauges, instanceValues, publishedGauges } from '../../core/health/gauges.ts';
import { emptyPulse, foldPulse, type Pulse } from '../../core/health/pulse.ts';
import { isQuietByPlan, isWatched, type SilenceVerdict } from '../../core/health/silence.ts';
import { type HealthNumbers, type WatchMemory, watchBot } from '../../core/health/watch.ts';
import type { FastBreach } from '../../core/incidents/breach.ts';
import { type Fired, fastFlips } from '../../core/incidents/fast-path.ts';
import { limitBreaches } from '../../core/incidents/limit-breach.ts';
import { breachesOf, momentaryBreaches } from '../../core/ledger/breaches.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import type { StrategyGauges } from '../../core/ledger/gauges.ts';
import { settingsFor } from '../../core/ledger/settings.ts';
import { emptyState, type StrategyState } from '../../core/ledger/state.ts';
import { strategyGauges } from '../../core/ledger/strategy-gauges.ts';
import { gaugesAt } from '../../core/ledger/view.ts';
import { sketchValues } from '../../core/orders/latency-sketch.ts';
import { createSeriesStore, type MetricIdentity, type SeriesStore } from '../../core/series/series-store.ts';
import type { EpochMs } from '../../core/time/instant.ts';
import { createSilenceReplay, type SilenceWords } from './silence-replay.ts';

/** A line and when it arrived; times never go back. */
export interface ArrivingLine {
  readonly atMs: EpochMs;
  readonly text: string;
  /** Of an event; other lines belong to whoever spoke last. */
  readonly strategyId?: string;
  /** The event, where the line was read before. */
  readonly event?: NightdeskEvent;
}

export interface EventHistoryOptions extends SilenceWords {
  readonly config: NightdeskConfig;
  /** Arrival of the first event and the end of the replay. */
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  /** Name of the file, for people. */
  readonly name: string;
  /** Called each virtual day. */
  readonly onProgress?: (atMs: EpochMs) => void;
}

const MINUTE = 60_000;
/** A view this young still holds, but for its ages; the sweep's own rule. */
const FRESH_MS = 90_000;

interface Strand {
  readonly id: string;
  state: StrategyState;
  pulse: Pulse;
  waiting: NightdeskEvent[];
  view?: { readonly at: EpochMs; readonly gauges: StrategyGauges };
  fired: Fired;
  detectors: DetectorStates;
  usual?: ActivityProfile;
}

/**
 * Reads all lines and answers with their series. Log subscriptions deliver once a minute, as in a local replay at full speed: the
 * ledger folds at whole minutes, then the sweep publishes, then alarms look.
 */
export async function eventHistory(lines: AsyncIterable<ArrivingLine>, options: EventHistoryOptions): Promise<BacktestHistory> {
  const { config, fromMs, toMs } = options;
  const { store, said } = await eventStore(lines, options);
  return {
    ...frozenReader(store, { fromMs: fromMs - 2 * 86_400_000, toMs: toMs + MINUTE }),
    fromMs,
    toMs,
    knows: knownTo(config),
    source: `events ${options.name}`,
    fidelity: fidelityOf(config),
    fast: said,
  };
}

/** The same series in the store itself, for whoever asks for more than alarms do. */
export async function eventStore(
  lines: AsyncIterable<ArrivingLine>,
  options: EventHistoryOptions,
): Promise<{ readonly store: SeriesStore; readonly said: readonly SaidBreach[] }> {
  const { fromMs, toMs } = options;
  const store = createSeriesStore();
  const desk = createDesk(store, options);
  // What arrives on a whole minute is delivered at once; the first sweep comes a minute later.
  let minute = Math.ceil(fromMs / MINUTE) * MINUTE;
  for await (const line of lines) {
    for (; line.atMs > minute; minute += MINUTE) desk.endMinute(minute);
    desk.line(line);
  }
  for (; minute <= toMs; minute += MINUTE) desk.endMinute(minute);
  return { store, said: desk.said };
}

function fidelityOf({ bots }: NightdeskConfig): readonly string[] {
  const probed = bots.filter(({ probes }) => Object.keys(probes).length > 0).map(({ id }) => id);
  return [
    'metrics of the functions themselves (errors, queues, delivery lag, sends, data problems) are not in events; their alarms are not replayed',
    'log lines are taken to reach the ledger at the end of their minute, as in a local replay at full speed',
    ...(probed.length === 0 ? [] : [`probes of ${probed.join(', ')} are not in events: health is judged by heartbeats`]),
  ];
}

/** Counters of functions that the events themselves decide. */
const counted: readonly CounterName[] = ['accepted', 'conflicting', 'rejectedLines'];

/** Sources of metrics that events can speak of. */
function knownTo(config: NightdeskConfig): (metric: MetricIdentity) => boolean {
  const namespace = namespaceOf(config.stage);
  const known = new Set(
    catalogue
      .filter(row => {
        const { source } = row.metric;
        if (source.from === 'counter') return counted.includes(source.of);
        return source.from !== 'measure' && source.from !== 'aws' && source.from !== 'math';
      })
      .filter(row => isPublished(row, config))
      .map(row => metricName(row.id)),
  );
  return metric => metric.namespace === namespace && known.has(metric.metricName);
}

interface LogFilter {
  readonly metricName: string;
  readonly matcher: FilterMatcher;
  readonly dimension?: { readonly name: string; readonly selector: string };
}

/** The metric filters that every bot's log group has. */
function logFilters(config: NightdeskConfig): readonly LogFilter[] {
  return catalogue.flatMap((row): LogFilter[] => {
    const { source } = row.metric;
    if (source.from !== 'metricFilter' || !isPublished(row, config)) return [];
    const compiled = compileFilterPattern(source.pattern);
    if (!compiled.ok) throw new Error(`InvalidPattern at ${row.id}: ${compiled.error.message}`);
    const selector = source.dimension?.Strategy;
    const dimension = selector === undefined ? {} : { dimension: { name: 'Strategy', selector } };
    return [{ metricName: metricName(row.id), matcher: compiled.value, ...dimension }];
  });
}

const sketches = ['orderAck', 'orderFill', 'orderCancel', 'marketData'] as const;

function createDesk(store: SeriesStore, options: EventHistoryOptions) {
  const { config, fromMs, onProgress } = options;
  const namespace = namespaceOf(config.stage);
  const filters = logFilters(config);
  const rows = anomalyRows(config);
  const strands = new Map<string, Strand>();
  const said: SaidBreach[] = [];
  let rejected = 0;
  let heard = false;

  const strandOf = (id: string): Strand => {
    let strand = strands.get(id);
    if (strand === undefined) {
      strand = { id, state: emptyState(settingsFor(config, id)), pulse: emptyPulse, waiting: [], fired: {}, detectors: {} };
      strands.set(id, strand);
    }
    return strand;
  };

  const publish = (values: MetricValues, dimensions: Readonly<Record<string, string>>, atMs: EpochMs): void => {
    for (const [id, value] of Object.entries(values)) {
      if (value !== undefined) store.put(namespace, metricName(id as MetricId), dimensions, atMs, { values: [value] });
    }
  };

  const measure = ({ text, atMs }: ArrivingLine): void => {
    const message = logMessage(text);
    for (const { metricName: name, matcher, dimension } of filters) {
      if (!matcher.matches(message)) continue;
      if (dimension === undefined) {
        store.put(namespace, name, {}, atMs, { values: [1] });
        continue;
      }
      const found = matcher.extract(message, dimension.selector);
      if (found !== undefined && found !== '') store.put(namespace, name, { [dimension.name]: String(found) }, atMs, { values: [1] });
    }
  };

  const say = (breaches: readonly FastBreach[], saidAtMs: EpochMs): void => {
    for (const breach of breaches) said.push({ breach, saidAtMs });
  };

  /** What the ledger does with a batch. */
  const fold = (strand: Strand, nowMs: EpochMs): { readonly accepted: number; readonly conflicting: number } => {
    const folded = foldBatch(strand.state, strand.waiting, { receivedAtMs: nowMs });
    strand.state = folded.state;
    strand.pulse = foldPulse(strand.pulse, strand.waiting, nowMs);
    strand.waiting = [];
    const gauges = strategyGauges(strand.state, nowMs);
    strand.view = { at: nowMs, gauges };
    publish(strategyValues(gauges, config), { Strategy: strand.id }, nowMs);
    const breaching = limitBreaches(
      { Strategy: strand.id },
      [...breachesOf(strand.state, strand.state.settings, nowMs), ...momentaryBreaches(folded.findings)],
      nowMs,
    );
    if (breaching.length > 0) flip(strand, breaching, nowMs);
    for (const kind of sketches) {
      const row = sketchRow(kind, config);
      if (row === undefined || folded.latencies[kind].count === 0) continue;
      store.put(namespace, metricName(row), { Strategy: strand.id }, nowMs, sketchValues(folded.latencies[kind]));
    }
    return folded.counts;
  };

  const flip = (strand: Strand, breaching: readonly FastBreach[], nowMs: EpochMs): void => {
    const flips = fastFlips(strand.fired, breaching, nowMs);
    say(flips.publish, nowMs);
    strand.fired = flips.fired;
  };

  const foldAll = (nowMs: EpochMs): void => {
    let folded = 0;
    let conflicting = 0;
    for (const strand of strands.values()) {
      if (strand.waiting.length === 0) continue;
      const counts = fold(strand, nowMs);
      folded += counts.accepted + counts.conflicting;
      conflicting += counts.conflicting;
      if (counts.accepted > 0) publish(functionValues({ accepted: counts.accepted }, config), { Strategy: strand.id }, nowMs);
    }
    if (folded > 0) publish(functionValues({ conflicting }, config), {}, nowMs);
    if (heard) publish(functionValues({ rejectedLines: rejected }, config), {}, nowMs);
    rejected = 0;
    heard = false;
  };

  const calendars = new Map(
    config.bots.flatMap(bot => bot.strategies.map(({ id, calendar }) => [id, calendarWith(calendar, config.closures ?? [])] as const)),
  );

  /** Whether the strategy acts as usual. */
  const sweepActivity = (strand: Strand, gauges: StrategyGauges, nowMs: EpochMs): HealthNumbers => {
    const { pulse, id } = strand;
    const calendar = calendars.get(id)!;
    if (pulse.activity !== undefined) strand.usual = learnActivity(strand.usual, pulse.activity, nowMs, calendar.zone);
    const numbers = activityValues(pulse, gauges, strand.usual, calendar, nowMs);
    publish(healthValues(numbers, config), { Strategy: id }, nowMs);
    return numbers;
  };

  /** What the sweep says about a strategy: by its last view while that is fresh, else by the books. Returns whether it acts as usual. */
  const sweepStrategy = (strand: Strand, watching: boolean, nowMs: EpochMs): HealthNumbers => {
    const { view, state, id } = strand;
    if (view === undefined) return {};
    const calendar = calendarOf(state.settings.calendar);
    const isFresh = nowMs - view.at < FRESH_MS && calendar.dayOf(view.at) === calendar.dayOf(nowMs);
    const isQuiet = Object.keys(strand.fired).length === 0;
    const fromView = isFresh && isQuiet;
    const gauges = fromView ? (view.at === nowMs ? view.gauges : gaugesOfView(view, nowMs)) : strategyGauges(state, nowMs);
    publish(strategyValues(publishedGauges(gauges, watching), config), { Strategy: id }, nowMs);
    if (rows.length > 0 && isDetectorMinute(nowMs)) {
      const found = strategyAnomalies(rows, strand.detectors, gauges, { calendar: state.settings.calendar, nowMs });
      strand.detectors = found.states;
      publish(found.values, { Strategy: id }, nowMs);
    }
    const breaching = fromView ? [] : limitBreaches({ Strategy: id }, breachesOf(state, state.settings, nowMs), nowMs);
    if (breaching.length > 0 || !isQuiet) flip(strand, breaching, nowMs);
    return sweepActivity(strand, gauges, nowMs);
  };

  const silence = createSilenceReplay({ ...options, pulseOf: id => strands.get(id)?.pulse, say });

  const watched = new Map<string, WatchMemory>();

  const sweepStrategies = (bot: BotConfig, watching: boolean, nowMs: EpochMs): ReadonlyMap<string, HealthNumbers> =>
    new Map(
      bot.strategies.flatMap(({ id }) => {
        const strand = strands.get(id);
        return strand === undefined ? [] : [[id, sweepStrategy(strand, watching, nowMs)] as const];
      }),
    );

  const sweepBot = (bot: BotConfig, verdict: SilenceVerdict, watching: boolean, nowMs: EpochMs): void => {
    const ofStrategies = sweepStrategies(bot, watching, nowMs);
    const pulse = strands.get(bot.heartbeat.strategyId)?.pulse;
    const { health, silent } = verdict;
    if (isQuietByPlan(verdict, bot.heartbeat.schedule !== undefined))
      publish({ heartbeatCount: 1 }, { Strategy: bot.heartbeat.strategyId }, nowMs);
    const { heartbeatAge, ...flags } = healthGauges(health, pulse, nowMs);
    const ofBot = { silentComponents: silent.length, ...instanceValues(pulse, bot.heartbeat, nowMs), ...flags };
    if (watching) {
      const { memory, publish: breaches } = watchBot(watched.get(bot.id) ?? {}, bot, { ofBot, ofStrategies }, nowMs);
      watched.set(bot.id, memory);
      say(breaches, nowMs);
    }
    if (heartbeatAge !== undefined) publish(healthValues({ heartbeatAge }, config), { Strategy: bot.heartbeat.strategyId }, nowMs);
    const beat = freshHeartbeat(pulse, bot.heartbeat, nowMs);
    publish({ ...healthValues(ofBot, config), ...heartbeatValues(beat ?? {}, config) }, { Bot: bot.id }, nowMs);
  };

  return {
    said,
    line: (line: ArrivingLine): void => {
      heard = true;
      measure(line);
      const parsed = line.event === undefined ? parseLine(line.text) : { kind: 'event' as const, event: line.event };
      if (parsed.kind === 'event') strandOf(parsed.event.strategyId).waiting.push(parsed.event);
      else if (parsed.kind === 'rejected') rejected += 1;
    },
    endMinute: (nowMs: EpochMs): void => {
      silence.wakeUntil(nowMs);
      foldAll(nowMs);
      if (nowMs === fromMs) return;
      const { bots, memory } = silence.sweep(nowMs);
      const isTelemetrySilent = memory.silentSince !== undefined;
      publish(healthValues({ telemetrySilent: isTelemetrySilent ? 1 : 0 }, config), {}, nowMs);
      for (const [index, bot] of config.bots.entries()) sweepBot(bot, bots[index]!, isWatched(bots[index]!, isTelemetrySilent), nowMs);
      if (nowMs % 86_400_000 === 0) onProgress?.(nowMs);
    },
  };
}

/** Ages advanced, as the sweep does it. */
const gaugesOfView = (view: { readonly at: EpochMs; readonly gauges: StrategyGauges }, nowMs: EpochMs): StrategyGauges =>
  gaugesAt({ schemaVersion: 1, positions: [], ...view }, nowMs);
