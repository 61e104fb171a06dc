import { errorFields } from '../../adapters/aws/output.ts';
import type { AskProber } from '../../adapters/aws/prober.ts';
import type { SweepState } from '../../adapters/aws/sweep-store.ts';
import type { BotConfig } from '../../core/config/types.ts';
import { isCutOff, isUnreached, type Reaching } from '../../core/health/cut-off.ts';
import { type Asked, type DueProbe, probeKey } from '../../core/health/probe-call.ts';
import { afterAnswers, dueProbes, type ProbeAnswer, type ProbedRun, type ProbeName } from '../../core/health/probe-state.ts';
import { newestRun } from '../../core/health/pulse.ts';
import type { BotHealth } from '../../core/health/silence.ts';
import type { HealthNumbers } from '../../core/health/watch.ts';
import type { HeartbeatTools } from './heartbeat.ts';

export type Vantage = BotConfig['probedFrom'];
export type Probers = Readonly<Partial<Record<Vantage, AskProber>>>;

/** What a bot's probes showed in this sweep. */
export interface Probed {
  readonly numbers: HealthNumbers;
  readonly apply: (before: BotHealth) => BotHealth['probes'];
}

export interface Probing {
  /** Resolves at once for a bot that has no probe due, for others when their prober has answered or failed. Never rejects. */
  readonly of: (bot: BotConfig) => Promise<Probed>;
  /** Probes that were due and told nothing of their target, because of us, and controls that were not reached. */
  readonly blind: () => Promise<number>;
}

interface Due {
  readonly run: ProbedRun;
  readonly names: readonly ProbeName[];
}

/** Sends off the probes that are due. The sweep goes on meanwhile: slow targets hold up nothing but the gauges of their own bot. */
export function startProbing(health: ReadonlyMap<string, BotHealth>, state: SweepState, nowMs: number, tools: HeartbeatTools): Probing {
  const dueOf = new Map(tools.config.bots.map(bot => [bot.id, dueFor(bot, health.get(bot.id)!, state, nowMs)]));
  const asked = {
    internet: askAll('internet', { dueOf, health }, tools),
    vpc: askAll('vpc', { dueOf, health }, tools),
  } satisfies Record<Vantage, Promise<Asked>>;
  const answersOf = async ({ id, probedFrom }: BotConfig): Promise<readonly ProbeAnswer[]> => {
    const { names } = dueOf.get(id)!;
    if (names.length === 0) return [];
    const { results } = await asked[probedFrom];
    return names.flatMap(name => {
      const result = results.get(probeKey({ bot: id, name }));
      return result === undefined ? [] : [{ name, ...result }];
    });
  };
  return {
    of: async bot => {
      const answers = await answersOf(bot);
      for (const { name, ok, ours, detail, tookMs, failedIn, phases } of answers)
        if (!ok) tools.output.warn('probe failed', { bot: bot.id, probe: name, detail, tookMs, failedIn, phases, ours });
      return {
        numbers: numbersOf(answers, nowMs),
        apply: before => afterAnswers(before.probes, answers, bot.probes, dueOf.get(bot.id)!.run, nowMs),
      };
    },
    blind: async () => {
      const due = [...dueOf.values()].reduce((sum, { names }) => sum + names.length, 0);
      const all = await Promise.all(Object.values(asked));
      const decided = all.flatMap(({ results }) => [...results.values()].filter(({ ours }) => ours !== true));
      const lost = all.filter(({ control }) => control !== undefined && isUnreached(control));
      return due - decided.length + lost.length;
    },
  };
}

function dueFor({ heartbeat, probes }: BotConfig, health: BotHealth, { heads }: SweepState, nowMs: number): Due {
  const { instanceId = '', runId = '', startedAt } = newestRun(heads.get(heartbeat.strategyId)?.pulse ?? {});
  const run: ProbedRun = {
    id: `${instanceId} ${runId}`,
    // Without a word of the bot, the time since it is awaited.
    startedMs: startedAt ?? (health.status === 'new' ? health.since : 0),
  };
  return { run, names: dueProbes(health.probes, probes, run, nowMs) };
}

const nothing: Asked = { results: new Map() };

interface Asking {
  readonly dueOf: ReadonlyMap<string, Due>;
  readonly health: ReadonlyMap<string, BotHealth>;
}

async function askAll(from: Vantage, { dueOf, health }: Asking, { config, probers, output }: HeartbeatTools): Promise<Asked> {
  const due = config.bots
    .filter(({ probedFrom }) => probedFrom === from)
    .flatMap(({ id }) => dueOf.get(id)!.names.map((name): DueProbe => ({ bot: id, name })));
  if (due.length === 0) return nothing;
  try {
    const ask = probers[from];
    if (ask === undefined) throw new Error(`MissingProber: the stack has none for probes from ${from}`);
    const said = await ask(due);
    const { results, control } = said;
    const reaching = config.bots.flatMap(({ id, probes }) =>
      dueOf.get(id)!.names.flatMap((name): readonly Reaching[] => {
        const result = results.get(probeKey({ bot: id, name }));
        const { status } = health.get(id)!;
        return result === undefined
          ? []
          : [{ host: new URL(probes[name]!.url).hostname, result, isHeard: status === 'up' || status === 'late' }];
      }),
    );
    if (control !== undefined && isUnreached(control)) output.warn('control not reached', { from, detail: control.detail });
    if (!isCutOff(reaching, control)) return said;
    output.error('prober is cut off', { from, probes: due.length });
    return { ...said, results: nothing.results };
  } catch (error) {
    output.error('prober failed', { from, probes: due.length, ...errorFields(error) });
    return nothing;
  }
}

function numbersOf(answers: readonly ProbeAnswer[], nowMs: number): HealthNumbers {
  const fine = answers.filter(({ ok }) => ok);
  const longest = (read: (answer: ProbeAnswer) => number | undefined) => {
    const times = fine.flatMap(answer => read(answer) ?? []);
    return times.length === 0 ? undefined : Math.max(...times);
  };
  const ends = answers.flatMap(({ certificateEndsMs }) => certificateEndsMs ?? []);
  const numbers = {
    probeTime: longest(({ tookMs }) => tookMs),
    probeDnsTime: longest(({ phases }) => phases?.dns),
    probeConnectTime: longest(({ phases }) => phases?.connect),
    probeTlsTime: longest(({ phases }) => phases?.tls),
    probeFirstByteTime: longest(({ phases }) => phases?.firstByte),
    certificateDays: ends.length === 0 ? undefined : (Math.min(...ends) - nowMs) / 86_400_000,
  };
  return Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined));
}
