import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { command } from '../../bin/commands/backtest.ts';
import { runCommand } from '../../bin/options.ts';
import { rulesOf } from '../../core/catalogue/alarm-definitions.ts';
import { catalogue } from '../../core/catalogue/index.ts';
import { nightdesk, paperBot } from '../run-nightdesk.ts';

interface Transition {
  readonly alarm: string;
  readonly from: string;
  readonly to: string;
  readonly at: string;
  readonly reason: string;
}
interface Local {
  readonly transitions: readonly Transition[];
  readonly notifications: readonly { readonly channel: string; readonly at: string; readonly alarm: string; readonly state?: string }[];
  readonly incidents: readonly {
    readonly key: string;
    readonly openedAt: string;
    readonly resolvedAt?: string;
    readonly severity: string;
    readonly alarms: readonly string[];
  }[];
}
interface Replayed extends Omit<Local, 'notifications' | 'incidents'> {
  readonly incidents: readonly Omit<Local['incidents'][number], 'alarms'>[];
  readonly alarms: readonly { readonly name: string; readonly notReplayed?: string }[];
  readonly notifications: readonly { readonly channel: string; readonly at: string; readonly duty: 'trigger' | 'resolve' }[];
}

let folder: string;
let local: Local;
let replayed: Replayed;

interface Line {
  readonly atMs: number;
  readonly text: string;
}

/** Lines with their times; those without one come with the line before them. */
function linesOf(file: string): readonly Line[] {
  let atMs = 0;
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map(text => {
      const { tsSent } = JSON.parse(text) as { readonly tsSent?: string };
      if (tsSent !== undefined) atMs = Date.parse(tsSent);
      return { atMs, text };
    });
}

/** Two bots for two and a half hours: one dies for 25 minutes, for four of them both; errors, and lines that are none. */
function troubled(first: readonly Line[], second: readonly Line[]): string {
  const minute = (m: number): number => first[0]!.atMs + m * 60_000;
  const without = (lines: readonly Line[], from: number, to: number) =>
    lines.filter(({ atMs }) => atMs < minute(from) || atMs >= minute(to));
  const strategyId = (JSON.parse(second[0]!.text) as { readonly strategyId: string }).strategyId;
  const errors = Array.from({ length: 40 }, (_, n) => ({
    atMs: minute(30) + n * 2000,
    text: JSON.stringify({ level: 'error', message: `boom ${n}`, strategyId }),
  }));
  const odd = ['{broken', '{"eventType":"nonsense"}', 'plain text'].map(text => ({ atMs: minute(100), text }));
  const all = [...without(first, 60, 85), ...without(second, 70, 74), ...errors, ...odd];
  return `${all
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ text }) => text)
    .join('\n')}\n`;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightdesk-agree-'));
  const [one, two, file] = ['one.ndjson', 'two.ndjson', 'trouble.ndjson'].map(name => join(folder, name)) as [string, string, string];
  await paperBot('--random', '--minutes', '150', '--seed', '11', '--out', one);
  await paperBot('--random', '--minutes', '150', '--seed', '12', '--preset', 'momentum-btc', '--out', two);
  writeFileSync(file, troubled(linesOf(one), linesOf(two)));
  const replay = await nightdesk('start', '--input', file, '--speed', 'max', '--headless', '--until-end', '--json', '--fresh');
  expect(replay.code, replay.stderr).toBe(0);
  local = JSON.parse(replay.stdout) as Local;
  let stdout = '';
  const io = {
    stdout: (text: string) => {
      stdout += text;
    },
    stderr: () => undefined,
    stdin: process.stdin,
    env: {},
    cwd: folder,
    isTty: false,
  };
  await runCommand(command, ['--events', file, '--json'], io);
  replayed = JSON.parse(stdout) as Replayed;
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The stack names children of composites by their ARNs, which a replay without a stack does not have. */
const told = ({ alarm, from, to, at, reason }: Transition): string =>
  `${at} ${alarm} ${from} → ${to}: ${reason.replace(/arn:aws:cloudwatch:\S+?:alarm:/g, '')}`;

/** Whether the replay judges the alarm; the test after the next says which it may leave out. */
const isReplayed = (alarm: string): boolean =>
  !replayed.alarms.some(({ name, notReplayed }) => name === alarm && notReplayed !== undefined);

it('says the same transitions as the local stack, at the same minutes and for the same reasons', () => {
  const expected = local.transitions.filter(({ alarm }) => isReplayed(alarm)).map(told);
  expect(replayed.transitions.map(told).sort()).toEqual(expected.sort());
  expect(expected.filter(text => text.includes('→ ALARM')).length).toBeGreaterThan(5);
});

it('leaves out only what the functions measure of themselves', () => {
  const names = replayed.alarms.flatMap(({ name, notReplayed }) => (notReplayed === undefined ? [] : [name.replace(/^demo-/, '')]));
  const wrong = names.filter(name => {
    const row = catalogue.find(({ metric }) => rulesOf(metric).some(({ id }) => name === id || name.startsWith(`${id}-`)));
    return row?.category !== 'self';
  });
  expect(names.length).toBeGreaterThan(0);
  expect(wrong).toEqual([]);
});

it('groups them into the same incidents and notifications', () => {
  const incident = ({ key, severity, openedAt, resolvedAt }: Replayed['incidents'][number]) =>
    `${openedAt} ${key} ${severity} ${resolvedAt}`;
  const judged = local.incidents.filter(({ alarms }) => alarms.some(isReplayed));
  expect(replayed.incidents.map(incident).sort()).toEqual(judged.map(incident).sort());
  const sent = local.notifications
    .filter(({ alarm }) => isReplayed(alarm))
    .map(({ at, channel, state }) => `${at} ${channel} ${state === 'OK' ? 'resolve' : 'trigger'}`);
  expect(replayed.notifications.map(({ at, channel, duty }) => `${at} ${channel} ${duty}`).sort()).toEqual(sent.sort());
});
