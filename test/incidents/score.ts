/** Notification stories as scores: what happens at which moment, and what is to be heard between which moments. Nothing else may be heard. */
import { expect } from 'vitest';
import { type RoutingInput, routingFrom } from '../../core/config/routing-input.ts';
import { asSeverity, breachMessage } from '../../core/incidents/breach.ts';
import { readSignals } from '../../core/incidents/delivery.ts';
import { createDesk, type Desk, type Notice } from '../../core/incidents/desk.ts';
import { parseDuration } from '../../core/incidents/duration.ts';
import type { Duty } from '../../core/incidents/incident.ts';
import { incidentKey } from '../../core/incidents/key.ts';
import { parseMatchers } from '../../core/incidents/matcher.ts';
import type { Signal, SignalState } from '../../core/incidents/signal.ts';
import { createSilence } from '../../core/incidents/silence.ts';

export const storyStartMs = Date.parse('2026-03-09T03:00:00Z');

export const seconds = (text: string): number => {
  const read = parseDuration(text);
  if (!read.ok) throw new Error(`${text} ${read.error}`);
  return read.value;
};

export type StoryLabels = Readonly<Record<string, string>>;

/** A signal of the fast path under this name; `severity` among the labels is its severity. */
export function storySignal(alertname: string, labels: StoryLabels, state: SignalState, atMs: number): Signal {
  const { severity = 'warning', ...dimensions } = labels;
  const message = breachMessage({
    row: alertname,
    alarm: alertname,
    dimensions,
    state: state === 'OK' ? 'OK' : 'ALARM',
    severity: asSeverity(severity) ?? 'warning',
    atMs,
    sinceMs: atMs,
    reason: `${alertname} ${state}`,
  });
  return readSignals(message, atMs)[0]!;
}

interface Want {
  readonly fromMs: number;
  readonly toMs: number;
  readonly said: string;
}

export function score(input: RoutingInput, channels: readonly string[] = ['slack', 'pager', 'mail']) {
  const routes = { critical: ['slack', 'pager'], warning: ['slack'], info: ['slack'] };
  const desk = createDesk(routingFrom(input, channels, routes));
  const steps: { readonly atMs: number; readonly run: (desk: Desk) => readonly Notice[] }[] = [];
  const wants: Want[] = [];
  const at = (text: string) => {
    const atMs = storyStartMs + seconds(text);
    const step = (run: (desk: Desk) => readonly Notice[]) => {
      steps.push({ atMs, run });
      return at(text);
    };
    return {
      push: (name: string, labels: StoryLabels = {}) => step(d => d.hear(storySignal(name, labels, 'ALARM', atMs), atMs)),
      resolve: (name: string, labels: StoryLabels = {}) => step(d => d.hear(storySignal(name, labels, 'OK', atMs), atMs)),
      acknowledge: (name: string, labels: StoryLabels = {}) => {
        const { severity: _, ...dimensions } = labels;
        return step(d => d.acknowledge(d.groupOf(incidentKey(name, dimensions)) ?? '', 'ada', atMs));
      },
      silence: (matchers: string, forText: string) =>
        step(d => {
          const read = parseMatchers(matchers);
          if (!read.ok) throw new Error(read.error);
          d.silence(
            createSilence({
              matchers: read.value,
              author: 'ada',
              comment: '',
              createdAt: atMs,
              startsAt: atMs,
              endsAt: atMs + seconds(forText),
            }),
          );
          return [];
        }),
    };
  };
  const between = (from: string, to: string) => ({
    /** One message: the channel, its duty, and how many alerts fire in it. */
    want: (channel: string, duty: Duty, firing?: number, reason?: string) => {
      const said = [channel, duty, ...(firing === undefined ? [] : [`${firing} firing`]), ...(reason === undefined ? [] : [reason])].join(
        ' ',
      );
      wants.push({ fromMs: storyStartMs + seconds(from), toMs: storyStartMs + seconds(to), said });
    },
  });
  const play = (until: string): readonly Notice[] => {
    const heard = [...steps].sort((a, b) => a.atMs - b.atMs).flatMap(({ run }) => run(desk));
    return [...heard, ...desk.until(storyStartMs + seconds(until))];
  };
  /** Plays everything up to `until`, and compares. */
  const check = (until: string) => {
    const rest = play(until).map(notice => ({ notice, atMs: notice.at }));
    for (const want of wants) {
      const found = rest.findIndex(({ notice, atMs }) => atMs >= want.fromMs && atMs <= want.toMs && saysOf(notice).startsWith(want.said));
      expect(
        found,
        `${want.said} between ${time(want.fromMs)} and ${time(want.toMs)}; heard ${list(rest.map(each => each.notice))}`,
      ).toBeGreaterThanOrEqual(0);
      rest.splice(found, 1);
    }
    expect(list(rest.map(each => each.notice)), 'nothing else').toBe('');
  };
  return { at, between, check, play, desk };
}

const saysOf = ({ channel, duty, incident }: Notice) =>
  `${channel} ${duty} ${incident.counts?.firing ?? 0} firing ${incident.noticeReason ?? ''}`;
const time = (ms: number) => `${(ms - storyStartMs) / 1000}s`;
const list = (notices: readonly Notice[]) => notices.map(notice => `${time(notice.at)} ${saysOf(notice)}`).join('; ');
