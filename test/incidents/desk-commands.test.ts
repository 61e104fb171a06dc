import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command as why } from '../../bin/commands/why.ts';
import type { LocalStack } from '../../local/stack.ts';
import { runCommand } from '../suites/run-command.ts';
import { alarm, keptNight, runningNight } from './desk-fixture.ts';

let folder: string;
let stack: LocalStack;
let port: string;
beforeAll(async () => {
  folder = await keptNight();
  stack = await runningNight();
  port = new URL(stack.endpoint.url).port;
});
afterAll(() => stack.close());

const empty = () => mkdtempSync(join(tmpdir(), 'nightdesk-empty-'));

interface Step {
  readonly step: string;
  readonly verdict: string;
  readonly text: string;
}

async function stepsAt(at: string, ...more: readonly string[]): Promise<readonly Step[]> {
  const { stdout } = await runCommand(why, [alarm, '--at', at, '--json', ...more], folder);
  return (JSON.parse(stdout) as { readonly steps: readonly Step[] }).steps;
}

const of = (steps: readonly Step[], wanted: string) =>
  steps.filter(({ step }) => step === wanted).map(({ verdict, text }) => `${verdict}: ${text}`);

describe('nightdesk why', () => {
  it('says who was told of an alarm, and every gate on the way, in one list', async () => {
    const { code, stdout } = await runCommand(why, [alarm, '--at', '2026-03-09T03:00:10Z'], folder);
    expect(code).toBe(0);
    expect(stdout).toContain('=> send');
    const steps = await stepsAt('2026-03-09T03:00:10Z');
    expect([...new Set(steps.map(({ step }) => step))]).toEqual([
      'alarm',
      'composite',
      'mute rules',
      'alert',
      'route',
      'time interval',
      'inhibition',
      'silence',
      'group',
      'send',
    ]);
  });

  it('names the alarms below a composite with their states at that time, the suppressor first', async () => {
    expect(of(await stepsAt('2026-03-09T03:00:10Z'), 'composite')).toEqual([
      'unknown: demo-telemetry-silent: not known at that time',
      'passes: demo-beats-s1 was ALARM since 2026-03-09T02:59:55.000Z',
      'unknown: demo-age-s1: not known at that time',
    ]);
    expect(of(await stepsAt('2026-03-09T03:04:00Z'), 'composite')[0]).toBe(
      'holds back: its suppressor demo-telemetry-silent was ALARM since 2026-03-09T03:03:20.000Z',
    );
  });

  it.each(['kept', 'running'])('finds the mute rule that was in force (%s)', async where => {
    const from = where === 'kept' ? [] : ['--port', port];
    expect(of(await stepsAt('2026-03-09T03:00:10Z', ...from), 'mute rules')).toEqual([
      'passes: no mute rule was in force (rules that name it: 1)',
    ]);
    const end = where === 'kept' ? '2026-03-09T05:00:00.000Z' : '2026-03-09T04:30:00.000Z';
    expect(of(await stepsAt('2026-03-09T04:10:00Z', ...from), 'mute rules')).toEqual([
      `holds back: demo-night muted its actions from 2026-03-09T04:00:00.000Z to ${end}`,
    ]);
  });

  it('says 1 for a time at which nobody was told', async () => {
    expect((await runCommand(why, ['demo-nothing', '--at', '2026-03-09T03:00:10Z'], folder)).code).toBe(1);
  });

  it.each([
    ['no alarm', [], 'name one alarm'],
    ['two alarms', ['a', 'b'], 'name one alarm'],
    ['no time', ['a', '--at', 'yesterday'], '"yesterday"'],
    ['a port where nothing runs', ['a', '--port', '1'], 'no stack answers on port 1'],
  ])('refuses %s in one line', async (_name, args, said) => {
    const { code, stderr } = await runCommand(why, args, folder);
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(said);
  });

  it('says so where nothing was kept', async () => {
    expect(await runCommand(why, ['a'], empty())).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('none has kept its state here'),
    });
  });
});
