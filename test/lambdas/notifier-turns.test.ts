/** Stories of incidents whose circumstances turn while they are open, or just after: graver, ended by hand, refused, hushed. */
import { describe, expect, it } from 'vitest';
import { type RoutingInput, routingFrom } from '../../core/config/routing-input.ts';
import { acknowledgeIncident, resolveIncident, silenceIncident } from '../../core/incidents/actions.ts';
import { createSilence } from '../../core/incidents/silence.ts';
import { notify } from '../../lambdas/notifier/notifier.ts';
import { snsEvent } from '../notify/payloads.ts';
import { type Story, story } from './notifier-story.ts';

const alarm = 'heartbeat-missing';
const key = 'v1:heartbeat-missing:Strategy=s1';
const pagerOnly = { routes: { critical: ['pagerduty'], warning: ['pagerduty'], info: ['slack'] } };
const routes = { critical: ['slack', 'pagerduty'], warning: ['slack'], info: ['slack'] };
const routed = (input: RoutingInput) => story(undefined, { routing: routingFrom(input, ['slack', 'pagerduty'], routes) });

/** What CloudWatch says about the alarm. */
const says = (s: Story, state: string, from: string, seconds: number) => ({
  ...(s.cloudWatch(alarm, 'ALARM', seconds) as object),
  NewStateValue: state,
  OldStateValue: from,
});

const by = (s: Story, seconds: number, who = 'ada') => ({ who, now: s.at(seconds).tools.send.now() });
const acting = (s: Story) => ({ ...s.tools, wake: async () => undefined });
const about = (s: Story) => s.sent.filter(({ body }) => body['dedup_key'] === key).map(({ text }) => text);

describe('notifier: what becomes graver', () => {
  it('is told on channels that have it already, once', async () => {
    const s = story(undefined, pagerOnly);
    await s.at(0).deliver(says(s, 'INSUFFICIENT_DATA', 'OK', 0));
    expect(s.told()).toEqual(['pagerduty trigger']);
    await s.at(300).deliver(says(s, 'ALARM', 'INSUFFICIENT_DATA', 300));
    expect(s.told()).toEqual(['pagerduty trigger', 'pagerduty trigger']);
    expect(s.sent[1]?.body).toMatchObject({ payload: { severity: 'critical' } });
    const [incident] = await s.incidents();
    expect(incident).toMatchObject({ severity: 'critical', notice: 2, noticeReason: 'graver' });
    for (let minute = 6; minute <= 30; minute++) await s.at(minute * 60).sweep();
    expect(s.told()).toHaveLength(2);
  });

  it('is told although a person took the warning', async () => {
    const s = story(undefined, pagerOnly);
    await s.at(0).deliver(says(s, 'INSUFFICIENT_DATA', 'OK', 0));
    await acknowledgeIncident(key, by(s, 60), acting(s));
    await s.at(300).deliver(says(s, 'ALARM', 'INSUFFICIENT_DATA', 300));
    expect(s.told().filter(said => said === 'pagerduty trigger')).toHaveLength(2);
  });
});

describe('notifier: what a person ended', () => {
  it('opens again when it becomes graver', async () => {
    const s = story(undefined, pagerOnly);
    await s.at(0).deliver(says(s, 'INSUFFICIENT_DATA', 'OK', 0));
    await resolveIncident(key, by(s, 300), acting(s));
    await s.at(600).deliver(says(s, 'ALARM', 'INSUFFICIENT_DATA', 600));
    expect(about(s).at(-1)).toBe('trigger');
    expect((await s.incidents()).map(({ status, openedAt }) => [status, new Date(openedAt).toISOString().slice(11, 19)])).toEqual([
      ['open', '03:10:00'],
      ['resolved', '03:00:00'],
    ]);
  });

  it.each([
    ['a source fires again after it could not be judged', ['INSUFFICIENT_DATA', 'ALARM']],
    ['another source fires', ['fast']],
  ])('opens again when %s', async (_name, states) => {
    const s = story(undefined, pagerOnly);
    await s.at(0).deliver(says(s, 'ALARM', 'OK', 0));
    await resolveIncident(key, by(s, 300), acting(s));
    for (const [index, state] of states.entries()) {
      const seconds = 600 + index * 60;
      s.at(seconds);
      await s.deliver(state === 'fast' ? s.fast(alarm, 'ALARM', seconds) : says(s, state, 'ALARM', seconds));
    }
    expect(about(s).at(-1)).toBe('trigger');
    expect((await s.incidents()).map(({ status }) => status)).toEqual(['open', 'resolved']);
  });

  it('stays ended while its source only repeats itself', async () => {
    const s = story(undefined, pagerOnly);
    await s.at(0).deliver(says(s, 'ALARM', 'OK', 0));
    await resolveIncident(key, by(s, 300), acting(s));
    await s.at(600).deliver(says(s, 'ALARM', 'OK', 0), says(s, 'ALARM', 'ALARM', 600));
    await s.at(660).sweep();
    expect((await s.incidents()).map(({ status }) => status)).toEqual(['resolved']);
  });
});

describe('notifier: what is hushed', () => {
  const ladder: RoutingInput = {
    stormLimit: 0,
    route: {
      receiver: 'slack',
      groupBy: ['...'],
      groupInterval: '0s',
      groupWait: '0s',
      escalation: [{ after: '10m', receiver: 'pagerduty' }],
    },
  };
  const minutes = async (s: Story, from: number, to: number) => {
    for (let minute = from; minute <= to; minute++) await s.at(minute * 60).sweep();
  };

  it('asks nobody else while a silence covers it, and asks once that is over', async () => {
    const s = routed(ladder);
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    await silenceIncident(key, { ...by(s, 60), durationMs: 30 * 60_000 }, acting(s));
    await minutes(s, 1, 30);
    expect(s.told().filter(said => said.startsWith('pagerduty'))).toEqual([]);
    await minutes(s, 31, 33);
    expect(s.told().filter(said => said.startsWith('pagerduty'))).toEqual(['pagerduty trigger']);
  });

  it('wakes nobody of the graver route when what is graver is silenced', async () => {
    const s = story();
    await s.at(0).deliver(s.fast(alarm, 'ALARM', 0, { severity: 'warning' }));
    const now = s.tools.send.now();
    const matchers = [{ label: 'severity', operator: '=', value: 'critical' } as const];
    await s.tools.silences.put(
      createSilence({ matchers, author: 'ada', comment: '', createdAt: now, startsAt: now, endsAt: now + 600_000 }),
    );
    await s.at(60).deliver(s.cloudWatch(alarm, 'ALARM'));
    await minutes(s, 2, 9);
    expect(s.told()).toEqual(['slack trigger']);
    await minutes(s, 10, 12);
    expect(s.told()).toEqual(['slack trigger', 'pagerduty trigger', 'slack trigger']);
  });
});

describe('notifier: what a channel refuses', () => {
  it('is one message, not the rest of the incident', async () => {
    const s = story(undefined, pagerOnly);
    await s.at(0).deliver(s.fast(alarm, 'ALARM', 0, { severity: 'warning' }));
    s.answers.pagerduty.push({ status: 400 });
    await s.at(60).deliver(s.cloudWatch(alarm, 'ALARM'));
    expect(about(s)).toEqual(['trigger']);
    // The reminder four hours later is news again, and so is the end.
    for (let minute = 2; minute <= 250; minute++) await s.at(minute * 60).sweep();
    expect(about(s)).toEqual(['trigger', 'trigger']);
    await s.at(20_000).deliver(s.fast(alarm, 'OK'), s.cloudWatch(alarm, 'OK'));
    expect(about(s)).toEqual(['trigger', 'trigger', 'resolve']);
  });

  it('is resolved although its last news was given up', async () => {
    const s = story(undefined, pagerOnly);
    await s.at(0).deliver(s.fast(alarm, 'ALARM', 0, { severity: 'warning' }));
    s.answers.pagerduty.push({ status: 400 });
    await s.at(60).deliver(s.cloudWatch(alarm, 'ALARM'));
    await s.at(120).deliver(s.fast(alarm, 'OK'), s.cloudWatch(alarm, 'OK'));
    expect(about(s)).toEqual(['trigger', 'resolve']);
  });

  it('is told elsewhere when its route has no other channel', async () => {
    const s = story(undefined, { routes: { critical: ['pagerduty'], warning: ['slack'], info: ['slack'] } });
    s.answers.pagerduty.push({ status: 403 }, { status: 403 });
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    expect(s.told()).toEqual(['slack trigger']);
    expect(s.sent[0]?.text).toContain('channel failing');
  });
});

describe('notifier: ends that could get lost', () => {
  it('ends the old incident at a channel before it opens the new one there', async () => {
    const s = story(undefined, pagerOnly);
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    await acknowledgeIncident(key, by(s, 30), acting(s));
    await s.at(60).sweep();
    for (let i = 0; i < 8; i++) s.answers.pagerduty.push({ status: 503 });
    await s.at(100).deliver(s.fast(alarm, 'OK'));
    expect(about(s).at(-1)).not.toBe('resolve');
    s.answers.pagerduty.length = 0;
    await s.at(200).deliver(s.fast(alarm, 'ALARM'));
    expect(about(s).slice(-2)).toEqual(['resolve', 'trigger']);
    await s.at(260).deliver(s.fast(alarm, 'OK'));
    for (let minute = 5; minute <= 30; minute++) await s.at(minute * 60).sweep();
    expect(about(s).slice(-3)).toEqual(['resolve', 'trigger', 'resolve']);
  });

  it('ends it also when the channel is back only later, or when the new incident is over by then', async () => {
    for (const isOver of [false, true]) {
      const s = story(undefined, pagerOnly);
      await s.at(0).deliver(s.fast(alarm, 'ALARM'));
      for (let i = 0; i < 50; i++) s.answers.pagerduty.push({ status: 503 });
      await s.at(100).deliver(s.fast(alarm, 'OK'));
      await s.at(200).deliver(s.fast(alarm, 'ALARM'));
      expect(about(s)).toEqual(['trigger']);
      if (isOver) await s.at(300).deliver(s.fast(alarm, 'OK'));
      s.answers.pagerduty.length = 0;
      for (let minute = 6; minute <= 40; minute++) await s.at(minute * 60).sweep();
      expect(about(s)).toEqual(isOver ? ['trigger', 'resolve'] : ['trigger', 'resolve', 'trigger']);
    }
  });

  it('opens the new one there also when the function dies in between', async () => {
    const s = story(undefined, pagerOnly);
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    for (let i = 0; i < 8; i++) s.answers.pagerduty.push({ status: 503 });
    await s.at(100).deliver(s.fast(alarm, 'OK'));
    s.answers.pagerduty.length = 0;
    const { load } = s.tools.incidents;
    const dies = async (each: string) => (about(s).includes('resolve') && loads++ > 0 ? new Promise<never>(() => {}) : load(each));
    let loads = 0;
    void notify(snsEvent([s.at(200).fast(alarm, 'ALARM')]), { ...s.tools, incidents: { ...s.tools.incidents, load: dies } });
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(about(s)).toEqual(['trigger', 'resolve']);
    for (let minute = 4; minute <= 6; minute++) await s.at(minute * 60).sweep();
    expect(about(s)).toEqual(['trigger', 'resolve', 'trigger']);
  });

  it('ends what went out ungrouped although its end came before it could be stored', async () => {
    const s = story(undefined, pagerOnly);
    s.table.failure = new Error('ProvisionedThroughputExceededException');
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    expect(about(s)).toEqual(['trigger']);
    delete (s.table as { failure?: Error }).failure;
    await s.at(20).deliver(s.fast(alarm, 'OK'));
    expect(about(s)).toEqual(['trigger']);
    const comesBack = async (seconds: number) => {
      const back = s
        .at(seconds)
        .lost.splice(0)
        .map(message => ({ eventSource: 'aws:sqs', body: JSON.stringify(message) }));
      await notify({ Records: back }, s.tools);
    };
    for (let i = 0; i < 8; i++) s.answers.pagerduty.push({ status: 503 });
    await comesBack(30);
    s.answers.pagerduty.length = 0;
    await comesBack(90);
    expect(about(s)).toEqual(['trigger', 'resolve']);
    expect(s.lost).toEqual([]);
  });
});

describe('notifier: groups', () => {
  const grouped: RoutingInput = {
    stormLimit: 0,
    route: { receiver: 'slack', groupBy: ['Strategy'], groupWait: '0s', groupInterval: '1m', repeatInterval: '4h' },
  };
  const warning = (s: Story, name: string, state: 'ALARM' | 'OK' = 'ALARM') => s.fast(name, state, undefined, { severity: 'warning' });

  it('are silenced as a whole by a person, also what joins, until the silence ends', async () => {
    const s = routed(grouped);
    await s.at(0).deliver(warning(s, 'drawdown'));
    const [incident] = await s.incidents();
    const { silence } = await silenceIncident(incident!.id, { ...by(s, 30), durationMs: 3_600_000 }, acting(s));
    await s.at(90).deliver(warning(s, 'session-loss'));
    for (let minute = 2; minute <= 30; minute++) await s.at(minute * 60).sweep();
    expect(s.told()).toEqual(['slack trigger']);
    expect((await s.incidents())[0]?.suppression).toContain('silenced by');
    await s.tools.silences.put({ ...silence!, endsAt: s.tools.send.now() });
    for (let minute = 31; minute <= 33; minute++) await s.at(minute * 60).sweep();
    expect(s.told()).toEqual(['slack trigger', 'slack trigger']);
  });

  it('keep their members for as long as these fire', async () => {
    const s = routed(grouped);
    await s.at(0).deliver(warning(s, 'drawdown'));
    for (let hour = 6; hour <= 45 * 24; hour += 6) await s.at(hour * 3_600).sweep();
    const [member] = [...s.table.items.values()].filter(({ sk }) => sk.startsWith('MEMBER#'));
    expect(Number(member?.['expiresAt'])).toBeGreaterThan(s.tools.send.now() / 1000 + 15 * 86_400);
  });

  it('of a storm keep its pace when their members end', async () => {
    const s = story();
    const batch = (state: 'ALARM' | 'OK', from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) =>
        s.fast(`alert-${from + i}`, state, undefined, { severity: 'warning', dimensions: { Strategy: `s${from + i}` } }),
      );
    const storm = async () => (await s.incidents()).find(({ key: each }) => each === 'v1:storm:warning');
    await s.at(0).deliver(...batch('ALARM', 0, 60));
    await s.at(60).sweep();
    expect(await storm()).toMatchObject({ counts: { firing: 40 } });
    await s.at(100).deliver(...batch('OK', 30, 50));
    expect(await storm(), 'before the next minute').toMatchObject({ counts: { firing: 40 } });
    await s.at(120).sweep();
    expect(await storm()).toMatchObject({ counts: { firing: 20 } });
  });
});
