import type { ProbeTarget } from '../../core/config/types.ts';
import { type DueProbe, inTurn, PROBER_BUDGET_MS, type ProberAnswer, readProberRequest } from '../../core/health/probe-call.ts';
import type { ProbeResult } from '../../core/health/probe-result.ts';
import type { ProbeName } from '../../core/health/probe-state.ts';

export interface ProbedBot {
  readonly id: string;
  readonly probes: Readonly<Partial<Record<ProbeName, ProbeTarget>>>;
}

export interface ProberTools {
  readonly bots: readonly ProbedBot[];
  /** Asked first, beside the probes of each request. */
  readonly control?: ProbeTarget;
  readonly probe: (probe: ProbeTarget) => Promise<ProbeResult>;
  /** Wall clock, for turns. */
  readonly now: () => number;
  /** Milliseconds that only go forward. */
  readonly elapsed: () => number;
}

/** Probes at once: as many as there are threads for name lookups (lib/probers.ts). */
export const AT_ONCE = 64;
/** A timeout that strikes this much late says that we were held up, not the target. */
const LATE_MS = 500;

/**
 * Asks the probes of the request, so many at once, until its time is up. A bot or probe that our config does not know (the caller was deployed
 * earlier or later) and a probe for which no time was left are missing from the answer.
 */
export async function runProbes(event: unknown, { bots, control, probe, now, elapsed }: ProberTools): Promise<ProberAnswer> {
  const deadline = elapsed() + PROBER_BUDGET_MS;
  const known = new Map(bots.map(({ id, probes }) => [id, probes]));
  const asked = readProberRequest(event).probes.flatMap(({ bot, name }) => {
    const config = known.get(bot)?.[name];
    return config === undefined ? [] : [{ bot, name, config, timeoutMs: config.timeoutMs }];
  });
  const waiting = inTurn(asked, now()).values();
  const results: (DueProbe & ProbeResult)[] = [];
  const attempt = async (target: ProbeTarget) =>
    heldUp(
      await probe(target).catch(
        (error: unknown): ProbeResult => ({ ok: false, ours: true, tookMs: 0, detail: error instanceof Error ? error.name : 'error' }),
      ),
      target,
    );
  const controlled = control === undefined ? undefined : attempt(control);
  const work = async () => {
    for (const { bot, name, config } of waiting)
      if (elapsed() + config.timeoutMs <= deadline) results.push({ bot, name, ...(await attempt(config)) });
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, asked.length) }, work));
  return { schemaVersion: 1, results, ...(controlled === undefined ? {} : { control: await controlled }) };
}

const heldUp = (result: ProbeResult, { timeoutMs }: ProbeTarget): ProbeResult =>
  !result.ok && result.tookMs > timeoutMs + LATE_MS ? { ...result, ours: true } : result;
