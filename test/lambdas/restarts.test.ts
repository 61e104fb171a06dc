import { describe, expect, it } from 'vitest';
import { createClosureStore } from '../../adapters/aws/closure-store.ts';
import { createClosure } from '../../core/health/closure.ts';
import { foldPulse } from '../../core/health/pulse.ts';
import { boundRestart } from '../../core/incidents/restart.ts';
import { createSilence } from '../../core/incidents/silence.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { deadAlert, deadIncident, deadPulse, flatView, key, type RestartOptions, restartStory, startMs } from './restart-story.ts';

const position = { instrumentId: 'BTC-USDT', qty: '2' };
const minutes = (n: number) => n * 60_000;

describe('a dead bot that is flat', () => {
  it('is restarted, and the page says so', async () => {
    const story = await restartStory();
    await story.run();
    expect(story.calls).toEqual(['DescribeServices', 'UpdateService']);
    const [service] = story.local.services();
    expect(service).toMatchObject({
      runningCount: 0,
      deployments: [{ status: 'PRIMARY', rolloutState: 'IN_PROGRESS' }, { status: 'ACTIVE' }],
    });
    const words = `bot-1 was restarted at 2026-11-22 03:05:05 UTC: service momentum of cluster trading, deployment ${service!.deployments[0]!.id}. Watch its first heartbeat and its reconciliation.`;
    expect(await story.said()).toEqual([words]);
    expect((await story.stored())?.timeline).toEqual([{ at: startMs + 5_000, reason: 'restart', text: words }]);
    expect(await story.stored()).toMatchObject({ revision: 1, notice: 1 });
    expect(story.woken).toEqual([key]);
    expect(story.queued).toEqual([]);
  });

  it('is only looked at by a dry run, which says exactly what it would do', async () => {
    const story = await restartStory({ ecsRestart: { dryRun: true } });
    const before = story.local.services()[0]!.deployments[0]!.id;
    await story.run();
    expect(story.calls).toEqual(['DescribeServices']);
    expect(await story.said()).toEqual([
      `Dry run: bot-1 would be restarted now: service momentum of cluster trading, forced new deployment instead of ${before}, 1 of 1 tasks running. Nothing was done; set dryRun: false to arm it.`,
    ]);
  });
});

interface Row extends RestartOptions {
  readonly says: RegExp;
  readonly prepare?: (story: Awaited<ReturnType<typeof restartStory>>) => Promise<unknown>;
}

const momentum = (view: Parameters<typeof flatView>[0], pulse?: ReturnType<typeof deadPulse>): RestartOptions => ({
  heads: { momentum: { view: flatView(view), ...(pulse === undefined ? {} : { pulse }) } },
});
const pulseOnly = (changes: Parameters<typeof deadPulse>[0], beat?: Parameters<typeof deadPulse>[1]): RestartOptions => ({
  heads: { momentum: { pulse: deadPulse(changes, beat) } },
});
const update = (input: Record<string, unknown>) => async (story: Awaited<ReturnType<typeof restartStory>>) =>
  story.local.service.operations['UpdateService']!({ cluster: 'trading', service: 'momentum', ...input }, {});

const refused: Readonly<Record<string, Row>> = {
  'holds a position': { ...momentum({ positions: [position] }), says: /^bot-1 was not restarted: momentum holds 2 BTC-USDT\.$/ },
  'holds several positions': {
    ...momentum({ positions: [1, 2, 3, 4, 5].map(n => ({ instrumentId: `I${n}`, qty: `-${n}` })) }),
    says: /momentum holds -1 I1, -2 I2, -3 I3 and 2 more\.$/,
  },
  'has working orders by the ledger': {
    ...momentum({ gauges: { openOrders: 2, incomplete: 0 } }),
    says: /momentum has 2 working orders, which may have been filled since\.$/,
  },
  'has working orders by its own word': { ...pulseOnly({}, { openOrders: 1 }), says: /momentum has 1 working orders/ },
  'was never heard': { heads: { momentum: null }, says: /nothing was ever heard of the positions of momentum\.$/ },
  'has numbers that are incomplete': {
    ...momentum({ gauges: { openOrders: 0, incomplete: 1 } }),
    says: /the numbers of momentum are incomplete, so its positions are not known\.$/,
  },
  'has orders that nobody counted': { ...momentum({ gauges: { incomplete: 0 } }), says: /the working orders of momentum are not known\.$/ },
  'was not heard for longer than positions stay known': {
    ...pulseOnly({ lastEventMs: startMs - minutes(16) }),
    says: /nothing was heard of bot-1 for 16 min, so its positions are not known\.$/,
  },
  'shares its service with a bot that holds a position': {
    otherBots: [{ id: 'bot-2', strategies: ['grid'], runsOn: { on: 'ecs', cluster: 'trading', service: 'momentum' } }],
    heads: { grid: { view: flatView({ positions: [position] }) } },
    says: /grid holds 2 BTC-USDT\.$/,
  },
  'said that it stops': { ...pulseOnly({}, { status: 'stopping' }), says: /the bot said that it stops\.$/ },
  'is paused': { ...pulseOnly({ standing: { paused: { fromMs: startMs - 1 } } }), says: /somebody paused it\.$/ },
  'is in maintenance': {
    ...pulseOnly({ standing: { maintenance: { fromMs: startMs - 1, untilMs: startMs + minutes(60) } } }),
    says: /somebody works on it\.$/,
  },
  'has a market that is closed': {
    // A Sunday.
    bot: { calendar: 'NYSE' },
    says: /its market is closed\.$/,
  },
  'has a market that somebody closed': {
    prepare: ({ table }) =>
      createClosureStore(table).save(0, [
        createClosure({
          calendar: '24x7',
          fromMs: startMs - minutes(5),
          untilMs: startMs + minutes(60),
          reason: 'outage of the venue',
          author: 'ana',
          createdAt: startMs,
        }),
      ]),
    says: /its market is closed\.$/,
  },
  'was halted by a control event': {
    ...pulseOnly({ standing: { haltedAt: startMs - minutes(3) } }),
    says: /trading of momentum was halted/,
  },
  'says that it is halted': { ...pulseOnly({}, { tradingState: 'halted' }), says: /trading of momentum was halted/ },
  'was told to halt by a page': {
    bot: { signals: { topicArn: 'arn:aws:sns:eu-west-1:111122223333:t', dryRun: false } },
    prepare: ({ tools }) =>
      tools.signals.save('bot-1', { entries: [{ id: '1', signal: 'halt', atMs: startMs - minutes(20), key: 'k' }] }, 0),
    says: /it was told to halt at 2026-11-22 02:45:00 UTC, and a new process might not know of it\.$/,
  },
  'sends heartbeats, whatever CloudWatch counts': { health: 'up', says: /its heartbeats arrive\.$/ },
  'is silent with everybody': { fleet: { schemaVersion: 1, silentSince: startMs - minutes(1) }, says: /nothing is heard from anybody/ },
  'is silent while all are given time to come back': {
    fleet: { schemaVersion: 1, holdUntil: startMs + minutes(2) },
    says: /nothing is heard from anybody/,
  },
  'has an incident that somebody took': {
    incident: deadIncident({ status: 'acknowledged', acknowledgedBy: 'ana (Slack)' }),
    says: /ana \(Slack\) has taken the incident\.$/,
  },
  'has an incident that is silenced': {
    incident: deadIncident({ silencedUntil: startMs + minutes(60) }),
    says: /the incident is silenced until 2026-11-22 04:05:00 UTC\.$/,
  },
  'is silenced': {
    prepare: ({ tools }) =>
      tools.silences.put(
        createSilence({
          matchers: [{ label: 'Strategy', operator: '=', value: 'momentum' }],
          author: 'ben',
          comment: 'upgrade',
          createdAt: startMs,
          startsAt: startMs,
          endsAt: startMs + minutes(60),
        }),
      ),
    says: /it is silenced \(.*momentum.* by ben: upgrade\)\.$/,
  },
  'runs in a service whose desired count is 0': { prepare: update({ desiredCount: 0 }), says: /it was stopped on purpose\.$/ },
  'runs in a service that would run two of it': {
    prepare: update({ deploymentConfiguration: { maximumPercent: 200 } }),
    says: /starts the new task before the old one stops \(maximumPercent 200\), and both would trade/,
  },
};

describe('nothing is restarted when the bot', () => {
  it.each(Object.entries(refused))('%s', async (_name, { says, prepare, ...options }) => {
    const story = await restartStory(options);
    await prepare?.(story);
    await story.run();
    expect(story.updates()).toBe(0);
    expect(await story.said()).toEqual([expect.stringMatching(says)]);
    expect(story.queued).toEqual([]);
    // The same again adds no line.
    const before = (await story.stored())?.timeline;
    await story.run();
    expect((await story.stored())?.timeline).toEqual(before);
  });

  it('is back before the order is looked at', async () => {
    const story = await restartStory({
      alert: deadAlert({ endsAt: startMs + 2_000 }),
      incident: deadIncident({ status: 'resolved', resolvedAt: startMs + 2_000 }),
    });
    await story.run();
    expect(story.calls).toEqual([]);
    expect(await story.notes()).toEqual(['bot-1 was not restarted: it is over.']);
  });
});

describe('what the config allows more', () => {
  it.each<[string, RestartOptions]>([
    ['positions', momentum({ positions: [position] })],
    ['working orders', momentum({ gauges: { openOrders: 1 } })],
    ['what is not known', { heads: { momentum: null } }],
  ])('restarts with %s when told so', async (_name, options) => {
    const story = await restartStory({ ...options, ecsRestart: { evenWithOpenPositions: true } });
    await story.run();
    expect(story.updates()).toBe(1);
  });

  it('restarts a service that runs two of it for a while when told so', async () => {
    const story = await restartStory({ ecsRestart: { allowOverlap: true } });
    await update({ deploymentConfiguration: { maximumPercent: 200 } })(story);
    await story.run();
    expect(story.updates()).toBe(1);
  });

  it('restarts what was told to halt once somebody has resumed it', async () => {
    const by = { actor: 'ana', reason: 'ok' };
    const controls = [
      { at: startMs - minutes(15), action: 'resume', ...by },
      { at: startMs - minutes(14), action: 'configChange', ...by },
    ];
    const signals = { topicArn: 'arn:aws:sns:eu-west-1:111122223333:t', dryRun: false };
    const story = await restartStory({ ...pulseOnly({ controls }), bot: { signals } });
    await story.tools.signals.save('bot-1', { entries: [{ id: '1', signal: 'halt', atMs: startMs - minutes(20), key: 'k' }] }, 0);
    await story.run();
    expect(story.updates()).toBe(1);
  });

  it('restarts what somebody has resumed, also when newer changes have pushed that out of the list', async () => {
    const beat = deadPulse().heartbeat!;
    const by = { source: { system: 'bot' }, environment: 'live', strategyId: 'momentum', eventType: 'control', actor: 'ana', reason: 'ok' };
    const said = (action: string, atMs: number) =>
      ({
        ...by,
        schemaVersion: 1,
        eventId: action,
        action,
        tsEvent: BigInt(atMs) * 1_000_000n,
        tsSent: BigInt(atMs) * 1_000_000n,
      }) as never;
    const events = [said('resume', startMs - minutes(300)), said('configChange', startMs - minutes(100))];
    const pulse = { ...foldPulse(deadPulse(), events, startMs - minutes(100)), heartbeat: beat };
    const signals = { topicArn: 'arn:aws:sns:eu-west-1:111122223333:t', dryRun: false };
    const story = await restartStory({ heads: { momentum: { pulse } }, bot: { signals } });
    await story.tools.signals.save('bot-1', { entries: [{ id: '1', signal: 'halt', atMs: startMs - minutes(320), key: 'k' }] }, 0);
    await story.run();
    expect(await story.said()).toEqual([expect.stringContaining('bot-1 was restarted')]);
  });

  it('never restarts a halted bot for it', async () => {
    const story = await restartStory({ ...pulseOnly({}, { tradingState: 'halted' }), ecsRestart: { evenWithOpenPositions: true } });
    await story.run();
    expect(story.updates()).toBe(0);
  });
});

describe('an order waits', () => {
  it('until a bot that has just started has had its time', async () => {
    const startedAt = startMs - minutes(2);
    const story = await restartStory(pulseOnly({}, { startedAt }));
    await story.run();
    expect(await story.said()).toEqual([
      'bot-1 is not restarted yet: bot-1 was started 2 min ago. Looked at again at 2026-11-22 03:13:00 UTC.',
    ]);
    await story.drain();
    expect(isoFromMs(story.now())).toBe('2026-11-22T03:13:00.000Z');
    expect(story.updates()).toBe(1);
  });

  it('until an announced deploy is over', async () => {
    const story = await restartStory(pulseOnly({ standing: { deployedAt: startMs - minutes(1) } }));
    await story.run();
    expect(await story.said()).toEqual([expect.stringMatching(/^bot-1 is not restarted yet: a deploy was announced\./)]);
    await story.drain();
    // Its grace of five minutes, and then the pause after a deploy.
    expect(isoFromMs(story.now())).toBe('2026-11-22T03:14:00.000Z');
    expect(story.updates()).toBe(1);
  });

  it('while ECS deploys, and once it has, for the pause after it', async () => {
    const story = await restartStory();
    await update({ forceNewDeployment: true })(story);
    await story.run();
    expect(await story.said()).toEqual([expect.stringMatching(/a deployment of its service is under way\. Looked at again/)]);
    await story.drain();
    expect((await story.stored())?.timeline.map(({ text }) => text.replace(/( ago|restarted at).*$/, '$1'))).toEqual([
      'bot-1 is not restarted yet: a deployment of its service is under way. Looked at again at 2026-11-22 03:06:05 UTC.',
      'bot-1 is not restarted yet: bot-1 was deployed 60 s ago',
      'bot-1 was restarted at',
    ]);
    expect(isoFromMs(story.now())).toBe('2026-11-22T03:15:05.000Z');
  });

  it('for no bot that comes back meanwhile', async () => {
    const story = await restartStory(pulseOnly({}, { startedAt: startMs - minutes(2) }));
    await story.run();
    await story.putAlert(deadAlert({ endsAt: startMs + minutes(1) }));
    await story.drain();
    expect(story.updates()).toBe(0);
  });

  it('an hour at most, and says so once', async () => {
    const story = await restartStory({ ecsRestart: { evenWithOpenPositions: true } });
    const never = { status: 'ACTIVE', desiredCount: 1, runningCount: 0, controller: 'ECS', maximumPercent: 100, deployments: [] };
    Object.assign(story.tools, { ecs: { ...story.tools.ecs, describe: async () => ({ ok: true as const, value: never }) } });
    await story.run();
    await story.drain();
    expect(story.now() - startMs).toBeLessThan(minutes(62));
    expect((await story.stored())?.timeline.map(({ text }) => text)).toEqual([
      'bot-1 is not restarted yet: ECS itself is starting its task (0 of 1 run). Looked at again at 2026-11-22 03:06:05 UTC.',
      'bot-1 was not restarted: what it waited for did not end within an hour (ECS itself is starting its task (0 of 1 run)).',
    ]);
    expect(story.updates()).toBe(0);
  });

  it('for its incident, a minute at most', async () => {
    const story = await restartStory({ incident: null, alert: null });
    await story.run();
    expect(story.calls).toEqual([]);
    await story.putAlert(deadAlert());
    await story.putIncident(deadIncident());
    await story.drain();
    expect(story.updates()).toBe(1);
    expect(await story.said()).toHaveLength(1);

    const alone = await restartStory({ incident: null, alert: null });
    await alone.run();
    await alone.drain();
    expect(alone.updates()).toBe(1);
    expect(await alone.notes()).toEqual([expect.stringMatching(/^bot-1 was restarted/)]);
  });

  const earlierAt = startMs - minutes(60);
  const over = { sources: { fast: { state: 'OK' as const, at: earlierAt, alarm: 'a' } }, startsAt: earlierAt - 1, endsAt: earlierAt };
  it.each([
    ['only its alert is known', deadAlert(), deadIncident({ id: 'earlier', status: 'resolved', resolvedAt: earlierAt })],
    ['it is told of an alert that was over', deadAlert(over), deadIncident()],
  ])('for the notifier while %s', async (_name, alert, incident) => {
    const story = await restartStory({ alert, incident });
    await story.run();
    expect([story.calls, await story.said(), await story.notes()]).toEqual([[], [], []]);
    await story.putAlert(deadAlert());
    await story.putIncident(deadIncident());
    await story.drain();
    expect(story.updates()).toBe(1);
  });

  it('for the notifier to hear of it when an earlier incident is over', async () => {
    const earlier = startMs - minutes(60);
    const story = await restartStory({
      alert: deadAlert({ sources: { fast: { state: 'OK', at: earlier, alarm: 'a' } }, startsAt: earlier - 1, endsAt: earlier }),
      incident: deadIncident({ id: 'earlier', openedAt: earlier - 1, status: 'resolved', resolvedAt: earlier }),
    });
    await story.run();
    expect(story.calls).toEqual([]);
    await story.putAlert(deadAlert());
    await story.putIncident(deadIncident());
    await story.drain();
    expect(story.updates()).toBe(1);
  });
});

describe('one incident', () => {
  it('is one restart, however often it is said', async () => {
    const story = await restartStory();
    await story.run();
    await story.run();
    await story.run({ ...story.order, atMs: startMs + 30_000 });
    await story.drain();
    expect(story.updates()).toBe(1);
    expect(await story.said()).toHaveLength(1);
  });

  it('is one restart for two workers at once', async () => {
    const story = await restartStory();
    await Promise.all([story.run(), story.run(), story.run()]);
    await story.drain();
    expect(story.updates()).toBe(1);
    expect((await story.stored())?.timeline).toHaveLength(1);
  });

  it.each([
    ['before', 'lostBefore', 2],
    ['after', 'lostAfter', 1],
  ] as const)('is one restart when the connection ends %s the call arrives', async (_name, fault, updates) => {
    const story = await restartStory({ faults: { UpdateService: [fault] } });
    await story.run();
    expect(await story.said()).toEqual([expect.stringMatching(/^bot-1 is not restarted yet: ECS does not answer \(TypeError\)\./)]);
    await story.drain();
    expect(story.updates()).toBe(updates);
    expect(await story.said()).toEqual([expect.stringMatching(/^bot-1 was restarted at/)]);
    expect(await story.entries()).toMatchObject([{ state: 'restarted', deployment: story.local.services()[0]!.deployments[0]!.id }]);
  });

  it('is one restart when its worker dies between the call and the record', async () => {
    const story = await restartStory();
    const { save } = story.tools.restarts;
    let writes = 0;
    const dying = {
      ...story.tools.restarts,
      save: (...given: Parameters<typeof save>) => {
        writes += 1;
        if (writes === 2) throw new Error('killed');
        return save(...given);
      },
    };
    Object.assign(story.tools, { restarts: dying });
    await expect(story.run()).rejects.toThrow('killed');
    expect(story.updates()).toBe(1);
    story.pass(60);
    await story.run();
    await story.drain();
    expect(story.updates()).toBe(1);
    expect(await story.said()).toHaveLength(1);
    expect(await story.entries()).toMatchObject([{ state: 'restarted', reason: 'found' }]);
  });

  it('is one restart when its worker dies between the claim and the call', async () => {
    const story = await restartStory();
    const { ecs } = story.tools;
    let calls = 0;
    const dying = {
      ...ecs,
      restart: (...given: Parameters<typeof ecs.restart>) => (++calls === 1 ? Promise.reject(new Error('killed')) : ecs.restart(...given)),
    };
    Object.assign(story.tools, { ecs: dying });
    await expect(story.run()).rejects.toThrow('killed');
    await story.run();
    expect(story.updates()).toBe(0);
    await story.drain();
    expect(story.updates()).toBe(1);
    expect(await story.entries()).toMatchObject([{ state: 'restarted' }]);
  });

  it('is judged anew by a later alarm while nothing was restarted', async () => {
    const story = await restartStory(momentum({ positions: [position] }));
    await story.run();
    const { sweeps } = await restartStory().then(({ tools }) => tools);
    Object.assign(story.tools, { sweeps });
    await story.run({ ...story.order, atMs: startMs + 60_000 });
    await story.putAlert(deadAlert({ sources: { alarm: { state: 'ALARM', at: startMs + 60_000, alarm: 'a' } } }));
    await story.drain();
    expect(story.updates()).toBe(1);
  });
});

describe('a bot that dies again and again', () => {
  it('is restarted as often as an hour allows, and then the page says so', async () => {
    const story = await restartStory({ ecsRestart: { cooldownSeconds: 60 } });
    for (const minute of [0, 10, 20, 30]) {
      const at = startMs + minutes(minute);
      story.pass((at - story.now()) / 1000 + 5);
      await story.putAlert(deadAlert({ startsAt: at, sources: { fast: { state: 'ALARM', at, alarm: 'a' } } }));
      await story.putIncident(deadIncident({ id: `${isoFromMs(at)}#${key}`, openedAt: at }));
      const { sweeps } = await restartStory({ heads: { momentum: { pulse: deadPulse({ lastEventMs: at - 50_000 }) } } }).then(
        ({ tools }) => tools,
      );
      Object.assign(story.tools, { sweeps });
      await story.run({ ...story.order, atMs: at });
      await story.drain();
    }
    expect(story.updates()).toBe(2);
    expect(await story.said()).toEqual([
      'bot-1 was not restarted: it was restarted 2 times within the last hour, and more is not done by itself.',
    ]);
  });

  it('counts the incidents of all of its alarms together', async () => {
    const story = await restartStory({ ecsRestart: { maxPerHour: 1 } });
    await story.run();
    const other = 'v1:not-live:Bot=bot-1';
    await story.putAlert(deadAlert({ key: other, groups: [other] }));
    await story.putIncident(deadIncident({ id: 'other', key: other }));
    await story.run({ ...story.order, key: other });
    expect(story.updates()).toBe(1);
    expect((await story.tools.incidents.load(other))?.state.incident?.measures?.[0]?.text).toMatch(/restarted once within the last hour/);
  });
});

describe('an alarm asks for a restart', () => {
  const config = () => restartStory().then(({ tools }) => tools.config);
  const about = (changes: object) => ({ ...deadAlert().signal!, ...changes });

  it.each([
    ['a death', {}, true],
    ['a process that does not answer', { alarmId: 'not-live', dimensions: { Bot: 'bot-1' } }, true],
    ['a bot that is not ready', { alarmId: 'not-ready', dimensions: { Bot: 'bot-1' } }, false],
    ['a loss', { alarmId: 'session-loss' }, false],
    ['the death of another bot', { dimensions: { Strategy: 'grid' } }, false],
    ['the end of it', { state: 'OK' }, false],
    ['a rehearsal', { alarmId: 'TEST-heartbeat-missing' }, false],
    ['an alarm of somebody else', { alarmId: undefined }, false],
  ])('by default of %s: %o %s', async (_name, changes, asks) => {
    expect(boundRestart(about(changes), await config()) !== undefined).toBe(asks);
  });

  it('as the config names it', async () => {
    const { tools } = await restartStory({ ecsRestart: { onAlarm: ['not-ready'] } });
    expect(boundRestart(about({ alarmId: 'not-ready', dimensions: { Bot: 'bot-1' } }), tools.config)).toMatchObject({ botId: 'bot-1' });
    expect(boundRestart(about({}), tools.config)).toBeUndefined();
  });

  it.each([
    ['up', 'not-live', 1],
    ['down', 'heartbeat-missing', 1],
    ['late', 'heartbeat-missing', 0],
  ] as const)('while the bot is %s: %s restarts %i', async (health, alarmId, updates) => {
    const story = await restartStory({ health });
    await story.run({ ...story.order, alarmId });
    expect(story.updates()).toBe(updates);
  });
});

describe('ECS', () => {
  it.each(['AccessDeniedException', 'ClusterNotFoundException', 'ServiceNotFoundException', 'InvalidParameterException'])(
    'that refuses with %s is not asked again, and a person is told',
    async error => {
      for (const operation of ['DescribeServices', 'UpdateService']) {
        const story = await restartStory({ faults: { [operation]: [{ error }] } });
        await story.run();
        await story.drain();
        await story.run();
        expect(story.calls.filter(each => each === operation)).toHaveLength(1);
        expect(await story.said()).toEqual([
          `bot-1 could not be restarted: ECS says ${error}. Restart service momentum of cluster trading by hand.`,
        ]);
      }
    },
  );

  it.each([
    ['DescribeServices', { error: 'ThrottlingException' }],
    ['DescribeServices', { error: 'ServerException' }],
    ['DescribeServices', 'lostBefore'],
    ['UpdateService', { error: 'ThrottlingException' }],
    ['UpdateService', { error: 'ServerException' }],
  ] as const)('that fails at %s with %o is asked again', async (operation, fault) => {
    const story = await restartStory({ faults: { [operation]: [fault, fault] } });
    await story.run();
    await story.drain();
    expect(story.local.services()[0]!.deployments).toHaveLength(2);
    expect((await story.stored())?.timeline).toHaveLength(2);
    expect(await story.said()).toEqual([expect.stringMatching(/^bot-1 was restarted/)]);
  });

  it('that stays away is given up after minutes, and a person is told', async () => {
    const story = await restartStory({ faults: { DescribeServices: Array.from({ length: 50 }, () => 'lostBefore' as const) } });
    await story.run();
    await story.drain();
    expect(await story.said()).toEqual([
      'bot-1 could not be restarted: ECS did not answer for 8 min (TypeError). Restart service momentum of cluster trading by hand.',
    ]);
    expect(story.now() - startMs).toBeLessThan(minutes(10));
  });

  it('that knows no such service is told', async () => {
    const story = await restartStory({ ecsRestart: { service: 'another' } });
    await story.run();
    expect(await story.said()).toEqual([expect.stringMatching(/^bot-1 could not be restarted: ECS knows no such service\./)]);
  });
});
