import { describe, expect, it } from 'vitest';
import { withClosureSilences } from '../../adapters/aws/closure-silences.ts';
import { createClosureStore } from '../../adapters/aws/closure-store.ts';
import { createSilenceStore } from '../../adapters/aws/silence-store.ts';
import { createClosure, reopened } from '../../core/health/closure.ts';
import { lineOf } from '../events/lines-of.ts';
import { pathStory } from './path-story.ts';

type Story = ReturnType<typeof pathStory>;

async function beats(s: Story, second: number) {
  await s.ingest(s.logs(lineOf('heartbeat', { eventId: `h${second}`, tsEvent: s.iso(second), tsSent: s.iso(second) })));
  await s.fold();
}

/** Told at the story's second, as the command does it. */
async function closes(s: Story, calendar: string, from: number, until: number) {
  const store = createClosureStore(s.table);
  const closure = createClosure({
    calendar,
    fromMs: Date.parse(s.iso(from)),
    untilMs: Date.parse(s.iso(until)),
    reason: 'halt',
    author: 'ops',
    createdAt: 0,
  });
  const { version, value } = await store.read();
  await store.save(version, [...value, closure]);
  return {
    reopen: async (at: number) => {
      const stored = await store.read();
      await store.save(stored.version, [reopened(closure, Date.parse(s.iso(at)))]);
    },
  };
}

const said = (s: Story) => s.topics.published.map(({ alarm, state, atMs }) => `${alarm} ${state}@${(atMs - Date.parse(s.iso(0))) / 1000}`);
const heartbeat = { intervalSeconds: 10, graceSeconds: 15, deliverySeconds: 0, deployGraceSeconds: 30 };
/** The story begins at 13:30 UTC on a Monday, as New York opens. */
const bots = [{ id: 's1', calendar: 'XNYS', heartbeat }];

describe('a market that was closed ad hoc', () => {
  it('is missed neither by the sweep nor by the fast timer nor by CloudWatch, and after it by both, once', async () => {
    const s = pathStory({ bots, closedMarkets: { warmUpMinutes: 1 } });
    await beats(s.at(600), 600);
    await closes(s, 'XNYS', 605, 1_200);
    for (let second = 610; second < 1_200; second += 60) await s.at(second).sweep();
    await s.at(700).wake();
    expect(said(s)).toEqual([]);
    // Nine full minutes, of which the first still had its own heartbeat.
    expect(s.emitted('HeartbeatCount').length).toBeGreaterThanOrEqual(9);
    await s.at(1_240).sweep();
    expect(said(s)).toEqual([]);
    await s.at(1_262).wake();
    await s.at(1_300).sweep();
    expect(said(s)).toEqual(['heartbeat-missing ALARM@1260']);
  });

  it('wakes the fast timer in time for the end of the warm-up', async () => {
    const s = pathStory({ bots, closedMarkets: { warmUpMinutes: 1 } });
    await beats(s.at(600), 600);
    await closes(s, 'XNYS', 605, 700);
    await s.at(740).sweep();
    const { delaySeconds } = s.timer.messages.at(-1)!;
    expect(740 + delaySeconds).toBeGreaterThan(760);
    expect(740 + delaySeconds).toBeLessThanOrEqual(762);
  });

  it('is awaited again from the reopening on, when that comes early', async () => {
    const s = pathStory({ bots, closedMarkets: { warmUpMinutes: 1 } });
    await beats(s.at(600), 600);
    const closure = await closes(s, 'XNYS', 605, 3_600);
    await s.at(660).sweep();
    await closure.reopen(700);
    await s.at(720).sweep();
    await s.at(780).sweep();
    expect(said(s)).toEqual(['heartbeat-missing ALARM@760']);
  });

  it.each([
    ['another market', 'XLON', async (_: Story) => undefined],
    [
      'nothing, when what was stored cannot be read',
      'XNYS',
      async (s: Story) => void (await s.table.put({ pk: 'MARKETS', sk: 'CLOSURES', value: '{"not":"a list"}', version: 9 })),
    ],
  ])('excuses %s', async (_, calendar, spoil) => {
    const s = pathStory({ bots });
    await beats(s.at(600), 600);
    await closes(s, calendar, 605, 1_200);
    await spoil(s);
    await s.at(660).sweep();
    expect(said(s)).toEqual(['heartbeat-missing ALARM@625']);
  });

  it('does not age the last fill: an alarm counts open time before and after', async () => {
    const s = pathStory({
      bots: [{ ...bots[0], limits: { fillAgeSeconds: 600, markAgeSeconds: 99_999 } }],
      closedMarkets: { warmUpMinutes: 0 },
    });
    const fill = lineOf('execution', { execId: 'x', settlCurrency: 'USDT', tsEvent: s.iso(60), transactTime: s.iso(60) });
    await s.ingest(s.at(61).logs(fill));
    await beats(s, 60);
    await closes(s, 'XNYS', 120, 3_600);
    for (const second of [3_700, 3_760, 4_190, 4_250]) {
      await beats(s.at(second), second);
      await s.sweep();
      expect(said(s).map(line => line.split('@')[0])).toEqual(second < 4_250 ? [] : ['fills-stopped ALARM']);
    }
  });

  it('holds limits on money all the same', async () => {
    const s = pathStory({ bots: [{ ...bots[0], limits: { dailyLoss: '100' } }] });
    await closes(s, 'XNYS', 0, 1_200);
    const fill = (id: string, side: string, px: string, second: number) =>
      lineOf('execution', {
        execId: id,
        eventId: id,
        side,
        lastQty: '10',
        lastPx: px,
        settlCurrency: 'USDT',
        tsEvent: s.iso(second),
        transactTime: s.iso(second),
      });
    await s.ingest(s.at(60).logs(lineOf('account', { equity: '10000' }), fill('x1', 'buy', '100', 1), fill('x2', 'sell', '85', 2)));
    await s.fold();
    expect(said(s).map(line => line.split('@')[0])).toEqual(['session-loss ALARM']);
  });
});

describe('silences of closures', () => {
  it('stand beside those of people, and end with the closure', async () => {
    const s = pathStory({ bots, closedMarkets: { warmUpMinutes: 1 } });
    const closures = createClosureStore(s.table);
    const silences = withClosureSilences(createSilenceStore(s.table), closures, s.config);
    await silences.put({
      id: 'mine',
      matchers: [],
      author: 'ada',
      comment: '',
      createdAt: 0,
      startsAt: 0,
      endsAt: Date.parse(s.iso(9_999)),
    });
    await closes(s, 'XNYS', 0, 600);
    const authors = async (second: number) => (await silences.current(Date.parse(s.iso(second)))).map(({ author }) => author);
    expect([await authors(10), await authors(659), await authors(660)]).toEqual([['ada', 'ops', 'ops'], ['ada', 'ops', 'ops'], ['ada']]);
  });
});
