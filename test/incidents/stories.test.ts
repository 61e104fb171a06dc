/** The behaviour that Alertmanager's own acceptance tests demand (send, inhibit, silence, grouping), on a fake clock, and what we add to it. */
import { describe, expect, it } from 'vitest';
import { score } from './score.ts';

const tree = {
  route: { receiver: 'slack', groupBy: ['Strategy'], groupWait: '1s', groupInterval: '3s', repeatInterval: '9s' },
  stormLimit: 0,
} as const;
const a = { Strategy: 'a' };
const b = { Strategy: 'b' };

describe('sending, as Alertmanager does', () => {
  it('waits the group wait, then tells once', () => {
    const s = score(tree);
    s.at('1s').push('High', a);
    s.between('2s', '2s').want('slack', 'trigger', 1, 'first');
    s.check('4s');
  });

  it('tells alerts that come within the group wait together', () => {
    const s = score(tree);
    s.at('0s').push('High', a);
    s.at('0s').push('Slow', a);
    s.at('0s').push('High', b);
    s.between('1s', '1s').want('slack', 'trigger', 2);
    s.between('1s', '1s').want('slack', 'trigger', 1);
    s.check('4s');
  });

  it('tells what joins at the next interval, with the whole group', () => {
    const s = score(tree);
    s.at('0s').push('High', a);
    s.at('2s').push('Slow', a);
    s.between('1s', '1s').want('slack', 'trigger', 1, 'first');
    s.between('4s', '4s').want('slack', 'trigger', 2, 'newAlerts');
    s.check('6s');
  });

  it('repeats at the first interval after the repeat interval', () => {
    const s = score(tree);
    s.at('0s').push('High', a);
    s.between('1s', '1s').want('slack', 'trigger', 1, 'first');
    s.between('10s', '10s').want('slack', 'trigger', 1, 'repeat');
    s.check('15s');
  });

  it('does not repeat what somebody has acknowledged', () => {
    const s = score(tree);
    s.at('0s').push('High', a);
    s.at('2s').acknowledge('High', a);
    s.between('1s', '1s').want('slack', 'trigger', 1);
    s.between('2s', '2s').want('slack', 'acknowledge');
    s.check('60s');
  });

  it('never tells an alert that ends within the group wait', () => {
    const s = score({ ...tree, route: { ...tree.route, groupWait: '10s' } });
    s.at('0s').push('High', a);
    s.at('5s').resolve('High', a);
    s.check('60s');
    expect(s.desk.incidents().map(({ status }) => status)).toEqual(['resolved']);
  });

  it('tells the end at the interval, when all alerts have ended', () => {
    const s = score(tree);
    s.at('0s').push('High', a);
    s.at('0s').push('Slow', a);
    s.at('2s').resolve('High', a);
    s.at('8s').resolve('Slow', a);
    s.between('1s', '1s').want('slack', 'trigger', 2);
    s.between('4s', '4s').want('slack', 'update', 1);
    s.between('10s', '10s').want('slack', 'resolve', 0);
    s.check('60s');
  });

  it('takes an alert that ends and begins again between two intervals for the same', () => {
    const s = score(tree);
    s.at('0s').push('High', a);
    s.at('2s').resolve('High', a);
    s.at('3s').push('High', a);
    s.between('1s', '1s').want('slack', 'trigger', 1);
    s.check('9s');
  });

  it('opens a new incident for what begins after the end was told', () => {
    const s = score(tree);
    s.at('0s').push('High', a);
    s.at('2s').resolve('High', a);
    s.at('20s').push('High', a);
    s.between('1s', '1s').want('slack', 'trigger', 1, 'first');
    s.between('4s', '4s').want('slack', 'resolve');
    s.between('21s', '21s').want('slack', 'trigger', 1, 'first');
    s.check('22s');
    expect(s.desk.incidents()).toHaveLength(2);
  });

  it('makes each alert a group of its own with ...', () => {
    const s = score({ ...tree, route: { ...tree.route, groupBy: ['...'] } });
    s.at('0s').push('High', a).push('Slow', a);
    s.between('1s', '1s').want('slack', 'trigger', 1);
    s.between('1s', '1s').want('slack', 'trigger', 1);
    s.check('3s');
  });

  it('makes one group of a route without group_by', () => {
    const s = score({ ...tree, route: { ...tree.route, groupBy: [] } });
    s.at('0s').push('High', a).push('Slow', b);
    s.between('1s', '1s').want('slack', 'trigger', 2);
    s.check('3s');
  });

  it('tells both receivers of a route that continues, each by its own clock', () => {
    const s = score({
      ...tree,
      route: {
        ...tree.route,
        repeatInterval: '1h',
        routes: [
          { receiver: 'mail', continue: true, groupWait: '5s' },
          { receiver: 'pager', groupWait: '2s' },
        ],
      },
    });
    s.at('0s').push('High', a);
    s.between('2s', '2s').want('pager', 'trigger', 1);
    s.between('5s', '5s').want('mail', 'trigger', 1);
    s.check('60s');
  });
});

describe('inhibition', () => {
  const inhibiting = {
    ...tree,
    inhibitRules: [{ sourceMatchers: ['alertname="Down"'], targetMatchers: ['severity="warning"'], equal: ['Zone'] }],
    route: { ...tree.route, groupBy: ['...'] },
  };
  const critical = { severity: 'critical', Zone: 'eu' };

  it('holds back a target of the same zone, and tells it when its source ends', () => {
    const s = score(inhibiting);
    s.at('0s').push('Down', critical);
    s.at('2s').push('High', { Zone: 'eu' });
    s.at('2s').push('High', { Zone: 'us' });
    s.at('4s').resolve('Down', critical);
    s.between('1s', '1s').want('slack', 'trigger');
    s.between('3s', '3s').want('slack', 'trigger');
    s.between('4s', '4s').want('slack', 'resolve');
    s.between('6s', '6s').want('slack', 'trigger', 1, 'first');
    s.check('7s');
  });

  it('holds back a target that arrives together with its source', () => {
    const s = score(inhibiting);
    s.at('0s').push('High', { Zone: 'eu' }).push('Down', critical);
    s.between('1s', '1s').want('slack', 'trigger');
    s.check('4s');
    const held = s.desk.incidents().find(({ key }) => key.includes('High'));
    expect(held?.suppression).toBe('inhibited by v1:Down:Zone=eu');
    expect(held?.timeline.map(({ reason }) => reason)).toContain('inhibited');
  });

  it('counts a label that both lack as equal', () => {
    const s = score(inhibiting);
    s.at('0s').push('Down', { severity: 'critical' }).push('High', {});
    s.between('1s', '1s').want('slack', 'trigger');
    s.check('4s');
  });

  it('never lets a rule silence its own sources', () => {
    const both = { sourceMatchers: ['Zone="eu"'], targetMatchers: ['Zone="eu"'], equal: [] };
    const s = score({ ...inhibiting, inhibitRules: [both] });
    s.at('0s').push('High', { Zone: 'eu' }).push('Slow', { Zone: 'eu' });
    s.between('1s', '1s').want('slack', 'trigger');
    s.between('1s', '1s').want('slack', 'trigger');
    s.check('4s');
  });

  it('tells one page when the telemetry of all bots is silent', () => {
    const s = score({});
    s.at('0s').push('telemetry-silent', { severity: 'critical' });
    for (const Bot of ['a', 'b', 'c']) s.at('1s').push('heartbeat-missing', { Bot, severity: 'critical' });
    s.between('0s', '0s').want('slack', 'trigger');
    s.between('0s', '0s').want('pager', 'trigger');
    s.check('5m');
  });
});

describe('silences', () => {
  it('holds back what it matches, and tells it when the silence ends', () => {
    const s = score(tree);
    s.at('0s').silence('Strategy="a"', '10s');
    s.at('1s').push('High', a);
    s.at('1s').push('High', b);
    s.between('2s', '2s').want('slack', 'trigger', 1);
    s.between('11s', '11s').want('slack', 'trigger', 1, 'first');
    s.between('11s', '11s').want('slack', 'trigger', 1, 'repeat');
    s.check('13s');
  });

  it('ends what was told before, also while it is silenced', () => {
    const s = score(tree);
    s.at('0s').push('High', a);
    s.at('2s').silence('alertname=High', '1h');
    s.at('20s').resolve('High', a);
    s.between('1s', '1s').want('slack', 'trigger', 1);
    s.between('20s', '23s').want('slack', 'resolve', 0);
    s.check('2m');
  });
});

describe('time intervals of routes', () => {
  const night = { times: [{ start: '03:00', end: '03:10' }] };

  it('mute a route inside, and it tells what still fires afterwards', () => {
    const s = score({
      timeIntervals: { night: [night] },
      route: { ...tree.route, repeatInterval: '1h', routes: [{ matchers: ['severity="warning"'], muteTimeIntervals: ['night'] }] },
    });
    s.at('0s').push('High', a);
    s.at('0s').push('Worse', { ...a, severity: 'critical' });
    s.between('1s', '1s').want('slack', 'trigger', 1);
    s.between('10m', '10m3s').want('slack', 'trigger', 1, 'first');
    s.check('11m');
  });

  it('open an active route only inside, and what it takes does not fall through', () => {
    const s = score({
      timeIntervals: { day: [{ times: [{ start: '09:00', end: '17:00' }] }] },
      route: { ...tree.route, routes: [{ receiver: 'mail', activeTimeIntervals: ['day'] }] },
    });
    s.at('0s').push('High', a);
    s.check('1h');
    expect(s.desk.incidents()[0]?.suppression).toBe('outside its active time (day)');
  });

  it('keep quiet hours for what can wait', () => {
    const s = score({ quietHours: [night] });
    s.at('0s').push('High', a);
    s.at('0s').push('Down', { ...b, severity: 'critical' });
    s.between('0s', '0s').want('slack', 'trigger');
    s.between('0s', '0s').want('pager', 'trigger');
    s.between('10m', '11m').want('slack', 'trigger', 1, 'first');
    s.check('20m');
  });
});

describe('beyond Alertmanager', () => {
  it('pages critical alerts at once, and lets the others wait, where no group wait is written', () => {
    const s = score({ route: { receiver: 'slack', groupBy: ['alertname'] } });
    s.at('0s').push('Down', { severity: 'critical' });
    s.at('0s').push('High', { severity: 'warning' });
    s.between('0s', '0s').want('slack', 'trigger', 1);
    s.between('30s', '30s').want('slack', 'trigger', 1);
    s.check('1m');
  });

  it('tells a graver alert that joins an open group at once', () => {
    const s = score({ ...tree, route: { ...tree.route, groupInterval: '5m', repeatInterval: '4h' } });
    s.at('0s').push('High', a);
    s.at('10s').push('Down', { ...a, severity: 'critical' });
    s.between('1s', '1s').want('slack', 'trigger', 1);
    s.between('10s', '10s').want('slack', 'trigger', 2, 'newAlerts');
    s.check('1m');
  });

  it('asks the next receivers while nobody acknowledges', () => {
    const s = score({
      route: {
        receiver: 'slack',
        groupBy: ['...'],
        groupInterval: '0s',
        repeatInterval: '0s',
        groupWait: '0s',
        escalation: [
          { after: '5m', receiver: 'pager' },
          { after: '15m', receiver: 'mail' },
        ],
      },
    });
    s.at('0s').push('Down', a);
    s.at('0s').push('Down', b);
    s.at('10m').acknowledge('Down', b);
    s.between('0s', '0s').want('slack', 'trigger');
    s.between('0s', '0s').want('slack', 'trigger');
    s.between('5m', '5m').want('pager', 'trigger');
    s.between('5m', '5m').want('pager', 'trigger');
    s.between('10m', '10m').want('slack', 'acknowledge');
    s.between('10m', '10m').want('pager', 'acknowledge');
    s.between('15m', '15m').want('mail', 'trigger');
    s.check('1h');
  });

  it('keeps an alert firing for a while after it cleared', () => {
    const s = score({ ...tree, route: { ...tree.route, repeatInterval: '1h', keepFiringFor: '1m' } });
    s.at('0s').push('High', a);
    s.at('10s').resolve('High', a);
    s.at('30s').push('High', a);
    s.at('40s').resolve('High', a);
    s.between('1s', '1s').want('slack', 'trigger', 1);
    s.between('1m40s', '1m43s').want('slack', 'resolve');
    s.check('5m');
  });

  it('makes one incident of an alert that flaps', () => {
    const s = score({});
    for (let minute = 0; minute < 20; minute++) {
      s.at(`${minute}m`).push('High', a);
      s.at(`${minute}m30s`).resolve('High', a);
    }
    const notices = s.play('2h');
    expect(notices.filter(({ duty }) => duty === 'trigger')).toHaveLength(4);
    expect(notices.at(-1)).toMatchObject({ duty: 'resolve' });
    expect(s.desk.incidents().filter(({ status }) => status !== 'resolved')).toEqual([]);
  });

  it('resolves at once where every change is told at once', () => {
    const s = score({});
    s.at('0s').push('Down', { ...a, severity: 'critical' });
    s.at('7s').resolve('Down', { ...a, severity: 'critical' });
    s.between('0s', '0s').want('slack', 'trigger');
    s.between('0s', '0s').want('pager', 'trigger');
    s.between('7s', '7s').want('slack', 'resolve');
    s.between('7s', '7s').want('pager', 'resolve');
    s.check('1h');
  });
});

describe('storms', () => {
  /** Measured with Alertmanager 0.25 over the same input: five notifications for 46 alerts. */
  it('tells 46 alerts in at most five messages', () => {
    const s = score({
      stormLimit: 0,
      route: {
        receiver: 'slack',
        groupBy: ['service'],
        groupWait: '1s',
        groupInterval: '3s',
        repeatInterval: '9s',
        routes: [{ matchers: ['severity="critical"'], receiver: 'pager' }],
      },
      inhibitRules: [{ sourceMatchers: ['alertname="ExchangeDown"'], targetMatchers: ['severity="warning"'], equal: ['service'] }],
    });
    s.at('0s').push('ExchangeDown', { service: 'bot-a', severity: 'critical' });
    for (let i = 0; i < 40; i++) s.at('0s').push('Warn', { service: 'bot-a', n: String(i) });
    for (let i = 0; i < 5; i++) s.at('0s').push('Warn', { service: 'bot-b', n: String(i) });
    for (let i = 0; i < 5; i++) s.at('5s').resolve('Warn', { service: 'bot-b', n: String(i) });
    for (let i = 0; i < 40; i++) s.at('18s').resolve('Warn', { service: 'bot-a', n: String(i) });
    s.at('18s').resolve('ExchangeDown', { service: 'bot-a', severity: 'critical' });
    const notices = s.play('26s');
    expect(notices.map(({ channel, duty }) => `${channel} ${duty}`)).toEqual([
      'pager trigger',
      'slack trigger',
      'slack resolve',
      'pager trigger',
      'pager resolve',
    ]);
  });

  it('joins what would be thousands of incidents into one per severity, and loses none', () => {
    const s = score({});
    for (let i = 0; i < 2_000; i++) s.at('0s').push(`Alert${i}`, { severity: i % 10 === 0 ? 'critical' : 'warning' });
    const notices = s.play('10m');
    expect(notices.filter(({ duty }) => duty === 'trigger').length).toBeLessThanOrEqual(20 * 2 + 20 + 2 * 3 + 2);
    const incidents = s.desk.incidents();
    expect(incidents).toHaveLength(42);
    expect(incidents.reduce((sum, { counts }) => sum + (counts?.firing ?? 0), 0)).toBe(2_000);
  });
});
