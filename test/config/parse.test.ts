import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discoverConfig, withStubChannels } from '../../core/config/discover.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { showProblem } from '../../core/config/problem.ts';

const folder = join(import.meta.dirname, '../fixtures/config');
const fixture = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const problems = (input: unknown) => {
  const parsed = parseConfig(input);
  return parsed.ok ? [] : parsed.error;
};

describe('a config', () => {
  it('needs one bot with an id; everything else has a default', () => {
    const parsed = parseConfig(fixture('minimal.good.json'));
    expect(parsed.ok && parsed.value).toEqual({
      stage: 'demo',
      bots: [
        {
          id: 'b1',
          strategies: [
            {
              id: 'b1',
              botId: 'b1',
              calendar: '24x7',
              annualization: 365,
              riskFree: 0,
              costMethod: 'average',
              limits: {
                dailyLoss: '1000',
                drawdown: 0.1,
                rejectShare: 0.05,
                orderLatencyMs: 500,
                marketDataAgeSeconds: 60,
                consecutiveRejects: 9,
                duplicateOrders: 4,
                priceCollar: 0.05,
                markAgeSeconds: 900,
                liquidationDistance: 0.03,
                unacknowledgedSeconds: 30,
                pendingCancelSeconds: 30,
              },
            },
          ],
          logGroup: { name: '/nightdesk/demo/b1', adopt: false },
          heartbeat: {
            intervalSeconds: 10,
            graceSeconds: 30,
            deliverySeconds: 10,
            strategyId: 'b1',
            calendar: '24x7',
            startWithinSeconds: 900,
            deployGraceSeconds: 300,
            components: {},
          },
          probes: {},
          probedFrom: 'internet',
        },
      ],
      channels: {},
      routes: { critical: [], warning: [], info: [] },
      retentionDays: 90,
      closedMarkets: { warmUpMinutes: 5, horizonDays: 60 },
    });
  });

  it('names all of its problems at once, each with path, value and rule', () => {
    expect(problems(fixture('many-faults.bad.json')).map(showProblem).sort()).toEqual(
      [
        'DUPLICATE_BOT at bots[1].id: bot ids must differ; the first is at bots[0].id; was "a"',
        'INVALID_VALUE at bots[0].limits.dailyLoss: must be a positive decimal without exponent, such as "2500.50"; was "-5"',
        'INVALID_VALUE at bots[0].limits.drawdown: must be at most 1: it is a fraction; was 10',
        'INVALID_VALUE at bots[1].heartbeat.intervalSeconds: must be at most 60, so that each minute has a heartbeat; was 90',
        'INVALID_VALUE at retentionDays: must be one of (1 | 3 | 5 | 7 | 14 | 30 | 60 | 90 | 120 | 150 | 180 | 365 | 400 | 545 | 731 | 1096 | 1827 | 2192 | 2557 | 2922 | 3288 | 3653); was 17',
        'INVALID_VALUE at stage: must start with a letter and have at most 32 letters, digits or dashes; was "has space"',
        'SECRET_IN_CONFIG at channels.desk.webhook.secretName: must be the name or ARN of a secret, not the secret itself; was ***',
        'SECRET_IN_CONFIG at channels.desk.webhook.secretName: must be the name or ARN of a Secrets Manager secret; was ***',
        'UNKNOWN_CHANNEL at routes.critical[0]: must be a configured channel (desk); was "nobody"',
        'UNKNOWN_HEARTBEAT_STRATEGY at bots[1].heartbeat.strategyId: must be a strategy of this bot (x); was "y"',
        'UNKNOWN_KEY at bots[0].limits.rejectShar: is not a key of the config; was 0.1',
        'UNKNOWN_KEY at colour: is not a key of the config; was "red"',
      ].sort(),
    );
  });

  it.each([
    ['strategy-in-two-bots', 'DUPLICATE_STRATEGY', 'bots[1].strategies[0]'],
    ['shared-log-group', 'DUPLICATE_LOG_GROUP', 'bots[1].logGroup.adopt'],
    ['unknown-calendar', 'INVALID_VALUE', 'bots[0].calendar'],
    ['unknown-metric', 'INVALID_VALUE', 'publish[0]'],
    ['unknown-channel-kind', 'INVALID_VALUE', 'channels.d.kind'],
    ['critical-to-nobody', 'UNROUTED_SEVERITY', 'routes.critical'],
    ['no-bots', 'INVALID_VALUE', 'bots'],
    ['not-an-object', 'WRONG_TYPE', ''],
  ])('%s is %s at %s', (name, code, path) => {
    expect(problems(fixture(`${name}.bad.json`))).toMatchObject([{ code, path }]);
  });

  it.each([
    ['a number for an id', { bots: [{ id: 7 }] }, 'bots[0].id'],
    ['an id with a slash', { bots: [{ id: 'a/b' }] }, 'bots[0].id'],
    ['65 letters', { bots: [{ id: 'a'.repeat(65) }] }, 'bots[0].id'],
    ['a zero limit', { bots: [{ id: 'a', limits: { dailyLoss: '0.00' } }] }, 'bots[0].limits.dailyLoss'],
    ['a limit in exponents', { bots: [{ id: 'a', limits: { dailyLoss: '1e3' } }] }, 'bots[0].limits.dailyLoss'],
    ['NaN', { bots: [{ id: 'a', limits: { drawdown: Number.NaN } }] }, 'bots[0].limits.drawdown'],
    ['an endless risk-free rate', { bots: [{ id: 'a', riskFree: Number.POSITIVE_INFINITY }] }, 'bots[0].riskFree'],
    ['a probe that is no URL', { bots: [{ id: 'a', probes: { liveness: 'localhost' } }] }, 'bots[0].probes.liveness'],
  ])('refuses %s', (_, input, path) => {
    expect(problems(input).map(problem => problem.path)).toContain(path);
  });

  it.each([
    { kind: 'slack', webhook: 'https://hooks.slack.com/services/T0/B0/verysecret' },
    { kind: 'slack', webhookUrl: 'verysecret', webhook: { secretName: 's' } },
    { kind: 'pagerduty', routingKey: { secretName: 's', value: 'verysecret' } },
    { kind: 'slack', webhook: { secretName: 'xoxb-verysecret' } },
  ])('never prints what stands in a channel: %j', channel => {
    const found = problems({ bots: [{ id: 'a' }], channels: { d: channel } });
    expect(found).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain('verysecret');
  });

  it.each([
    [
      'a channel by its name',
      { kind: 'slackApp', botToken: { secretName: 's' }, channel: '#desk' },
      'channel',
      /must be the id of a channel, such as C0123456789; was "#desk"/,
    ],
    [
      'a person by name',
      { kind: 'slackApp', botToken: { secretName: 's' }, channel: 'C0123456789', people: ['ana'] },
      'people[0]',
      /must be the id of a person, such as U0123456789; was "ana"/,
    ],
    [
      'nobody who may',
      { kind: 'telegram', botToken: { secretName: 's' }, chatId: -100123, people: [] },
      'people',
      /must name at least one/,
    ],
    [
      'a chat by its title',
      { kind: 'telegram', botToken: { secretName: 's' }, chatId: 'my chat' },
      'chatId',
      /must be a numeric id of Telegram/,
    ],
    ['e-mail to nobody', { kind: 'email' }, '', /must have either addresses or the topicArn/],
    [
      'e-mail to both',
      { kind: 'email', addresses: ['a@b.example'], topicArn: 'arn:aws:sns:eu-west-1:111122223333:t' },
      '',
      /must have either/,
    ],
    ['an address that is none', { kind: 'email', addresses: ['ana'] }, 'addresses[0]', /must be an e-mail address; was "ana"/],
    ['a topic that is none', { kind: 'amazonQ', topicArn: 'topic' }, 'topicArn', /must be the ARN of an SNS topic; was "topic"/],
    ['a webhook without its key', { kind: 'webhook', url: { secretName: 'u' } }, 'signingSecret', /is required/],
    [
      'a key of another kind',
      { kind: 'discord', webhook: { secretName: 's' }, channel: 'C0123456789' },
      'channel',
      /is not a key of the config/,
    ],
  ])('refuses %s, and says the rule', (_name, channel, key, rule) => {
    const found = problems({ bots: [{ id: 'a' }], channels: { d: channel } });
    expect(found.map(({ path }) => path)).toEqual([key === '' ? 'channels.d' : `channels.d.${key}`]);
    expect(showProblem(found[0]!)).toMatch(rule);
  });

  it.each([
    ['no receiver', {}, 'bots[0].signals'],
    [
      'an alarm that is none',
      { topicArn: 'arn:aws:sns:eu-west-1:111122223333:t', onAlarm: { 'made-up': 'halt' } },
      'bots[0].signals.onAlarm.made-up',
    ],
    [
      'a signal that is none',
      { topicArn: 'arn:aws:sns:eu-west-1:111122223333:t', onAlarm: { drawdown: 'explode' } },
      'bots[0].signals.onAlarm.drawdown',
    ],
  ])('refuses signals with %s', (_name, signals, path) => {
    expect(problems({ bots: [{ id: 'a', signals }] }).map(problem => problem.path)).toEqual([path]);
  });

  it('arms no signal unless it is told to', () => {
    const parsed = parseConfig({ bots: [{ id: 'a', signals: { topicArn: 'arn:aws:sns:eu-west-1:111122223333:t' } }] });
    expect(parsed.ok && parsed.value.bots[0]?.signals).toMatchObject({ dryRun: true, maxPerHour: 3, onAlarm: {} });
  });

  it.each([
    ['names', { cluster: 'trading', service: 'momentum' }, undefined, { cluster: 'trading', service: 'momentum' }],
    ['where the bot runs', {}, { on: 'ecs', cluster: 'trading', service: 'momentum' }, { cluster: 'trading', service: 'momentum' }],
    [
      'a service beside where the bot runs',
      { service: 'other' },
      { on: 'ecs', cluster: 'trading', service: 'momentum' },
      { cluster: 'trading', service: 'other' },
    ],
    [
      'the ARN of a service',
      { service: 'arn:aws:ecs:eu-west-1:111122223333:service/trading/momentum' },
      undefined,
      { cluster: 'trading', service: 'momentum', arn: 'arn:aws:ecs:eu-west-1:111122223333:service/trading/momentum' },
    ],
    [
      'the ARN of a cluster',
      { cluster: 'arn:aws-cn:ecs:cn-north-1:111122223333:cluster/trading', service: 'momentum' },
      undefined,
      { cluster: 'trading', service: 'momentum', arn: 'arn:aws-cn:ecs:cn-north-1:111122223333:service/trading/momentum' },
    ],
  ])('restarts the service of %s, as a dry run unless told otherwise', (_name, ecsRestart, runsOn, found) => {
    const parsed = parseConfig({ bots: [{ id: 'a', ecsRestart, ...(runsOn === undefined ? {} : { runsOn }) }] });
    expect(parsed.ok && parsed.value.bots[0]?.ecsRestart).toEqual({
      ...found,
      onAlarm: ['heartbeat-missing', 'not-live'],
      dryRun: true,
      maxPerHour: 2,
      cooldownSeconds: 600,
      positionsMaxAgeSeconds: 900,
      evenWithOpenPositions: false,
      allowOverlap: false,
    });
  });

  const names = { cluster: 'trading', service: 'momentum' };
  it.each([
    ['no service', {}, '', /must name cluster and service/],
    ['no cluster', { service: 'momentum' }, '', /must name cluster and service/],
    ['a service that is none', { cluster: 'trading', service: 'a b' }, '.service', /must be the name of an ECS service/],
    [
      'the old form of an ARN, which names no cluster',
      { ...names, service: 'arn:aws:ecs:eu-west-1:111122223333:service/momentum' },
      '.service',
      /its ARN with the cluster in it/,
    ],
    ['a wildcard', { ...names, service: '*' }, '.service', /must be the name of an ECS service/],
    [
      'two clusters',
      { cluster: 'desk', service: 'arn:aws:ecs:eu-west-1:111122223333:service/trading/momentum' },
      '',
      /must name one cluster: the service’s ARN says trading/,
    ],
    ['an alarm that is none', { ...names, onAlarm: ['made-up'] }, '.onAlarm[0]', /about a bot or a strategy/],
    ['an alarm of the whole stage', { ...names, onAlarm: ['telemetry-silent'] }, '.onAlarm[0]', /about a bot or a strategy/],
    ['no alarm', { ...names, onAlarm: [] }, '.onAlarm', /must name at least one alarm/],
    ['no pause', { ...names, cooldownSeconds: 0 }, '.cooldownSeconds', /must be at least 60/],
    ['no limit', { ...names, maxPerHour: 0 }, '.maxPerHour', /must be at least 1/],
    ['a key that is none', { ...names, force: true }, '.force', /is not a key of the config/],
  ])('refuses a restart with %s', (_name, ecsRestart, key, rule) => {
    const found = problems({ bots: [{ id: 'a', ecsRestart }] });
    expect(found.map(({ path }) => path)).toEqual([`bots[0].ecsRestart${key}`]);
    expect(showProblem(found[0]!)).toMatch(rule);
  });

  it('survives any input', () => {
    for (const input of [
      undefined,
      null,
      1,
      'x',
      [],
      { bots: 1 },
      { bots: [null] },
      { bots: [{ strategies: [{}] }], routes: 1, channels: [] },
    ])
      expect(problems(input).length).toBeGreaterThan(0);
  });
});

describe('without a config', () => {
  it('each strategy of a file becomes a bot, with one Slack and one PagerDuty stub', () => {
    const config = discoverConfig([{ strategyId: 's1', venue: 'kraken' }, { strategyId: 's/2' }, { strategyId: 's1' }]);
    expect(config.bots.map(({ id, strategies }) => [id, strategies.map(strategy => strategy.id)])).toEqual([
      ['s1', ['s1']],
      ['s_2', ['s/2']],
    ]);
    expect(Object.values(config.channels).map(({ kind }) => kind)).toEqual(['slack', 'pagerduty']);
    expect(config.routes).toEqual({ critical: ['slack', 'pagerduty'], warning: ['slack'], info: ['slack'] });
  });

  it('configured channels are kept as they are', () => {
    const parsed = parseConfig({ bots: [{ id: 'a' }], channels: { d: { kind: 'slack', webhook: { secretName: 's' } } } });
    expect(parsed.ok && withStubChannels(parsed.value)).toBe(parsed.ok && parsed.value);
  });
});

it('has a fixture for each fault, and each fixture is used', () => {
  const text = readFileSync(import.meta.filename, 'utf8') + readFileSync(join(import.meta.dirname, 'config-file.test.ts'), 'utf8');
  for (const name of readdirSync(folder)) expect(text).toContain(name.replace(/\.bad\.json$/, ''));
});
