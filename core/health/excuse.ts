/** Why the silence of a bot pages nobody, and until when: its market is closed, somebody paused it, works on it or deploys it. */
import type { Calendar } from '../calendar/market.ts';
import { nextOpen, openSpans } from '../calendar/sessions.ts';
import type { EpochMs } from '../time/instant.ts';
import { holds, type Standing, type Window } from './standing.ts';

export type ExcuseReason = 'stopped' | 'paused' | 'maintenance' | 'deploy' | 'closed';

export interface Excuse {
  readonly reason: ExcuseReason;
  /** When it ends; absent until somebody or the bot itself says so. */
  readonly untilMs?: EpochMs;
}

export interface ExcuseRule {
  /** Outside its sessions nothing is awaited; absent means always open. */
  readonly calendar?: Calendar;
  /** After each opening, so that the bell does not page. */
  readonly warmUpSeconds: number;
  /** After a deploy was told. */
  readonly deployGraceSeconds: number;
}

export const noExcuses: ExcuseRule = { warmUpSeconds: 0, deployGraceSeconds: 0 };

/** What excuses silence at the instant; of several the one that ends last. */
export function excuseAt(standing: Standing | undefined, rule: ExcuseRule, at: EpochMs): Excuse | undefined {
  const found: Excuse[] = [];
  if (standing !== undefined) {
    const { paused, maintenance, deployedAt } = standing;
    if (holds(paused, at)) found.push(windowed('paused', paused!));
    if (holds(maintenance, at)) found.push(windowed('maintenance', maintenance!));
    const deployedUntil = deployedAt === undefined ? undefined : deployedAt + rule.deployGraceSeconds * 1000;
    if (deployedUntil !== undefined && deployedAt! <= at && at < deployedUntil) found.push({ reason: 'deploy', untilMs: deployedUntil });
  }
  const closedUntil = closedUntilAt(rule, standing?.closures ?? [], at);
  if (closedUntil !== undefined) found.push({ reason: 'closed', untilMs: closedUntil });
  return found.reduce<Excuse | undefined>(
    (longest, excuse) => (longest === undefined || endOf(excuse) > endOf(longest) ? excuse : longest),
    undefined,
  );
}

const windowed = (reason: ExcuseReason, { untilMs }: Window): Excuse => ({ reason, ...(untilMs === undefined ? {} : { untilMs }) });
const endOf = ({ untilMs }: Excuse): number => untilMs ?? Number.POSITIVE_INFINITY;

/** A deadline that falls into an excuse moves to its end, and again if that lies in another. Infinity while no end is known. */
export function afterExcuses(standing: Standing | undefined, rule: ExcuseRule, deadlineMs: EpochMs): EpochMs {
  let at = deadlineMs;
  // A calendar may open, close and open again, but each step goes forward; twenty are a fortnight of closures end to end.
  for (let step = 0; step < 20; step++) {
    const excuse = excuseAt(standing, rule, at);
    if (excuse === undefined) return at;
    if (excuse.untilMs === undefined) return Number.POSITIVE_INFINITY;
    at = excuse.untilMs;
  }
  return at;
}

/** When the closure that the instant lies in ends, warm-up included; undefined while the market is open and warm. */
export function closedUntilAt(rule: ExcuseRule, closures: readonly Window[], at: EpochMs): EpochMs | undefined {
  const warmUpMs = rule.warmUpSeconds * 1000;
  const adHoc = closures
    .filter(({ fromMs, untilMs }) => fromMs <= at && at < (untilMs ?? 0) + warmUpMs)
    .map(({ untilMs }) => untilMs! + warmUpMs);
  const regular = rule.calendar === undefined ? undefined : regularClosure(rule.calendar, warmUpMs, at);
  const ends = regular === undefined ? adHoc : [...adHoc, regular];
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function regularClosure(calendar: Calendar, warmUpMs: number, at: EpochMs): EpochMs | undefined {
  if (!calendar.isOpen(at)) {
    const opens = nextOpen(calendar, at);
    return opens === undefined ? undefined : opens + warmUpMs;
  }
  if (warmUpMs === 0) return undefined;
  const open = openSpans(calendar, at - warmUpMs, at + 1).findLast(({ fromMs }) => fromMs <= at);
  return open !== undefined && open.fromMs > at - warmUpMs ? open.fromMs + warmUpMs : undefined;
}
