/** Stories of incidents whose circumstances turn while they are open, or just after: graver, ended by hand, refused, hushed. */
import { describe, expect, it } from 'vitest';
import { acknowledgeIncident, resolveIncident } from '../../core/incidents/actions.ts';
import { type Story, story } from './notifier-story.ts';

const alarm = 'heartbeat-missing';
const key = 'v1:heartbeat-missing:Strategy=s1';
const pagerOnly = { routes: { critical: ['pagerduty'], warning: ['pagerduty'], info: ['slack'] } };

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
