/** Bots: are they there, and what do they use. */
import type { SweepState } from '../../adapters/aws/sweep-store.ts';
import { hasProbes } from '../../core/catalogue/series.ts';
import type { BotConfig, NightdeskConfig } from '../../core/config/types.ts';
import { closuresOf } from '../../core/health/closure.ts';
import type { ExcuseReason } from '../../core/health/excuse.ts';
import { healthGauges } from '../../core/health/gauges.ts';
import { newHealth } from '../../core/health/initial.ts';
import type { Light } from '../../core/health/lights.ts';
import { probeNames } from '../../core/health/probe-state.ts';
import { millisecondsText, seenText } from '../../core/health/probe-text.ts';
import { silenceRuleOf } from '../../core/health/rules.ts';
import { type BotHealth, deadAfterSeconds, type HealthStatus, judgeSilence, type SilenceVerdict } from '../../core/health/silence.ts';
import { durationText } from '../../core/incidents/quantity-text.ts';
import { type Cell, type Html, html, nothing, number, table } from './html.ts';
import { readSweep, type Shown } from './shown.ts';
import { lightSign } from './style.ts';

const none = '–';

const statusLights: Readonly<Record<HealthStatus, Light>> = {
  up: 'green',
  late: 'yellow',
  down: 'red',
  new: 'grey',
  paused: 'grey',
  maintenance: 'grey',
};

const statusWords: Readonly<Record<HealthStatus, string>> = {
  up: 'up',
  late: 'late',
  down: 'down',
  new: 'never heard',
  paused: 'paused',
  maintenance: 'maintenance',
};

const excuseWords: Readonly<Record<ExcuseReason, string>> = {
  stopped: 'stopped',
  paused: 'paused',
  maintenance: 'maintenance',
  deploy: 'being deployed',
  closed: 'market closed',
};

/** What the bot is, and for a quiet one why nobody is told. */
const wordsOf = ({ health: { status }, excuse }: SilenceVerdict): string =>
  status === 'paused' && excuse !== undefined ? excuseWords[excuse] : statusWords[status];

/** As the next sweep would judge it. */
function judged(bot: BotConfig, { heads, health, closures }: SweepState, config: NightdeskConfig, nowMs: number): SilenceVerdict {
  const pulse = heads.get(bot.heartbeat.strategyId)?.pulse;
  return judgeSilence(
    health.get(bot.id)?.value ?? newHealth(nowMs),
    pulse,
    silenceRuleOf(bot, config, closuresOf(config, closures)),
    nowMs,
  );
}

const worstFirst: readonly HealthStatus[] = ['down', 'late', 'new', 'maintenance', 'paused', 'up'];

/** Cards that a wall has room for; the worst come first, so what is left out is fine. */
const WALL = 60;

/** A card for each bot: how it is and how long its last heartbeat is ago, against what is allowed. */
export async function heartbeatWall(shown: Shown): Promise<Html> {
  const { config, request, nowMs } = shown;
  const state = await readSweep(shown);
  const all = request.bots
    .map(bot => ({
      bot,
      verdict: judged(bot, state, config, nowMs),
      beat: state.heads.get(bot.heartbeat.strategyId)?.pulse?.heartbeat,
    }))
    .toSorted((a, b) => worstFirst.indexOf(a.verdict.health.status) - worstFirst.indexOf(b.verdict.health.status));
  const cards = all.slice(0, WALL).map(({ bot, verdict, beat }) => {
    const age = beat === undefined ? 'never' : `${durationText((nowMs - beat.at) / 1000)} ago`;
    const trading = beat?.tradingState === undefined || beat.tradingState === 'active' ? '' : `, trading ${beat.tradingState}`;
    const sign = lightSign(statusLights[verdict.health.status], request.theme, wordsOf(verdict), 16);
    return html`<div class="nd-card"><h4>${sign} ${bot.id}</h4><div>${wordsOf(verdict)}${trading}</div><div class="nd-muted">heartbeat ${age}, dead after ${durationText(deadAfterSeconds(bot.heartbeat))}</div></div>`;
  });
  if (cards.length === 0) return html`<p class="nd-note">No bots.</p>`;
  const more = all.length > WALL ? html`<p class="nd-note">And ${all.length - WALL} more, none worse.</p>` : nothing;
  return html`<div class="nd-row">${cards}</div>${more}`;
}

export async function healthTable(shown: Shown): Promise<Html> {
  const { config, request, nowMs } = shown;
  const state = await readSweep(shown);
  const isProbed = request.bots.some(hasProbes);
  const flag = (value: 0 | 1 | undefined) => (value === undefined ? none : value === 1 ? 'yes' : 'no');
  const rows = request.bots.map(bot => {
    const pulse = state.heads.get(bot.heartbeat.strategyId)?.pulse;
    const verdict = judged(bot, state, config, nowMs);
    const { health } = verdict;
    const gauges = healthGauges(health, pulse, nowMs);
    return [
      lightSign(statusLights[health.status], request.theme, wordsOf(verdict)),
      bot.id,
      wordsOf(verdict),
      gauges.heartbeatAge === undefined ? 'never' : durationText(gauges.heartbeatAge),
      flag(gauges.liveness),
      flag(gauges.readiness),
      flag(gauges.startup),
      pulse?.heartbeat?.tradingState ?? none,
      ...(isProbed ? [probesCell(health)] : []),
    ];
  });
  const columns = ['', 'Bot', 'State', 'Last heartbeat', 'Alive', 'Ready', 'Started', 'Trading', ...(isProbed ? ['Newest probes'] : [])];
  return table(columns, rows, 'No bots.');
}

/** Each probe with where its time went; its last ten times stand in the hint. */
function probesCell({ probes }: BotHealth): Cell {
  const lines = probeNames.flatMap(name => {
    const { last, recent = [] } = probes[name] ?? {};
    if (last === undefined) return [];
    const times = recent.map(ms => (ms === null ? 'failed' : millisecondsText(ms))).join(', ');
    return [html`<div title="newest last: ${times}">${name}: ${seenText(last)}</div>`];
  });
  return lines.length === 0 ? none : html`${lines}`;
}

const shownAs = (value: number | undefined, unit: string, digits = 0) =>
  number(value === undefined ? none : `${value.toFixed(digits)} ${unit}`);

/** A sum of parts of which some may be unknown; undefined when all are. */
function sum(...parts: readonly (number | undefined)[]): number | undefined {
  const known = parts.filter(part => part !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, part) => total + part, 0);
}

/** What each bot's process and machine used at its last heartbeat, with the age of that heartbeat. */
export async function systemTable(shown: Shown): Promise<Html> {
  const { request, nowMs } = shown;
  const { heads } = await readSweep(shown);
  const rows = request.bots.map(bot => {
    const beat = heads.get(bot.heartbeat.strategyId)?.pulse?.heartbeat;
    const used = beat?.resources ?? {};
    const kilobytes = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / 1_000);
    return [
      bot.id,
      shownAs(used.cpuPercent, '%', 1),
      shownAs(used.memoryPercent, '%', 1),
      shownAs(kilobytes(sum(used.diskReadBytesPerSecond, used.diskWriteBytesPerSecond)), 'kB/s', 1),
      shownAs(kilobytes(sum(used.networkReceiveBytesPerSecond, used.networkTransmitBytesPerSecond)), 'kB/s', 1),
      shownAs(used.networkLatencyMs, 'ms', 1),
      shownAs(beat?.loopLagMs, 'ms', 1),
      shownAs(beat?.queueDepth, 'waiting'),
      beat === undefined ? 'never' : `${durationText((nowMs - beat.at) / 1000)} ago`,
    ];
  });
  const columns = ['Bot', 'CPU', 'Memory', 'Disk I/O', 'Bandwidth', 'Network latency', 'Loop lag', 'Queue', 'Measured'];
  return table(columns, rows, 'No bots.');
}
