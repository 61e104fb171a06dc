import { expect, it } from 'vitest';
import { heartbeatStrategy, startOwnHeartbeat } from '../../bin/follow/own-heartbeat.ts';

it.each<readonly [string, string | undefined, boolean, string | undefined]>([
  ['has a name of its own on this machine', undefined, false, 'follow-freqtrade'],
  ['is not sent with a key, for which that name is nobody’s', undefined, true, undefined],
  ['is of the strategy that is named', 'grid-btc', true, 'grid-btc'],
])('the heartbeat of a follower %s', (_name, named, isSigned, strategyId) => {
  expect(heartbeatStrategy(named, 'freqtrade', isSigned)).toBe(strategyId);
});

it('says once what the intake has against it', async () => {
  const said: string[] = [];
  const bodies: string[] = [];
  const rejected = [{ line: 1, code: 'WRONG_STRATEGY', message: 'not of this bot' }];
  const fetchStub = (async (_url: unknown, init: { body: string }) => {
    bodies.push(init.body);
    return new Response(JSON.stringify({ error: { code: 'NO_USABLE_LINE', message: 'none' }, rejected }), { status: 400 });
  }) as unknown as typeof fetch;
  const stop = startOwnHeartbeat('s', {
    intake: { url: 'http://intake.test/events', fetch: fetchStub },
    context: { strategyId: 's' },
    follower: { isDegraded: () => false },
    journal: { waiting: () => 7 },
    say: text => said.push(text),
  });
  await stop();
  expect(JSON.parse(bodies.join('').split('\n')[0]!)).toMatchObject({
    eventType: 'heartbeat',
    strategyId: 's',
    component: 'follow',
    queueDepth: 7,
  });
  expect(said).toEqual([
    "the follower's own heartbeat is not taken: 400 NO_USABLE_LINE: none; 1 lines refused; line 1 WRONG_STRATEGY: not of this bot",
  ]);
});
