/** The sweep and its prober: what is asked, what an answer changes, and what trouble of our own does not. */
import { describe, expect, it } from 'vitest';
import { createAskProber } from '../../adapters/aws/prober.ts';
import { type DueProbe, probeKey } from '../../core/health/probe-call.ts';
import type { ProbeResult } from '../../core/health/probe-result.ts';
import { lineOf } from '../events/lines-of.ts';
import { pathStory } from './path-story.ts';

const probes = { liveness: { url: 'http://127.0.0.1:1/healthz', failureThreshold: 1 } };
const fine: ProbeResult = { ok: true, tookMs: 52, detail: 'HTTP 200', phases: { connect: 12, firstByte: 40 } };
const refused: ProbeResult = { ok: false, tookMs: 3, detail: 'connection refused', phases: { connect: 3 }, failedIn: 'connect' };
const answering = (result: ProbeResult) => async (due: readonly DueProbe[]) => ({
  results: new Map(due.map(each => [probeKey(each), result])),
});

async function probedStory(bot: Readonly<Record<string, unknown>> = {}, instanceAt: (second: number) => string = () => 'i') {
  const s = pathStory({ bots: [{ id: 's1', probes, ...bot }] });
  const beat = async (second: number) => {
    const source = { system: 'b', instanceId: instanceAt(second) };
    const time = { eventId: `h${second}`, tsEvent: s.iso(second), tsSent: s.iso(second), source };
    await s.ingest(s.at(second).logs(lineOf('heartbeat', time)));
    await s.fold();
  };
  await beat(0);
  const minute = async (count: number) => {
    await beat(count * 60);
    await s.at(count * 60).sweep();
  };
  return { ...s, minute };
}

type Story = Awaited<ReturnType<typeof probedStory>>;
const logged = (s: Story, message: string) => s.output.filter(line => line['message'] === message);
const stored = (s: Story) =>
  JSON.parse(String([...s.table.items.values()].find(({ pk, sk }) => pk === 'BOT#s1' && sk === 'HEALTH')?.['value']));

describe('a prober that is down while its bot is fine', () => {
  it.each([
    ['refuses', () => Promise.reject(Object.assign(new Error('lambda: HTTP 403'), { name: 'AccessDeniedException' }))],
    ['is throttled', () => Promise.reject(Object.assign(new Error('lambda: HTTP 429'), { name: 'TooManyRequestsException' }))],
    ['answers nothing of what was asked', async () => ({ results: new Map<string, ProbeResult>() })],
    ['has no resolver', answering({ ok: false, ours: true, tookMs: 1, detail: 'EAI_AGAIN' })],
  ])('and %s: nobody is paged for the bot, and its blindness is told', async (_, ask) => {
    const s = await probedStory();
    s.proberIs(answering(fine));
    await s.minute(1);
    s.proberIs(ask);
    for (const minute of [2, 3, 4]) await s.minute(minute);
    s.proberIs(answering(fine));
    await s.minute(5);
    expect(s.emitted('Liveness')).toEqual([1, 1, 1, 1, 1]);
    expect(s.emitted('BlindProbes')).toEqual([0, 1, 1, 1, 0]);
    expect(s.topics.published).toEqual([]);
  });

  it('says why in its log', async () => {
    const s = await probedStory();
    s.proberIs(() => Promise.reject(Object.assign(new Error('lambda: HTTP 429 Rate exceeded'), { name: 'TooManyRequestsException' })));
    await s.minute(1);
    expect(logged(s, 'prober failed')).toMatchObject([{ from: 'internet', probes: 1, errorName: 'TooManyRequestsException' }]);
  });

  it('tells nothing of itself where no bot has probes', async () => {
    const s = pathStory();
    await s.at(60).sweep();
    expect(s.emitted('BlindProbes')).toEqual([]);
  });
});

describe('a prober that reaches nobody', () => {
  const hosts = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
  const lost: ProbeResult = {
    ok: false,
    unreached: true,
    tookMs: 2_000,
    detail: 'no answer in 2000 ms',
    phases: { connect: 2_000 },
    failedIn: 'connect',
  };
  const noResolver: ProbeResult = { ok: false, ours: true, tookMs: 1, detail: 'EAI_AGAIN' };
  const only = (there: string) => (host: string) => (host === there ? fine : lost);
  const liveness = (ask: readonly string[], heard: readonly string[], results: (host: string) => ProbeResult, control?: ProbeResult) => {
    const s = pathStory({ bots: ask.map(host => ({ id: host, probes: { liveness: { url: `tcp://${host}:1`, failureThreshold: 1 } } })) });
    s.proberIs(async due => ({
      results: new Map(due.map(each => [probeKey(each), results(each.bot)])),
      ...(control === undefined ? {} : { control }),
    }));
    return (async () => {
      for (const strategyId of heard) {
        await s.ingest(s.at(0).logs(lineOf('heartbeat', { strategyId, eventId: strategyId, tsEvent: s.iso(0), tsSent: s.iso(0) })));
        await s.fold();
      }
      await s.at(20).sweep();
      const published = s.output.filter(line => line['Liveness'] !== undefined).map(line => [line['Bot'], line['Liveness']] as const);
      return { live: hosts.map(host => published.find(([bot]) => bot === host)?.[1]), blind: s.emitted('BlindProbes') };
    })();
  };

  it.each([
    ['though three bots on as many hosts are heard: it is cut off', hosts, hosts, () => lost, [1, 1, 1], [3]],
    ['of two hosts: it may well be they', hosts.slice(0, 2), hosts.slice(0, 2), () => lost, [0, 0, undefined], [0]],
    ['but one that refuses: there is a way', hosts, hosts, (host: string) => (host === '10.0.0.2' ? refused : lost), [0, 0, 0], [0]],
    ['but one that answers', hosts, hosts, (host: string) => (host === '10.0.0.2' ? fine : lost), [0, 1, 0], [0]],
  ] as const)('%s', async (_, ask, heard, results, live, blind) => {
    expect(await liveness(ask, heard, results)).toEqual({ live, blind });
  });

  it.each([
    ['nor its control: it is cut off, from one host as from many', hosts.slice(0, 1), () => lost, lost, [1, undefined, undefined], [2]],
    ['nor its control, since it has no resolver', hosts.slice(0, 1), () => lost, noResolver, [1, undefined, undefined], [2]],
    ['but its control: the bots are gone', hosts.slice(0, 2), () => lost, fine, [0, 0, undefined], [0]],
    ['but its control, which refuses', hosts.slice(0, 2), () => lost, refused, [0, 0, undefined], [0]],
    ['but one bot: the control is gone', hosts.slice(0, 2), only('10.0.0.2'), lost, [0, 1, undefined], [1]],
  ] as const)('%s', async (_, ask, results, control, live, blind) => {
    expect(await liveness(ask, ask, results, control)).toEqual({ live, blind });
  });

  it('and no bot is heard either: their silence pages, and no probe', async () => {
    expect(await liveness(hosts.slice(0, 1), [], () => lost, lost)).toMatchObject({ blind: [2] });
  });
});

describe('a slow prober', () => {
  it('holds up the gauges of the bot that it asks, and nothing else', async () => {
    const s = pathStory({ bots: [{ id: 's1', probes }, { id: 's2' }] });
    for (const strategyId of ['s1', 's2']) {
      await s.ingest(s.at(0).logs(lineOf('heartbeat', { strategyId, eventId: strategyId, tsEvent: s.iso(0), tsSent: s.iso(0) })));
      await s.fold();
    }
    let answer: () => void = () => {};
    s.proberIs(due => new Promise(resolve => (answer = () => resolve({ results: new Map(due.map(each => [probeKey(each), fine])) }))));
    const bots = () => s.output.filter(line => line['Liveness'] !== undefined).map(line => line['Bot']);
    const sweeping = s.at(20).sweep();
    await expect.poll(bots).toEqual(['s2']);
    expect(s.emitted('TelemetrySilent')).toEqual([0]);
    answer();
    await sweeping;
    expect(bots()).toEqual(['s2', 's1']);
  });
});

describe('a bot that is heard from two processes, or by two ways', () => {
  it.each([
    ['a', 'b'],
    ['a', 'a/direct'],
  ])('is found not live although it is heard from %s and %s in turn', async (first, second) => {
    const slow = { probes: { liveness: { ...probes.liveness, failureThreshold: 3, initialDelaySeconds: 70 } } };
    const s = await probedStory(slow, at => (at % 120 === 0 ? first : second));
    s.proberIs(answering(refused));
    for (const minute of [1, 2, 3, 4, 5, 6]) await s.minute(minute);
    expect(s.emitted('Liveness').at(-1)).toBe(0);
  });
});

describe('what a probe shows', () => {
  it('is remembered with the time of its phases, and where it failed', async () => {
    const s = await probedStory();
    s.proberIs(answering(fine));
    await s.minute(1);
    s.proberIs(answering(refused));
    await s.minute(2);
    expect(stored(s).probes.liveness).toMatchObject({
      ok: false,
      last: { ok: false, failedIn: 'connect', phases: { connect: 3 } },
      failed: { detail: 'connection refused' },
      recent: [52, null],
    });
    s.proberIs(answering(fine));
    await s.minute(3);
    expect(stored(s).probes.liveness).toMatchObject({
      ok: true,
      last: { ok: true },
      failed: { failedIn: 'connect' },
      recent: [52, null, 52],
    });
  });

  it('reaches CloudWatch by phase only where the config asks for it', async () => {
    const s = await probedStory();
    s.proberIs(answering(fine));
    await s.minute(1);
    expect(s.emitted('ProbeConnectTime')).toEqual([]);
    const asking = pathStory({ bots: [{ id: 's1', probes }], publish: ['probeConnectTime', 'probeFirstByteTime'] });
    asking.proberIs(answering(fine));
    await asking.at(60).sweep();
    expect([asking.emitted('ProbeConnectTime'), asking.emitted('ProbeFirstByteTime'), asking.emitted('ProbeTlsTime')]).toEqual([
      [12],
      [40],
      [],
    ]);
  });

  it('is asked of the prober that the bot chose', async () => {
    const probeVpc = { subnetIds: ['subnet-01234567'], securityGroupIds: ['sg-01234567'] };
    const s = pathStory({
      probeVpc,
      bots: [
        { id: 'inside', probes },
        { id: 'outside', probes: { ...probes, from: 'internet' } },
      ],
    });
    await s.at(60).sweep();
    expect(s.askedFrom).toEqual({ internet: ['outside liveness'], vpc: ['inside liveness'] });
  });
});

describe('an answer of the prober', () => {
  const due = [{ bot: 's1', name: 'liveness' }] as const;
  const asking = (status: number, body: string, headers: Readonly<Record<string, string>> = {}) => {
    const urls: string[] = [];
    const ask = createAskProber(
      {
        now: () => 0,
        fetch: async url => {
          urls.push(url);
          return new Response(body, { status, headers });
        },
      },
      'the-prober',
    );
    return { ask, urls };
  };
  const results = (...values: readonly unknown[]) => JSON.stringify({ schemaVersion: 1, results: values });

  it('is read by bot and name', async () => {
    const { ask, urls } = asking(200, results({ ...due[0], ...fine }));
    expect(await ask(due)).toEqual({ results: new Map([['s1 liveness', fine]]) });
    expect(urls[0]).toMatch(/\/2015-03-31\/functions\/the-prober\/invocations$/);
  });

  it.each([
    ['no JSON', 200, 'oops', {}, 'MalformedAnswer'],
    ['no results', 200, 'null', {}, 'MalformedAnswer'],
    ['a crash', 200, '{"errorType":"Runtime.ExitError"}', { 'x-amz-function-error': 'Unhandled' }, 'Runtime.ExitError'],
    ['a throttle', 429, '{"Type":"User","message":"Rate exceeded"}', { 'x-amzn-errortype': 'TooManyRequestsException' }, 'HTTP 429'],
    ['a refusal', 403, '{"Message":"not authorized"}', { 'x-amzn-errortype': 'AccessDeniedException' }, 'HTTP 403'],
  ])('that is %s is trouble of ours', async (_, status, body, headers, message) => {
    await expect(asking(status, body, headers).ask(due)).rejects.toThrow(message);
  });

  it.each([
    ['a bot that was not asked', { bot: 's2', name: 'liveness', ...fine }],
    ['no duration', { ...due[0], ok: false, detail: '' }],
    ['a negative duration', { ...due[0], ...fine, tookMs: -1 }],
    ['text for a verdict', { ...due[0], ...fine, ok: 'yes' }],
    ['nothing', null],
  ])('with %s leaves the probe undecided', async (_, value) => {
    expect(await asking(200, results(value)).ask(due)).toEqual({ results: new Map() });
  });

  it.each([
    ['a result', refused, refused],
    ['nothing', null, undefined],
    ['no verdict', { tookMs: 1, detail: '' }, undefined],
  ])('holds %s for its control', async (_, control, expected) => {
    const { ask } = asking(200, JSON.stringify({ schemaVersion: 1, results: [], control }));
    expect((await ask(due)).control).toEqual(expected);
  });
});
