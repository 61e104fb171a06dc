import { describe, expect, it } from 'vitest';
import type { AlarmNow } from '../../adapters/aws/alarm-states.ts';
import { createClosureStore } from '../../adapters/aws/closure-store.ts';
import { createHistoryStore } from '../../adapters/aws/history-store.ts';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { createSilenceStore } from '../../adapters/aws/silence-store.ts';
import { createSweepStore } from '../../adapters/aws/sweep-store.ts';
import { alarmDefinitions } from '../../core/catalogue/alarm-definitions.ts';
import { createClosure } from '../../core/health/closure.ts';
import { sampleOf } from '../../core/ledger/history.ts';
import { widget } from '../../lambdas/widgets/widgets.ts';
import { lineOf } from '../events/lines-of.ts';
import { pathStory } from './path-story.ts';

async function staged(input?: unknown) {
  const s = input === undefined ? pathStory() : pathStory(input);
  const fill = lineOf('execution', {
    tsEvent: s.iso(1),
    transactTime: s.iso(1),
    settlCurrency: 'USDT',
    instrumentId: '<b>BTC</b>',
    side: 'sell',
  });
  const deploy = lineOf('control', { tsEvent: s.iso(1), action: 'deploy', actor: 'ci', reason: 'v2 <i>hot</i>' });
  await s.ingest(s.at(2).logs(lineOf('account', { equity: '10000' }), fill, deploy, lineOf('heartbeat', { tsEvent: s.iso(2) })));
  await s.fold();
  s.at(65);
  const log: string[] = [];
  const states = new Map<string, AlarmNow>();
  const now = () => Date.parse(s.iso(65));
  const incidents = createIncidentStore(s.table, now);
  const tools = {
    config: s.config,
    sweeps: createSweepStore(s.table),
    history: createHistoryStore(s.table),
    incidents,
    actions: { incidents, silences: createSilenceStore(s.table), wake: async () => undefined },
    alarms: { read: async () => states },
    now,
    output: createOutput(line => void log.push(line)),
  };
  return { s, log, states, tools, show: (event: unknown) => widget(event, tools, 'arn:aws:lambda:eu-west-1:1:function:widgets') };
}

/** The cells of each row, without markup. */
const tableRows = (html: string): readonly string[] =>
  [...html.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/gs)]
      .map(([, cell = '']) => cell.replace(/<[^>]*>/g, '').replaceAll('&nbsp;', ' '))
      .join('|'),
  );

const inDashboard = (params: unknown) => ({ widgetContext: { dashboardName: 'd', widgetId: 'w', params } });

describe('widgets', () => {
  it('show open positions with the age of their mark, results and ratios', async () => {
    const { show } = await staged();
    const html = await show(inDashboard({ widget: 'positions' }));
    for (const text of ['-0.5', '42000.5', '64 s']) expect(html).toContain(text);
    const results = await show(inDashboard({ widget: 'results' }));
    for (const text of ['Gross', '→ equity', '10,000.00']) expect(results).toContain(text);
    expect(await show(inDashboard({ widget: 'scores' }))).toMatch(/N \d+ days/);
  });

  it('show every figure of the ledger, and groups against their limits', async () => {
    const limits = { grossExposure: '100', dailyLoss: '5000' };
    const { show } = await staged({ bots: [{ id: 's1' }], groups: { firm: { kind: 'firm', currency: 'USDT', limits } } });
    const figures = await show(inDashboard({ widget: 'figures' }));
    for (const text of ['Calmar ratio', 'Implementation shortfall', 'Net exposure', '-21,000.']) expect(figures).toContain(text);
    const groups = await show(inDashboard({ widget: 'groups' }));
    for (const text of ['firm (firm)', ' of 100<', 'the limit is 100 USDT']) expect(groups).toContain(text);
  });

  it('show how each instrument came to its result, and that the rows sum up to the strategy’s', async () => {
    const { s, show } = await staged();
    const fill = {
      side: 'buy',
      instrumentId: 'ETH',
      settlCurrency: 'USDT',
      lastQty: '2',
      lastPx: '10',
      tsEvent: s.iso(50),
      transactTime: s.iso(50),
    };
    const cash = { cashType: 'funding', currency: 'USDT', tsEvent: s.iso(52) };
    await s.ingest(
      s.at(60).logs(
        lineOf('execution', { ...fill, execId: 'e1', eventId: 'e1', fees: [{ amount: '0.5', currency: 'USDT' }] }),
        lineOf('execution', {
          ...fill,
          execId: 'e2',
          eventId: 'e2',
          side: 'sell',
          lastPx: '40',
          fees: [{ amount: '0.25', currency: 'USDT' }],
        }),
        lineOf('cash', { ...cash, eventId: 'c1', refId: 'c1', amount: '-2', instrumentId: 'ETH' }),
        lineOf('cash', { ...cash, eventId: 'c2', refId: 'c2', amount: '5' }),
      ),
    );
    await s.fold();
    const rows = tableRows(await show(inDashboard({ widget: 'attribution' })));
    expect(rows).toContain('  ETH||+60.00|-0.75|-2.00|+57.25|0.00');
    expect(rows).toContain('  account, no instrument||0.00|0.00|+5.00|+5.00|0.00');
    expect(await show(inDashboard({ widget: 'attribution', strategy: 'nobody' }))).toContain('No strategies.');
  });

  it('say since when instruments have their share, where an older release kept the whole only', async () => {
    const { tools } = await staged();
    const state = await tools.sweeps.read(['s1'], ['s1'], 0);
    const head = state.heads.get('s1')!;
    const shownAs = async (attribution: unknown) => {
      const heads = new Map([['s1', { ...head, view: { ...head.view!, attribution } as never }]]);
      return widget({ widget: 'attribution' }, { ...tools, sweeps: { read: async () => ({ ...state, heads }) } });
    };
    const since = Date.parse('2026-03-01T12:00:00Z');
    expect(await shownAs({ instruments: [], account: ['1', '2', '3', '0'], sinceMs: since })).toMatch(
      /account, and all before.*2026-03-01 12:00:00.*rebuild/s,
    );
    expect(await shownAs({ instruments: [['X', null, '2', '3', '0', 4]] })).toMatch(/X \(4 without a rate\).*–/s);
    expect(await shownAs(undefined)).toContain('by instrument from its next event on');
  });

  it('narrow positions to a venue by their own, and say that figures of strategies are not split', async () => {
    const { tools } = await staged({
      bots: [
        { id: 's1', venue: 'kraken' },
        { id: 's2', venue: 'binance' },
      ],
    });
    const state = await tools.sweeps.read(['s1'], ['s1'], 0);
    const head = state.heads.get('s1')!;
    const positions = [
      { instrumentId: 'HOME', qty: '1' },
      { instrumentId: 'AWAY', qty: '2', venue: 'binance' },
    ];
    const heads = new Map([['s1', { ...head, view: { ...head.view!, positions } }]]);
    const at = (venue: string, name = 'positions') =>
      widget({ widget: name, venue }, { ...tools, sweeps: { read: async () => ({ ...state, heads }) } });
    expect(await at('kraken')).toMatch(/HOME/);
    expect(await at('kraken')).not.toMatch(/AWAY|not kept by venue/);
    expect(await at('binance')).toMatch(/AWAY \(binance\)/);
    expect(await at('binance')).not.toMatch(/HOME/);
    expect(await at('every-venue')).toMatch(/HOME.*AWAY/s);
    expect(await at('kraken', 'results')).toMatch(/Strategies whose config names kraken/);
    expect(await at('every-venue', 'results')).not.toMatch(/by venue/);
  });

  it('count orders in the time range, say which it is, and mix no strategy in that was not counted then', async () => {
    const { s, tools } = await staged();
    const nowMs = Date.parse(s.iso(65));
    const counts = (n: number) => ({
      submitted: n,
      accepted: n - 1,
      rejected: 1,
      denied: 0,
      ended: n - 1,
      filledWhole: n - 2,
      filledPartly: 0,
    });
    const minute = Math.floor(nowMs / 600_000) * 10;
    for (const [back, n] of [
      [600, 10],
      [180, 100],
      [60, 140],
    ] as const)
      await tools.history.record('s1', sampleOf({ equity: 1 }, (minute - back) * 60_000, counts(n))!);
    const state = await tools.sweeps.read(['s1'], ['s1'], 0);
    const view = { ...state.heads.get('s1')!.view!, orders: counts(150) };
    const heads = new Map([['s1', { ...state.heads.get('s1')!, view }]]);
    const show = async (fromBack: number, toBack: number, more = tools) => {
      const timeRange = { start: (minute - fromBack) * 60_000, end: toBack === 0 ? nowMs : (minute - toBack) * 60_000 };
      const sweeps = { read: async () => ({ ...state, heads }) };
      const answer = await widget({ widget: 'funnel', widgetContext: { timeRange } }, { ...more, sweeps });
      return { rows: tableRows(answer).map(row => row.split('|').filter(cell => cell !== '')), answer };
    };
    const clock = (back: number) => new Date((minute - back) * 60_000).toISOString().slice(5, 16).replace('T', ' ');
    const recent = await show(180, 0);
    expect(recent.rows.slice(1, 4)).toEqual([
      ['New', '50', '100.0 %'],
      ['Acknowledged', '50', '100.0 %'],
      ['Filled', '50', '100.0 %'],
    ]);
    expect(recent.answer).toContain(`From ${clock(180)} to now: what happened then`);
    const past = await show(170, 50);
    expect(past.rows[1]).toEqual(['New', '40', '100.0 %']);
    expect(past.answer).toContain(`From ${clock(180)} to ${clock(50)}`);
    // Longer than anything was counted: from the first count on, and it says so.
    const long = await show(20 * 60, 0);
    expect(long.rows[1]).toEqual(['New', '140', '100.0 %']);
    expect(long.answer).toContain(`From ${clock(600)} to now`);
    const none = { ...tools, history: { ...tools.history, read: async () => new Map() } };
    const whole = await show(180, 0, none);
    expect(whole.rows[1]).toEqual(['New', '150', '100.0 %']);
    expect(whole.answer).toContain('Since the beginning: nothing was counted in this time range yet.');
    expect((await show(180, 100, none)).answer).toContain('Orders were not counted in this time range.');
  });

  it('escape what a bot wrote', async () => {
    const { show } = await staged();
    const html = await show(inDashboard({}));
    expect(html).toContain('&lt;b&gt;BTC&lt;/b&gt;');
    expect(html).not.toContain('<b>');
  });

  it('say where the time of each probe went, for bots that have some', async () => {
    const { s, show } = await staged({ bots: [{ id: 's1', probes: { liveness: 'http://bot/healthz' } }] });
    s.probes.push({ ok: true, tookMs: 52, detail: 'HTTP 200', phases: { dns: 3, connect: 9, firstByte: 40 } });
    await s.sweep();
    const html = await show(inDashboard({ widget: 'health' }));
    expect(html).toContain('title="newest last: 52 ms">liveness: HTTP 200 in 52 ms (DNS 3 ms, connect 9 ms, first byte 40 ms)<');
    const plain = await staged();
    expect(await plain.show(inDashboard({ widget: 'health' }))).not.toContain('Newest probes');
  });

  it('say who is silent', async () => {
    const { show } = await staged();
    expect(await show(inDashboard({ widget: 'health' }))).toMatch(/s1<\/td><td>down<\/td><td>63 s/);
    expect(await show(inDashboard({ widget: 'heartbeats' }))).toMatch(/s1<\/h4><div>down<\/div>.*63 s ago, dead after 25 s/);
  });

  it('show what the processes use', async () => {
    const { s, show } = await staged();
    const resources = { cpuPercent: 12.5, diskReadBytesPerSecond: 1_000, diskWriteBytesPerSecond: 500 };
    await s.ingest(s.at(60).logs(lineOf('heartbeat', { eventId: 'h60', tsEvent: s.iso(60), resources })));
    await s.fold();
    expect(await show({ widget: 'system' })).toMatch(/12\.5 %.*–.*1\.5 kB\/s.*5 s ago/);
  });

  it('show only the strategies asked for, also those that were never heard', async () => {
    const { show } = await staged({ bots: [{ id: 's1' }, { id: 's2' }] });
    const html = await show({ widget: 'results', strategies: ['s2'] });
    expect(html).toContain('s2');
    expect(html).toContain('never heard');
    expect(html).not.toContain('s1');
  });

  it('describe themselves, and name what they do not know', async () => {
    const { show } = await staged();
    expect(await show({ describe: true })).toMatch(/^## .*\n/);
    expect(await show({ widget: '<script>' })).toContain('Unknown widget &lt;script&gt;');
    expect(await show(null)).toContain('1 open position');
  });

  it('answer in words while the table is unreachable', async () => {
    const { s, show, log } = await staged();
    s.table.failure = new Error('unreachable');
    expect(await show({})).toContain('could not be read: Error.');
    expect(log.join()).toContain('widget failed');
  });
});

describe('hostile input', () => {
  const script = '<script>alert(1)</script>';
  const names = [
    'lights',
    'incidents',
    'heartbeats',
    'funnel',
    'curve',
    'scores',
    'attribution',
    'calendar',
    'positions',
    'results',
    'releases',
    'health',
    'system',
    'cost',
  ];
  const year = 366 * 86_400_000;
  const huge = 'x'.repeat(200_000);
  const contexts: readonly (readonly [string, unknown])[] = [
    ['no event at all', undefined],
    ['a text', 'widget'],
    ['a list', [1, 2, 3]],
    ['an empty object', {}],
    ['a widget’s name as an object', { widget: { toString: 1 } }],
    ['the name of an inherited property', { widget: '__proto__' }],
    ['another', { widget: 'constructor' }],
    [
      'huge parameters',
      {
        widget: huge,
        strategy: huge,
        page: huge,
        incident: huge,
        action: huge,
        strategies: Array.from({ length: 10_000 }, () => huge.slice(0, 10)),
      },
    ],
    ['a page that is no number', { page: 'NaN' }],
    ['a page beyond the end', { page: 1e300 }],
    ['a negative page', { page: -5 }],
    ['a time range of a year', { widgetContext: { timeRange: { start: 0, end: 1 } } }],
    [
      'times that are no times',
      { widgetContext: { timeRange: { start: 'x', end: {} }, width: 'x', height: -1, timezone: { offsetInMinutes: 1e9, label: script } } },
    ],
    ['times out of this world', { widgetContext: { timeRange: { start: -1e300, end: 1e300 }, width: 1e9, height: 1e9 } }],
    ['a range that ends before it starts', { widgetContext: { timeRange: { start: 2e12, end: 1e12 } } }],
    [
      'markup everywhere',
      {
        strategy: script,
        bot: script,
        venue: script,
        action: script,
        incident: script,
        widgetContext: { theme: script, timezone: { label: script }, params: { strategy: script } },
      },
    ],
    ['an incident that does not exist', { action: 'acknowledge', incident: script }],
    ['an action that does not exist', { action: 'delete', incident: 'x' }],
  ];

  it.each(contexts)('%s', async (_, event) => {
    const { show, log } = await staged();
    const objects = typeof event === 'object' && event !== null && !Array.isArray(event) ? event : {};
    for (const event2 of [event, ...names.map(name => ({ ...objects, widget: name }))]) {
      const answer = await show(event2);
      expect(answer.length).toBeLessThan(200_000);
      expect(answer).not.toContain('<script');
      expect(answer).not.toMatch(/NaN|undefined|\[object/);
    }
    expect(log).toEqual([]);
  });

  it.each(names)('%s of a year, before anything was ever stored', async name => {
    const { show, s } = await staged();
    s.table.write([], [...s.table.items.values()]);
    const now = Date.parse(s.iso(65));
    const answer = await show({ widget: name, widgetContext: { timeRange: { start: now - year, end: now }, theme: 'dark' } });
    expect(answer).toMatch(/^<style>.*<\/style><div class="nd">.+<\/div>$/s);
  });

  it.each(names)('%s with 10,000 positions and a script in every name', async name => {
    const { s, tools } = await staged();
    const state = await tools.sweeps.read(['s1'], ['s1'], 0);
    const head = state.heads.get('s1')!;
    const [one] = head.view!.positions;
    const view = {
      ...head.view!,
      positions: Array.from({ length: 10_000 }, (_, n) => ({ ...one!, instrumentId: `${script}"'&${n}` })),
      currency: script,
      attribution: {
        instruments: Array.from({ length: 40 }, (_, n) => [`${script}${n}`, '1', '1', '0', '-2', 3] as const),
        others: [9_960, '1', null, '0', '-2', 1] as const,
        account: ['0', '0', '1', '0'] as const,
        sinceMs: 1,
      },
    };
    const crowded = { ...tools, sweeps: { read: async () => ({ ...state, heads: new Map([['s1', { ...head, view }]]) }) } };
    await s.table.put({ pk: 'STRATEGY#s1', sk: 'HISTORY#MARKS', text: JSON.stringify([[Date.parse(s.iso(1)), script, script, script]]) });
    const answer = await widget({ widget: name }, crowded);
    expect(answer).not.toContain('<script');
    expect(answer.length).toBeLessThan(100_000);
    if (name === 'positions') expect(answer).toMatch(/10000 open positions.*Page 1 of 400.*&quot;page&quot;|"page":2/s);
  });

  it('escapes what buttons send, and asks before they act', async () => {
    const { tools } = await staged();
    const signal = { alarm: script, alarmId: 'session-loss', dimensions: { Strategy: script }, severity: 'critical' };
    const incident = {
      id: `2026-03-09T13:30:00.000Z#</cwdb-action>${script}`,
      key: 'k',
      title: `${script}" onload="x`,
      severity: 'critical',
      status: 'open',
      openedAt: 1,
      alarms: [],
      firing: [],
      signal,
      channels: {},
      timeline: [],
    };
    const listed = { ...tools, incidents: { list: async () => [incident as never] } };
    const answer = await widget({ widget: 'incidents' }, listed, 'arn:aws:lambda:eu-west-1:1:function:widgets');
    expect(answer).not.toMatch(/<script|onload="x"|<\/cwdb-action><script/);
    expect(answer.match(/<cwdb-action [^>]*confirmation="/g)).toHaveLength(2);
    const inside = /<cwdb-action[^>]*>([^<]*)<\/cwdb-action>/.exec(answer)?.[1];
    expect(JSON.parse(inside!)).toMatchObject({ widget: 'incidents', action: 'acknowledge', incident: incident.id });
  });
});

describe('a market that is closed ad hoc', () => {
  it('is named above the lights with who, why and until when, and on the card of its bots', async () => {
    const { show, s } = await staged();
    const closure = { calendar: '24x7', fromMs: Date.parse(s.iso(5)), untilMs: Date.parse(s.iso(3_600)), reason: '<i>halt</i>' };
    await createClosureStore(s.table).save(0, [createClosure({ ...closure, author: 'ada', createdAt: 0 })]);
    expect(await show({ widget: 'lights' })).toContain('24x7 is closed until 2026-03-09 14:30 UTC by ada: &lt;i&gt;halt&lt;/i&gt;');
    expect(await show({ widget: 'heartbeats' })).toContain('market closed');
    await createClosureStore(s.table).save(1, []);
    expect(await show({ widget: 'lights' })).not.toContain('is closed');
  });
});

describe('lights', () => {
  const row = (answer: string, name: string) => new RegExp(`aria-label="${name}: ([a-z ]+)"`).exec(answer)?.[1];

  it('show the worst of each group, and grey for bots that are silent and alarms that nobody has', async () => {
    const { s, states, show } = await staged();
    expect(row(await show({ widget: 'lights' }), 'System')).toBe('not measured');
    for (const { name } of alarmDefinitions(s.config)) states.set(name, { state: 'OK' });
    // The bot's last heartbeat is a minute old: OK is only the last word.
    expect(row(await show({ widget: 'lights' }), 'System')).toBe('not measured');
    expect(row(await show({ widget: 'lights' }), 'Nightdesk')).toBe('fine');
    await s.ingest(s.at(60).logs(lineOf('heartbeat', { eventId: 'h60', tsEvent: s.iso(60) })));
    await s.fold();
    expect(row(await show({ widget: 'lights' }), 'System')).toBe('fine');
    states.set('demo-cpu-high-s1', { state: 'ALARM' });
    states.set('demo-session-loss-s1', { state: 'ALARM' });
    const answer = await show({ widget: 'lights' });
    expect([row(answer, 'System'), row(answer, 'Trading'), row(answer, 'CPU usage')]).toEqual(['warning', 'critical', 'warning']);
  });

  it('show the alarm below a composite, which is OK without data, and what holds a page back', async () => {
    const { s, states, show } = await staged();
    await s.ingest(s.at(60).logs(lineOf('heartbeat', { eventId: 'h60', tsEvent: s.iso(60) })));
    await s.fold();
    for (const { name } of alarmDefinitions(s.config)) states.set(name, { state: 'OK' });
    states.set('demo-market-data-stale-s1-signal', { state: 'OK' });
    states.set('demo-market-data-stale-signal-s1', { state: 'INSUFFICIENT_DATA' });
    expect(row(await show({ widget: 'lights' }), 'Market data age')).toBe('not measured');
    states.set('demo-market-data-stale-signal-s1', { state: 'ALARM' });
    states.set('demo-heartbeat-missing-s1', { state: 'ALARM' });
    expect(await show({ widget: 'lights' })).toContain('follows demo-heartbeat-missing-s1');
  });
});

it('acknowledges from the dashboard', async () => {
  const { s, tools, show } = await staged();
  const key = 'v1:session-loss:{}';
  const incident = {
    id: `2026-03-09T13:30:00.000Z#${key}`,
    key,
    title: 'Loss',
    severity: 'critical',
    status: 'open',
    openedAt: Date.parse(s.iso(1)),
    alarms: [],
    firing: ['a'],
    channels: {},
    timeline: [],
    signal: { alarm: 'a', dimensions: {} },
  };
  await tools.incidents.save({ schemaVersion: 1, key, sources: {}, incident } as never, 0);
  expect(await show({ widget: 'incidents' })).toContain('Acknowledge');
  expect(await show({ widget: 'incidents', action: 'acknowledge', incident: incident.id })).toMatch(/Acknowledged\..*acknowledged/s);
  expect((await tools.incidents.load(key))?.state.incident?.status).toBe('acknowledged');
});
