import type { AlarmState } from '../../../core/alarms/definition.ts';
import { compositeChanged, startSuppression, suppressionUntil, suppressorChanged } from '../../../core/alarms/suppression.ts';
import { type CaseResult, type ConformanceKind, casesOf, isRecord } from '../kind.ts';

interface Timeline {
  readonly id: string;
  readonly waitPeriod?: number;
  readonly extensionPeriod?: number;
  readonly initial: { readonly composite: AlarmState; readonly suppressor: AlarmState };
  readonly events: readonly { readonly t: number; readonly of: 'composite' | 'suppressor'; readonly state: AlarmState }[];
  readonly periods?: readonly { readonly kind: string; readonly start: number; readonly end: number; readonly outcome: string }[];
  readonly actions: readonly { readonly t: number; readonly state: AlarmState }[];
}

const entries = (file: unknown): readonly unknown[] => casesOf(file);

const isTimeline = (value: unknown): value is Timeline =>
  isRecord(value) && isRecord(value['initial']) && Array.isArray(value['events']) && Array.isArray(value['actions']);

/** Timelines of a composite and its suppressor: which periods ran, and which actions were performed when. */
export const kind: ConformanceKind = {
  name: 'composite-suppression',
  recognises: file => casesOf(file).length > 0 && casesOf(file).every(isTimeline),
  run: file => {
    const shared = isRecord(file) ? file : {};
    return entries(file)
      .filter(isTimeline)
      .map(timeline =>
        runTimeline(
          timeline,
          Number(timeline.waitPeriod ?? shared['waitPeriod'] ?? 0),
          Number(timeline.extensionPeriod ?? shared['extensionPeriod'] ?? 0),
        ),
      );
  },
};

function runTimeline(timeline: Timeline, wait: number, extension: number): CaseResult {
  const rule = { wait, extension };
  let memory = startSuppression(timeline.initial.composite, timeline.initial.suppressor);
  const actions: { t: number; state: string }[] = [];
  const periods: { kind: string; start: number; end: number; outcome: string }[] = [];
  const take = (step: ReturnType<typeof suppressionUntil>): void => {
    memory = step.memory;
    actions.push(...step.actions.map(action => ({ t: action.at, state: action.state })));
    periods.push(...step.ended.map(({ kind, start, end, outcome }) => ({ kind, start, end, outcome })));
  };
  for (const event of timeline.events) {
    take(
      event.of === 'composite'
        ? compositeChanged(memory, event.state, event.t, rule)
        : suppressorChanged(memory, event.state, event.t, rule),
    );
  }
  take(suppressionUntil(memory, Number.POSITIVE_INFINITY));
  const expected = JSON.stringify({
    actions: timeline.actions.map(({ t, state }) => ({ t, state })),
    ...(timeline.periods === undefined ? {} : { periods: timeline.periods.map(inOrder) }),
  });
  const got = JSON.stringify({ actions, ...(timeline.periods === undefined ? {} : { periods: periods.map(inOrder) }) });
  return got === expected ? { id: timeline.id, outcome: 'pass' } : { id: timeline.id, outcome: 'fail', expected, got };
}

const inOrder = ({ kind, start, end, outcome }: { kind: string; start: number; end: number; outcome: string }) => ({
  kind,
  start,
  end,
  outcome,
});
