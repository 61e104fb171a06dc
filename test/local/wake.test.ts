/** A wait that ends by a delayed message: the deployed notifier, its queue and its rights, on virtual time. No schedule runs, so no sweep helps. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfig } from '../../core/config/parse.ts';
import { breachMessage } from '../../core/incidents/breach.ts';
import { synthesize } from '../../lib/synth.ts';
import { rank } from '../../local/clock.ts';
import type { LocalStack } from '../../local/stack.ts';
import { topicsOf } from '../../local/stack-definitions.ts';
import { startMs, startTestStack } from './local-stack.ts';

const dir = mkdtempSync(join(tmpdir(), 'nightdesk-wake-'));
let stack: LocalStack;

beforeAll(async () => {
  const parsed = parseConfig({
    bots: [{ id: 'bot', strategies: [{ id: 's1' }] }],
    channels: { slack: { kind: 'slack', webhook: { secretName: 'nightdesk/slack' } } },
    route: { receiver: 'slack', groupBy: ['Strategy'], groupWait: '30s' },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const setting = process.env['CDK_VALIDATION'];
  process.env['CDK_VALIDATION'] = 'false';
  synthesize(parsed.value, dir);
  process.env['CDK_VALIDATION'] = setting;
  stack = await startTestStack({ assemblyDir: dir });
});

afterAll(async () => {
  await stack.close();
  rmSync(dir, { recursive: true, force: true });
});

it('tells a group together when its wait is over, to the second', async () => {
  const topic = topicsOf(stack.assembly).find(({ arn }) => /warning/i.test(arn))!.arn;
  const breach = (alarm: string, atMs: number) =>
    breachMessage({
      row: alarm,
      alarm,
      dimensions: { Strategy: 's1' },
      state: 'ALARM',
      severity: 'warning',
      atMs,
      sinceMs: atMs,
      reason: `${alarm} of s1`,
      firstAction: 'Look.',
    });
  for (const [seconds, alarm] of [
    [65, 'turnover-high'],
    [80, 'refusals-high'],
  ] as const)
    stack.clock.at(startMs + seconds * 1_000, rank.input, () => stack.sns.publish(topic, breach(alarm, startMs + seconds * 1_000)));
  await stack.clock.run(startMs + 94_000);
  expect(stack.outbound.entries()).toEqual([]);
  await stack.clock.run(startMs + 120_000);
  const told = stack.outbound.entries().map(({ channel, atMs }) => [channel, (atMs - startMs) / 1_000]);
  expect(told).toEqual([['slack', 95]]);
  const [table] = [...stack.tables.values()];
  const items = [...table!.all()].filter(({ pk }) => JSON.stringify(pk).includes('INCIDENTS'));
  expect(items.map(({ incident }) => JSON.parse(String((incident as { S: string }).S)))).toMatchObject([{ counts: { firing: 2 } }]);
  expect(stack.counts.get('notifier')).toMatchObject({ invocations: 3, errors: 0 });
});
