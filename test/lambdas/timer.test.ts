import { describe, expect, it } from 'vitest';
import { lineOf } from '../events/lines-of.ts';
import { pathStory } from './path-story.ts';

type Story = ReturnType<typeof pathStory>;

async function beats(s: Story, second: number, changes: Readonly<Record<string, unknown>> = {}) {
  await s.ingest(s.logs(lineOf('heartbeat', { eventId: `h${second}`, tsEvent: s.iso(second), tsSent: s.iso(second), ...changes })));
  await s.fold();
}

const said = (s: Story) => s.topics.published.map(({ alarm, state, atMs }) => `${alarm} ${state} ${s.iso(0) === '' ? '' : atMs}`);
const dueAt = (s: Story, sentAt: number) => sentAt + s.timer.messages.at(-1)!.delaySeconds;

describe('the fast timer', () => {
  it('is begun by a sweep, and says a death within two seconds of its deadline', async () => {
    const s = pathStory();
    await beats(s.at(0), 0);
    await s.at(3).sweep();
    const wakesAt = dueAt(s, 3);
    expect(wakesAt).toBeGreaterThan(25);
    expect(wakesAt).toBeLessThanOrEqual(27);
    await s.at(wakesAt).wake();
    expect(s.topics.published).toMatchObject([{ alarm: 'heartbeat-missing', state: 'ALARM', atMs: Date.parse(s.iso(25)) }]);
    await s.at(60).sweep();
    expect(s.topics.published).toHaveLength(1);
  });

  it.each([
    ['a probe showed something', 1, (health: object) => ({ ...health, probes: { liveness: { ok: true, failures: 0 } } })],
    ['another sweep judged', 0, (health: object) => ({ ...health, status: 'paused' })],
  ])('when %s between its reading and its writing, says %d deaths', async (_, deaths, changed) => {
    const s = pathStory();
    await beats(s.at(0), 0);
    await s.at(3).sweep();
    const { put } = s.table;
    s.table.put = async (item, expected) => {
      if (item.sk !== 'HEALTH' || item.pk !== 'BOT#s1') return put(item, expected);
      s.table.put = put;
      const stored = (await s.table.get(item))!;
      await put({
        ...stored,
        version: Number(stored['version']) + 1,
        value: JSON.stringify(changed(JSON.parse(String(stored['value'])) as object)),
      });
      return put(item, expected);
    };
    await s.at(27).wake();
    expect(s.topics.published).toHaveLength(deaths);
    const { probes } = JSON.parse(String((await s.table.get({ pk: 'BOT#s1', sk: 'HEALTH' }))!['value'])) as { readonly probes: object };
    expect(Object.keys(probes)).toHaveLength(deaths);
  });

  it('goes on by itself while the bot lives, and wakes again in time for its death', async () => {
    const s = pathStory();
    await beats(s.at(0), 0);
    await s.at(0).sweep();
    let now = 0;
    for (let round = 0; round < 5; round++) {
      now = dueAt(s, now);
      await beats(s.at(now - 1), now - 1);
      await s.at(now).wake();
    }
    expect(s.topics.published).toEqual([]);
    const last = now - 1;
    now = dueAt(s, now);
    await s.at(now).wake();
    expect(said(s)).toHaveLength(1);
    expect(now - (last + 25)).toBeLessThanOrEqual(2);
  });

  it('lets a message that is not the newest end there', async () => {
    const s = pathStory();
    await beats(s.at(0), 0);
    await s.at(0).sweep();
    const count = s.timer.messages.length;
    await s.at(60).wake(JSON.stringify({ nightdesk: 1, token: 'forged' }));
    await s.at(60).wake('garbage');
    expect([s.timer.messages.length, s.topics.published.length]).toEqual([count, 0]);
  });

  it('is begun anew by the sweep when its message is lost, and not before', async () => {
    const s = pathStory();
    await beats(s.at(0), 0);
    await s.at(0).sweep();
    await beats(s.at(20), 20);
    await s.at(21).sweep();
    expect(s.timer.messages).toHaveLength(1);
    await beats(s.at(60), 60);
    await s.at(61).sweep();
    expect(s.timer.messages).toHaveLength(2);
  });

  it('and the sweep at once say a death once', async () => {
    const s = pathStory();
    await beats(s.at(0), 0);
    await s.at(0).sweep();
    s.at(30);
    await Promise.all([s.sweep(), s.wake(), s.sweep()]);
    expect(s.topics.published).toHaveLength(1);
  });
});

describe('excused bots', () => {
  it('get a heartbeat from the sweep, so that CloudWatch’s alarm pages nobody; dead ones get none', async () => {
    const s = pathStory();
    await beats(s.at(0), 0);
    await s.at(20).sweep();
    expect(s.emitted('HeartbeatCount')).toEqual([]);
    await beats(s.at(21), 21, { status: 'stopping' });
    await s.at(80).sweep();
    expect([s.emitted('HeartbeatCount'), s.topics.published]).toEqual([[1], []]);
    await beats(s.at(100), 100);
    await s.at(200).sweep();
    expect([s.emitted('HeartbeatCount'), s.topics.published.length]).toEqual([[1], 1]);
  });
});
