import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../core/config/parse.ts';

const problemsOf = (bots: readonly unknown[]) => {
  const parsed = parseConfig({ bots });
  return parsed.ok ? [] : parsed.error.map(({ code, path, value }) => [code, path, value]);
};
const botOf = (bot: Readonly<Record<string, unknown>>) => {
  const parsed = parseConfig({ bots: [{ id: 's1', ...bot }] });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value.bots[0]!;
};
const key = { secretName: 'nightdesk/demo/intake/s1' };

describe('a bot’s intake', () => {
  it('has its defaults, and its heartbeats count as direct when everything comes this way', () => {
    expect(botOf({ intake: { key } }).intake).toEqual({ key, everything: false, requestsPerSecond: 10 });
    expect(botOf({ intake: { key } }).heartbeat.deliverySeconds).toBe(10);
    expect(botOf({ intake: { key, everything: true } }).heartbeat.deliverySeconds).toBe(0);
    expect(botOf({ intake: { key, everything: true }, heartbeat: { via: 'logs' } }).heartbeat.deliverySeconds).toBe(10);
  });

  it.each([
    ['a key in the config', { key: { secretName: 'https://key' } }, 'SECRET_IN_CONFIG', 'bots[0].intake.key.secretName', '***'],
    [
      'a key where its secret’s name belongs',
      { key: { secretName: 'f0'.repeat(32) } },
      'SECRET_IN_CONFIG',
      'bots[0].intake.key.secretName',
      '***',
    ],
    ['a key as text', { key: 'f'.repeat(64) }, 'WRONG_TYPE', 'bots[0].intake.key', '***'],
    ['no key', {}, 'MISSING', 'bots[0].intake.key', ''],
    ['no requests at all', { key, requestsPerSecond: 0 }, 'INVALID_VALUE', 'bots[0].intake.requestsPerSecond', '0'],
  ])('refuses %s, and shows no secret', (_, intake, code, path, value) => {
    expect(problemsOf([{ id: 's1', intake }])[0]).toEqual([code, path, value]);
  });

  it('does not write into a group that somebody else owns', () => {
    expect(problemsOf([{ id: 's1', intake: { key, everything: true }, logGroup: { adopt: '/their/group' } }])).toEqual([
      ['INTAKE_INTO_ADOPTED_GROUP', 'bots[0].intake.everything', 'true'],
    ]);
  });

  it('has a route for each bot, so that there is a limit', () => {
    const bots = Array.from({ length: 281 }, (_, index) => ({ id: `b${index}`, intake: { key } }));
    expect(problemsOf(bots.slice(1))).toEqual([]);
    expect(problemsOf(bots)).toEqual([['TOO_MANY_INTAKE_BOTS', 'bots[280].intake', '281']]);
  });
});

describe('where a bot runs', () => {
  it.each([
    [{ on: 'ec2' }, { on: 'ec2' }],
    [
      { on: 'kubernetes', cluster: 'c' },
      { on: 'kubernetes', cluster: 'c', namespace: 'default', deployment: 's1' },
    ],
    [
      { on: 'ecs', cluster: 'c', service: 's' },
      { on: 'ecs', cluster: 'c', service: 's' },
    ],
  ])('is %j', (written, expected) => expect(botOf({ runsOn: written }).runsOn).toEqual(expected));

  it('is a place that is known', () => {
    expect(problemsOf([{ id: 's1', runsOn: { on: 'moon' } }])).toMatchObject([['INVALID_VALUE', 'bots[0].runsOn.on', '"moon"']]);
  });
});
