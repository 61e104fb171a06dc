import { afterEach, describe, expect, it } from 'vitest';
import { rank } from '../../local/clock.ts';
import type { LocalStack } from '../../local/stack.ts';
import { startMs, startTestStack } from './local-stack.ts';

let stack: LocalStack;
afterEach(() => stack.close());

const minute = 60_000;
const named = (label: string) => stack.functions.find(definition => definition.name.includes(label))!;
const calls = (label: string) => stack.counts.get(label)!;
const state = () => [...stack.tables.values()][0]!.get({ pk: { S: 'COUNT' }, sk: { S: 's1' } });
const log = (atMs: number, message: string) =>
  stack.clock.at(atMs, rank.input, () => stack.logs.append('/nightdesk/test/bot-1', 'main', atMs, message));
const rogue = (event: unknown) => stack.invoke(named('rogue'), JSON.stringify(event));

describe('thirty virtual minutes through real processes', () => {
  it('carry each line from the log group to the table, and the sweep runs each minute', async () => {
    stack = await startTestStack();
    stack.begin();
    for (let second = 0; second < 1_800; second += 20) log(startMs + second * 1_000, `line at ${second}`);
    await stack.clock.run(startMs + 30 * minute);
    expect(state()).toMatchObject({ lines: { N: '90' }, lastAt: { N: String(startMs + 30 * minute) } });
    expect([calls('heartbeat').invocations, calls('ingest').invocations, calls('ledger').invocations]).toEqual([30, 31, 31]);
    expect([...stack.counts.values()].reduce((sum, { errors }) => sum + errors, 0)).toBe(0);
  });

  it('come out the same each time', async () => {
    const run = async () => {
      stack = await startTestStack();
      stack.begin();
      for (let second = 0; second < 300; second += 7) log(startMs + second * 1_000, `{"level":"ERROR","strategyId":"s1","n":${second}}`);
      await stack.clock.run(startMs + 5 * minute);
      const text = stack.store().serialise();
      await stack.close();
      return text.replace(/"metricName":"Duration".*?\]\]\}/g, '');
    };
    expect(await run()).toBe(await run());
  });
});

describe('failures', () => {
  it('keep a poisonous message out of the way: retried after its visibility timeout, then in the dead-letter queue', async () => {
    stack = await startTestStack();
    log(startMs + 1_000, 'poison');
    log(startMs + 61_000, 'fine');
    stack.begin();
    await stack.clock.run(startMs + 6 * minute);
    const counts = Object.fromEntries(
      stack.queues.map(queue => [queue.definition.name.includes('Dead') ? 'dead' : 'main', queue.counts().visible]),
    );
    expect(counts).toEqual({ dead: 1, main: 0 });
    expect(state()).toMatchObject({ lines: { N: '1' } });
  });

  it.each([
    ['throw', 'TypeError', 'as asked'],
    ['exit', 'Runtime.ExitError', 'exit status 3'],
    ['hang', 'Sandbox.Timedout', 'timed out after 1.00 seconds'],
  ])('of a function that should %s are %s, and the next call works', async (what, type, message) => {
    stack = await startTestStack();
    const result = await rogue({ do: what });
    expect(result.error).toMatchObject({ type, message: expect.stringContaining(message) as string });
    expect((await rogue({ do: 'clock' })).error).toBeUndefined();
  });
});

describe('a function’s process', () => {
  it('lives in virtual time', async () => {
    stack = await startTestStack();
    await stack.clock.run(startMs + 1_234);
    expect(JSON.parse((await rogue({ do: 'clock' })).payload)).toEqual({
      now: startMs + 1_234,
      iso: '2026-03-09T13:00:01.234Z',
      isDate: true,
      text: 'string',
    });
  });

  it('may do what its role grants and nothing else', async () => {
    stack = await startTestStack();
    const table = [...stack.tables.keys()][0];
    const key = { pk: { S: 'x' }, sk: { S: 'y' } };
    const put = (namespace: string) =>
      rogue({
        target: 'GraniteServiceVersion20100801.PutMetricData',
        input: { Namespace: namespace, MetricData: [{ MetricName: 'M', Value: 1 }] },
      });
    expect((await rogue({ target: 'DynamoDB_20120810.PutItem', input: { TableName: table, Item: key } })).error).toBeUndefined();
    expect((await rogue({ target: 'DynamoDB_20120810.DeleteItem', input: { TableName: table, Key: key } })).error).toMatchObject({
      type: 'AccessDeniedException',
      message: expect.stringMatching(/rogue.* is not authorized to perform: dynamodb:DeleteItem on resource: arn:aws:dynamodb/) as string,
    });
    expect((await put('Nightdesk/test')).error).toBeUndefined();
    expect((await put('AWS/EC2')).error).toMatchObject({ type: 'AccessDeniedException' });
  });
});

describe('an alarm', () => {
  it('fires when its metric breaches, reaches the inbox through topic, function and gateway, and clears', async () => {
    stack = await startTestStack();
    stack.begin();
    log(startMs + 1_000, 'alive');
    log(startMs + 20 * minute, 'back');
    for (let at = 21; at < 30; at += 1) log(startMs + at * minute, 'on');
    await stack.clock.run(startMs + 30 * minute);
    const story = stack.alarms.history('test-age-s1').map(({ from, to, atMs }) => `${(atMs - startMs) / minute}: ${from} → ${to}`);
    expect(story).toEqual(['2: INSUFFICIENT_DATA → OK', '6: OK → ALARM', '21: ALARM → OK']);
    expect(stack.alarms.history('test-age-s1')[1]?.reason).toMatch(
      /^Threshold Crossed: 2 out of the last 2 datapoints \[240.0 \(09\/03\/26 13:05:00\), 180.0/,
    );
    expect(stack.outbound.entries().map(({ channel, alarm, state, ok }) => [channel, alarm, state, ok])).toEqual([
      ['slack', 'test-age-s1', 'OK', true],
      ['slack', 'test-age-s1', 'ALARM', true],
      ['slack', 'test-age-s1', 'OK', true],
    ]);
  });
});
