import { alarmNameOf, type CompositeRule, childrenOf, parseCompositeRule, ruleHolds } from '../cloudwatch/composite-rule.ts';
import type { SyntaxProblem } from '../cloudwatch/syntax.ts';
import type { Result } from '../result.ts';
import type { EpochMs } from '../time/instant.ts';
import type { AlarmState, CompositeAlarm, Transition } from './definition.ts';
import { awsDate } from './reason.ts';

/** The change of a child that made a composite look again. */
export interface ChildChange {
  /** ARN of the child, or its name where no ARN is known. */
  readonly arn: string;
  readonly to: AlarmState;
  readonly atMs: EpochMs;
}

export interface CompositeEvaluation {
  readonly state: AlarmState;
  readonly transition?: Transition;
}

const rules = new Map<string, Result<CompositeRule, SyntaxProblem>>();

/** The parsed rule of an alarm; parsed once per text. */
export function ruleOf(alarm: CompositeAlarm): Result<CompositeRule, SyntaxProblem> {
  let rule = rules.get(alarm.rule);
  if (rule === undefined) {
    rule = parseCompositeRule(alarm.rule);
    if (rules.size < 2000) rules.set(alarm.rule, rule);
  }
  return rule;
}

/** Names of the alarms that a composite watches; the suppressor is not among them. Empty for a rule that does not parse. */
export function watchedBy(alarm: CompositeAlarm): readonly string[] {
  const rule = ruleOf(alarm);
  return rule.ok ? [...new Set(childrenOf(rule.value).map(alarmNameOf))] : [];
}

/**
 * State of a composite: ALARM when its rule holds, otherwise OK; INSUFFICIENT_DATA only before its first evaluation, and when its rule
 * does not parse. A child in INSUFFICIENT_DATA (or unknown) is neither in ALARM nor OK.
 * @param stateOf present state of an alarm by name.
 * @param cause the child's change that led here; absent at the first evaluation.
 */
export function evaluateComposite(
  alarm: CompositeAlarm,
  stateOf: (name: string) => AlarmState | undefined,
  previous: AlarmState | undefined,
  nowMs: EpochMs,
  cause?: ChildChange,
): CompositeEvaluation {
  const before = previous ?? 'INSUFFICIENT_DATA';
  const rule = ruleOf(alarm);
  if (!rule.ok) return { state: before };
  const state: AlarmState = ruleHolds(rule.value, child => stateOf(alarmNameOf(child))) ? 'ALARM' : 'OK';
  if (state === before) return { state };
  return { state, transition: { alarm: alarm.name, from: before, to: state, atMs: nowMs, ...reasonOf(alarm, state, cause) } };
}

const DAY_NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTH_NAMES = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `Sunday 22 November, 2026 03:07:04 UTC`. */
export function longDate(ms: EpochMs): string {
  const date = new Date(ms);
  const day = `${DAY_NAMES[date.getUTCDay()]} ${two(date.getUTCDate())} ${MONTH_NAMES[date.getUTCMonth()]}, ${date.getUTCFullYear()}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} UTC`;
}

const two = (value: number): string => String(value).padStart(2, '0');

function reasonOf(
  alarm: CompositeAlarm,
  state: AlarmState,
  cause: ChildChange | undefined,
): { readonly reason: string; readonly reasonData?: string } {
  if (cause === undefined) return { reason: `${alarm.rule} evaluates to ${state === 'ALARM' ? 'true' : 'false'}`.slice(0, 1023) };
  const triggering = { triggeringAlarms: [{ arn: cause.arn, state: { value: cause.to, timestamp: awsDate(cause.atMs) } }] };
  return { reason: `${cause.arn} transitioned to ${cause.to} at ${longDate(cause.atMs)}`, reasonData: JSON.stringify(triggering) };
}

/**
 * Composites in the order in which they must be evaluated: children before parents. Those in a circle, which CloudWatch does not
 * evaluate, are left out.
 */
export function compositeOrder(alarms: readonly CompositeAlarm[]): readonly CompositeAlarm[] {
  const byName = new Map(alarms.map(alarm => [alarm.name, alarm]));
  const done = new Map<string, boolean>();
  const ordered: CompositeAlarm[] = [];
  const visit = (alarm: CompositeAlarm, path: ReadonlySet<string>): boolean => {
    const known = done.get(alarm.name);
    if (known !== undefined) return known;
    if (path.has(alarm.name)) return false;
    const inside = new Set(path).add(alarm.name);
    const fine = watchedBy(alarm).every(name => {
      const child = byName.get(name);
      return child === undefined || visit(child, inside);
    });
    done.set(alarm.name, fine);
    if (fine) ordered.push(alarm);
    return fine;
  };
  for (const alarm of alarms) visit(alarm, new Set());
  return ordered;
}
