/**
 * How the sweep asks the prober, and reads its answer. A probe is asked for by name only: its address stands in the config beside the prober's
 * code, so whoever may invoke the prober cannot send it anywhere else.
 */
import type { EpochMs } from '../time/instant.ts';
import { type ProbeResult, readProbeResult } from './probe-result.ts';
import { type ProbeName, probeNames } from './probe-state.ts';

/** Everything that one call asks for is answered by then; a probe that does not fit any more is not begun. */
export const PROBER_BUDGET_MS = 32_000;
/** How long the sweep waits, with room for a cold start; the prober's own limit lies above, the sweep's own far above. */
export const PROBER_WAIT_MS = 36_000;
export const PROBER_TIMEOUT_SECONDS = 40;

export interface DueProbe {
  readonly bot: string;
  readonly name: ProbeName;
}

export interface ProberRequest {
  readonly schemaVersion: 1;
  readonly probes: readonly DueProbe[];
}

export interface ProberAnswer {
  readonly schemaVersion: 1;
  /** A probe that is missing here was not asked. */
  readonly results: readonly (DueProbe & ProbeResult)[];
  /** Of the host that the prober's config names as its control; absent where it names none. */
  readonly control?: ProbeResult;
}

/** Results by `probeKey`. What is missing was not decided, because of us. */
export type ProbeResults = ReadonlyMap<string, ProbeResult>;

/** What one prober said. */
export interface Asked {
  readonly results: ProbeResults;
  readonly control?: ProbeResult;
}

export const probeKey = ({ bot, name }: DueProbe): string => `${bot} ${name}`;

/** @throws Error naming the rule when the event is no request. */
export function readProberRequest(event: unknown): ProberRequest {
  const { schemaVersion, probes } = (event ?? {}) as Readonly<Record<string, unknown>>;
  if (schemaVersion !== 1 || !Array.isArray(probes)) throw new Error('InvalidRequest: must have schemaVersion 1 and a list of probes');
  if (!probes.every(isDue)) throw new Error('InvalidRequest at probes: each must have a bot and the name of a probe');
  return { schemaVersion, probes };
}

/** The results of probes that were asked for; undefined when the answer is none. */
export function readProberAnswer(payload: unknown, asked: readonly DueProbe[]): Asked | undefined {
  const { results, control: said } = (payload ?? {}) as Readonly<Record<string, unknown>>;
  if (!Array.isArray(results)) return undefined;
  const wanted = new Set(asked.map(probeKey));
  const known = results.flatMap((value: unknown) => {
    const result = readProbeResult(value);
    return result === undefined || !isDue(value) || !wanted.has(probeKey(value)) ? [] : [[probeKey(value), result] as const];
  });
  const control = readProbeResult(said);
  return { results: new Map(known), ...(control === undefined ? {} : { control }) };
}

function isDue(value: unknown): value is DueProbe {
  const { bot, name } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof bot === 'string' && probeNames.some(known => known === name);
}

/**
 * The order in which probes are begun: the longest timeouts first, so that they fit, and within one timeout another one first each minute, so
 * that when there are too many, each has its turn.
 */
export function inTurn<T extends { readonly timeoutMs: number }>(probes: readonly T[], now: EpochMs): readonly T[] {
  const first = probes.length === 0 ? 0 : (Math.floor(now / 60_000) * TURN) % probes.length;
  return [...probes.slice(first), ...probes.slice(0, first)].sort((a, b) => b.timeoutMs - a.timeoutMs);
}

/** A prime, so that turns do not fall in step with the number of probes. */
const TURN = 977;
