/** Lines in, the result of every strategy out: what `nightdesk score` computes. */
import type { NightdeskConfig } from '../config/types.ts';
import type { SplitLine } from '../events/lines.ts';
import { parseLine } from '../events/parse.ts';
import type { NightdeskEvent } from '../events/types.ts';
import type { Finding } from './finding.ts';
import { foldBatch } from './fold.ts';
import { type IncompleteReason, incompleteReasons, sourcesNumberedTogether } from './incomplete.ts';
import { type StrategyScore, scoreStrategy } from './score.ts';
import { settingsFor } from './settings.ts';
import { emptyState, type StrategyState, wholeRetention } from './state.ts';

export interface Quality {
  /** accepted + duplicates + conflicting + rejected + logs + blank. */
  readonly lines: number;
  /** Includes late ones. */
  readonly accepted: number;
  readonly duplicates: number;
  readonly conflicting: number;
  readonly late: number;
  readonly logs: number;
  readonly blank: number;
  /** Whether any strategy's numbers are known to be incomplete. */
  readonly incomplete: boolean;
  readonly rejected: readonly { readonly line: number; readonly code: string; readonly message: string }[];
}

export interface ScoreResult {
  readonly strategies: Readonly<Record<string, StrategyScore & { readonly incomplete?: readonly IncompleteReason[] }>>;
  readonly quality: Quality;
}

export interface Scorer {
  readonly add: (line: SplitLine) => void;
  readonly result: () => ScoreResult;
  /** What the events hold that a person should know of, so far. */
  readonly findings: () => readonly Finding[];
  /** The states behind the result, by strategy. */
  readonly states: () => ReadonlyMap<string, StrategyState>;
}

interface Pending {
  readonly state: StrategyState;
  events: NightdeskEvent[];
}

/** Events are folded in runs, so that what came out of order is folded again once and not for each line. */
const eventsPerFold = 512;
const keptFindings = 1000;

export function createScorer(config?: NightdeskConfig): Scorer {
  const strategies = new Map<string, Pending>();
  const counts = { lines: 0, accepted: 0, duplicates: 0, conflicting: 0, late: 0, logs: 0, blank: 0 };
  const rejected: { line: number; code: string; message: string }[] = [];
  const findings: Finding[] = [];

  const fold = (pending: Pending) => {
    if (pending.events.length === 0) return;
    const folded = foldBatch(pending.state, pending.events, { receivedAtMs: Number.POSITIVE_INFINITY });
    pending.events = [];
    for (const name of ['accepted', 'duplicates', 'conflicting', 'late'] as const) counts[name] += folded.counts[name];
    if (findings.length < keptFindings) findings.push(...folded.findings.slice(0, keptFindings - findings.length));
  };

  const takeEvent = (event: NightdeskEvent) => {
    let pending = strategies.get(event.strategyId);
    if (pending === undefined) {
      pending = { state: emptyState(settingsFor(config, event.strategyId), wholeRetention), events: [] };
      strategies.set(event.strategyId, pending);
    }
    pending.events.push(event);
    if (pending.events.length >= eventsPerFold) fold(pending);
  };

  const add = (line: SplitLine) => {
    counts.lines++;
    const parsed = line.kind === 'text' ? parseLine(line.text) : line;
    if (parsed.kind === 'event') takeEvent(parsed.event);
    else if (parsed.kind === 'log') counts.logs++;
    else if (parsed.kind === 'blank') counts.blank++;
    else rejected.push({ line: line.line, code: parsed.code, message: parsed.message });
  };

  const foldAll = () => {
    for (const pending of strategies.values()) fold(pending);
  };

  return {
    add,
    result: () => {
      foldAll();
      let incomplete = false;
      const numberedTogether = sourcesNumberedTogether([...strategies.values()].map(({ state }) => state));
      const scores = [...strategies].map(([id, { state }]) => {
        const reasons = incompleteReasons(state, numberedTogether);
        if (reasons.length > 0) incomplete = true;
        return [id, { ...scoreStrategy(state), ...(reasons.length > 0 && { incomplete: reasons }) }] as const;
      });
      return { strategies: Object.fromEntries(scores), quality: { ...counts, incomplete, rejected } };
    },
    findings: () => {
      foldAll();
      return findings;
    },
    states: () => {
      foldAll();
      return new Map([...strategies].map(([id, { state }]) => [id, state]));
    },
  };
}
