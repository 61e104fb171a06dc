import { isoFromMs } from '../../time/instant.ts';
import type { AlarmSet } from '../alarm-set.ts';
import type { AlarmDefinition } from '../definition.ts';
import type { BoundTest } from './bind.ts';
import type { Expectation } from './parse-file.ts';
import { createPlay, type Look } from './play.ts';

export interface TestResult {
  readonly name: string;
  readonly ok: boolean;
  /** What differs, for a person; present when the test failed. */
  readonly diff?: string;
}

/** Plays a test's series through its alarms, minute by minute, and compares at each expectation's time. */
export function runTest({ test, expect, metrics, composites, store }: BoundTest, set: Pick<AlarmSet, 'mutes' | 'config'>): TestResult {
  const play = createPlay({ metrics, composites, mutes: set.mutes, reader: store, config: set.config, startMs: test.startMs });
  const inTime = [...expect].sort((a, b) => a.expectation.atMs - b.expectation.atMs);
  const diffs = inTime.flatMap(({ expectation, alarm }) => {
    play.until(expectation.atMs);
    const look = play.look(alarm.name);
    return look === undefined
      ? [`${headOf(expectation, alarm)}\n  cannot be evaluated: it is part of a circle`]
      : differenceOf(expectation, alarm, look, set);
  });
  return diffs.length === 0 ? { name: test.name, ok: true } : { name: test.name, ok: false, diff: diffs.join('\n') };
}

const headOf = ({ at, atMs }: Expectation, alarm: AlarmDefinition): string => `at ${at} (${isoFromMs(atMs)}) ${alarm.name}`;

function differenceOf(wanted: Expectation, alarm: AlarmDefinition, look: Look, { config }: Pick<AlarmSet, 'config'>): readonly string[] {
  const lines: string[] = [];
  const compare = (what: string, expected: string, found: string): void => {
    lines.push(`  ${what.padEnd(9)} expected ${expected}, was ${found}`);
  };
  if (wanted.state !== undefined && wanted.state !== look.state) compare('state', wanted.state, look.state);
  if (wanted.reason !== undefined && !look.reason.includes(wanted.reason)) compare('reason', `"…${wanted.reason}…"`, `"${look.reason}"`);
  const kindOf = (channel: string): string | undefined => config?.channels[channel]?.kind;
  if (wanted.route !== undefined && !isRouted(wanted.route, look.route, kindOf)) compare('route', list(wanted.route), list(look.route));
  if (wanted.notified !== undefined && wanted.notified !== look.pages) compare('notified', String(wanted.notified), String(look.pages));
  if (lines.length === 0) return [];
  const since = `  in ${look.state} since ${isoFromMs(look.sinceMs)}: ${look.reason}`;
  return [[headOf(wanted, alarm), ...lines, since, ...pointsLine(look)].join('\n')];
}

const list = (names: readonly string[]): string => (names.length === 0 ? 'nobody' : names.join(' + '));

/** Every named channel (by id or kind) was told, none with `!` was; an empty list means that nobody was. */
function isRouted(wanted: readonly string[], told: readonly string[], kindOf: (channel: string) => string | undefined): boolean {
  if (wanted.length === 0) return told.length === 0;
  const isTold = (name: string): boolean => told.some(channel => channel === name || kindOf(channel) === name);
  return wanted.every(name => (name.startsWith('!') ? !isTold(name.slice(1)) : isTold(name)));
}

function pointsLine({ evaluation }: Look): readonly string[] {
  if (evaluation === undefined) return [];
  if (evaluation.problem !== undefined) return [`  could not be evaluated: ${evaluation.problem}`];
  const points = evaluation.points.map(({ atMs, value }) => `${isoFromMs(atMs).slice(11, 16)} ${value ?? '_'}`);
  const approximated = evaluation.approximated ? ' (band approximated)' : '';
  return points.length === 0 ? [] : [`  looked at ${points.join(', ')}${approximated}`];
}
