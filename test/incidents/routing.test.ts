import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../core/config/parse.ts';
import { type RoutingInput, routingFrom } from '../../core/config/routing-input.ts';
import { explainWalk, placementsOf, routesFor, routingOfSeverities } from '../../core/incidents/routing.ts';
import { inIntervals } from '../../core/incidents/time-interval.ts';

const channels = ['slack', 'pager', 'mail'];
const none = { critical: [], warning: [], info: [] };
const routing = (input: RoutingInput) => routingFrom(input, channels, none);

/** The tree of Alertmanager's own test of matching (dispatch, RouteMatch), in our words. */
const owners = routing({
  route: {
    receiver: 'slack',
    name: 'root',
    groupInterval: '1m',
    routes: [
      {
        name: 'A',
        receiver: 'mail',
        matchers: ['owner="team-A"'],
        routes: [
          { name: 'testing', matchers: ['env="testing"'], groupBy: ['...'] },
          { name: 'production', matchers: ['env="production"'], groupBy: ['job', 'instance', 'env'], groupWait: '1m', continue: true },
          { name: 'production again', matchers: ['env=~"produ.*"', 'job=~".*"'], groupBy: ['job'] },
        ],
      },
      { name: 'BC', matchers: ['owner=~"team-(B|C)"'], groupBy: ['foo', 'bar'], receiver: 'pager' },
      {
        name: 'group',
        matchers: ['group_by="role"'],
        groupBy: ['role'],
        routes: [
          { name: 'role testing', matchers: ['env="testing"'], routes: [{ name: 'wait', matchers: ['wait="long"'], groupWait: '2m' }] },
        ],
      },
    ],
  },
});

describe('routing tree', () => {
  it.each<readonly [Record<string, string>, readonly string[]]>([
    [{ owner: 'team-A' }, ['A']],
    [{ owner: 'team-A', env: 'unset' }, ['A']],
    [{ owner: 'team-C' }, ['BC']],
    [{ owner: 'team-D' }, ['root']],
    [{ owner: 'team-A', env: 'testing' }, ['testing']],
    [{ owner: 'team-A', env: 'production' }, ['production', 'production again']],
    [{ group_by: 'role' }, ['group']],
    [{ env: 'testing', group_by: 'role' }, ['role testing']],
    [{ env: 'testing', group_by: 'role', wait: 'long' }, ['wait']],
    [{}, ['root']],
  ])('takes %j to %j', (labels, names) => {
    expect(routesFor(owners.route, labels).map(({ id }) => id)).toEqual(names);
    const taken = explainWalk(owners.route, labels).filter(({ verdict }) => verdict === 'taken');
    expect(taken.map(({ route }) => route.id)).toEqual(names);
  });

  it('lets children inherit what they do not set, but no time intervals', () => {
    const { route } = routing({
      timeIntervals: { night: [{ times: [{ start: '00:00', end: '06:00' }] }] },
      route: {
        receiver: 'slack',
        groupBy: ['...'],
        routes: [
          {
            groupInterval: '2m',
            muteTimeIntervals: ['night'],
            escalation: [{ after: '1m', receiver: 'pager' }],
            routes: [{ receiver: 'mail' }],
          },
        ],
      },
    });
    const child = route.routes[0]!.routes[0]!;
    expect(child).toMatchObject({
      receiver: 'mail',
      groupBy: ['...'],
      groupIntervalMs: 120_000,
      repeatIntervalMs: 14_400_000,
      muteTimeIntervals: [],
      escalation: [{ afterMs: 60_000, receiver: 'pager' }],
    });
  });

  it('names groups by route and values, so that two routes never share one', () => {
    const keys = (labels: Record<string, string>) => placementsOf(owners, 'v1:x:', labels).map(({ key }) => key);
    expect(keys({ owner: 'team-A', env: 'production', job: 'j' })).toEqual([
      'v1:group:production:env=production,instance=,job=j',
      'v1:group:production again:job=j',
    ]);
    expect(keys({ owner: 'team-A', env: 'testing' })).toEqual(['v1:x:']);
    expect(new TextEncoder().encode(keys({ owner: 'team-B', foo: 'ü'.repeat(500) })[0]).length).toBeLessThanOrEqual(255);
  });

  it('says node by node why', () => {
    const said = explainWalk(owners.route, { owner: 'team-A', env: 'testing' }).map(
      ({ route, verdict, because }) => `${route.id}: ${verdict}; ${because}`,
    );
    expect(said).toEqual([
      'root: entered; it has no matchers',
      'A: entered; {owner="team-A"} holds',
      'testing: taken; {env="testing"} holds',
      'production: not reached; testing matched and does not continue',
      'production again: not reached; testing matched and does not continue',
      'BC: not reached; A matched and does not continue',
      'group: not reached; A matched and does not continue',
    ]);
  });

  it('expands the short form into a tree of severities', () => {
    const short = routingOfSeverities({ critical: ['slack', 'pager'], warning: ['slack'], info: [] });
    const to = (severity: string) => routesFor(short.route, { severity }).map(({ receiver }) => short.receivers[receiver]);
    expect(['critical', 'warning', 'info', 'other'].map(to)).toEqual([[['slack', 'pager']], [['slack']], [[]], [['slack', 'pager']]]);
  });
});

describe('time intervals', () => {
  const holds = (interval: NonNullable<RoutingInput['quietHours']>[number], at: string) =>
    inIntervals(routing({ route: { receiver: 'slack' }, timeIntervals: { x: [interval] } }).timeIntervals['x']!, Date.parse(at));

  it.each<readonly [string, NonNullable<RoutingInput['quietHours']>[number], string, boolean]>([
    ['starts inclusive', { times: [{ start: '09:00', end: '17:00' }] }, '2026-03-09T09:00:00Z', true],
    ['ends exclusive', { times: [{ start: '09:00', end: '17:00' }] }, '2026-03-09T17:00:00Z', false],
    ['lasts to the end of the day', { times: [{ start: '23:59', end: '24:00' }] }, '2026-03-09T23:59:59.999Z', true],
    ['knows weekdays', { weekdays: ['monday:friday'] }, '2026-03-14T12:00:00Z', false],
    ['knows weekdays, the last included', { weekdays: ['Monday:Friday'] }, '2026-03-13T12:00:00Z', true],
    ['counts days from the end', { daysOfMonth: ['-1'] }, '2026-02-28T12:00:00Z', true],
    ['counts days from the end in a leap year', { daysOfMonth: ['-1'] }, '2028-02-28T12:00:00Z', false],
    ['counts a range from the end', { daysOfMonth: ['-3:-1'] }, '2026-04-27T12:00:00Z', false],
    ['counts a range from the end, its first day', { daysOfMonth: ['-3:-1'] }, '2026-04-28T00:00:00Z', true],
    ['clamps a range to the month', { daysOfMonth: ['1:31'] }, '2026-02-28T12:00:00Z', true],
    ['has no 31st in April', { daysOfMonth: ['31'] }, '2026-04-30T12:00:00Z', false],
    ['reads a range across both counts', { daysOfMonth: ['10:-10'] }, '2026-04-21T12:00:00Z', true],
    ['knows months by name', { months: ['june:august'] }, '2026-07-01T00:00:00Z', true],
    ['knows years', { years: ['2027:2028'] }, '2026-12-31T23:59:59Z', false],
    ['joins fields by and', { weekdays: ['monday'], months: ['1'] }, '2026-03-09T12:00:00Z', false],
    ['takes the local day', { weekdays: ['monday'], location: 'Asia/Tokyo' }, '2026-03-08T16:00:00Z', true],
    [
      'is local before the clocks go forward',
      { times: [{ start: '09:00', end: '10:00' }], location: 'Europe/Berlin' },
      '2026-03-28T08:30:00Z',
      true,
    ],
    [
      'is local after the clocks went forward',
      { times: [{ start: '09:00', end: '10:00' }], location: 'Europe/Berlin' },
      '2026-03-29T08:30:00Z',
      false,
    ],
    [
      'is local on the day that they do',
      { times: [{ start: '09:00', end: '10:00' }], location: 'Europe/Berlin' },
      '2026-03-29T07:30:00Z',
      true,
    ],
    [
      'holds in both hours that the clock shows twice',
      { times: [{ start: '02:00', end: '03:00' }], location: 'Europe/Berlin' },
      '2026-10-25T01:30:00Z',
      true,
    ],
    ['counts the last day across the change of clocks', { daysOfMonth: ['-7'], location: 'Europe/Berlin' }, '2026-10-24T22:30:00Z', true],
    ['follows a market, open', { calendar: 'XNYS' }, '2026-03-09T14:00:00Z', true],
    ['follows a market, closed on a holiday', { calendar: 'XNYS' }, '2026-12-25T15:00:00Z', false],
    ['follows a market while it is closed', { calendar: 'XNYS', closed: true }, '2026-12-25T15:00:00Z', true],
  ])('%s', (_name, interval, at, expected) => {
    expect(holds(interval, at)).toBe(expected);
  });
});

describe('routing in the config', () => {
  const base = { bots: [{ id: 's1' }], channels: { slack: { kind: 'slack', webhook: { secretName: 's' } } } };
  const problems = (more: object) => {
    const parsed = parseConfig({ ...base, ...more });
    return parsed.ok ? [] : parsed.error.map(({ path, rule }) => `${path}: ${rule}`);
  };

  it('computes the channels of a severity from the tree', () => {
    const parsed = parseConfig({
      ...base,
      route: { receiver: 'nobody', routes: [{ receiver: 'slack', matchers: ['severity="critical"'] }] },
      receivers: { nobody: [] },
    });
    expect(parsed.ok && parsed.value.routes).toEqual({ critical: ['slack'], warning: [], info: [] });
  });

  it.each<readonly [object, string]>([
    [{ route: {} }, 'route.receiver: is required'],
    [{ route: { receiver: 'x' } }, 'route.receiver: must be a receiver or a channel'],
    [{ route: { receiver: 'slack', matchers: ['a=b'] } }, 'route.matchers: is not for the root'],
    [{ route: { receiver: 'slack', routes: [{ matchers: ['a'] }] } }, 'route.routes[0].matchers[0]: must read label=value'],
    [{ route: { receiver: 'slack', routes: [{ groupWait: '5 minutes' }] } }, 'route.routes[0].groupWait: must be a duration'],
    [{ route: { receiver: 'slack', groupBy: ['...', 'x'] } }, 'route.groupBy: must be ["..."] alone'],
    [
      { route: { receiver: 'slack', routes: [{ muteTimeIntervals: ['x'] }] } },
      'route.routes[0].muteTimeIntervals[0]: must be one of timeIntervals',
    ],
    [{ route: { receiver: 'slack', escalation: [{ after: '5m', receiver: 'x' }] } }, 'route.escalation[0].receiver: must be a receiver'],
    [{ route: { receiver: 'slack' }, routes: { critical: ['slack'] } }, 'routes: must be absent'],
    [{ receivers: { a: ['x'] } }, 'receivers.a[0]: must be a configured channel'],
    [{ timeIntervals: { n: [{ times: [{ start: '22:00', end: '06:00' }] }] } }, 'must end after it starts'],
    [{ timeIntervals: { n: [{ weekdays: ['funday'] }] } }, 'must be a weekday'],
    [{ timeIntervals: { n: [{ daysOfMonth: ['0'] }] } }, 'must be a day'],
    [{ timeIntervals: { n: [{ location: 'Mars/Base' }] } }, 'must be an IANA time zone'],
    [{ watch: { testPage: { weekday: 'monday', time: '9' } } }, 'watch.testPage.time: must be a time'],
    [{ watch: { deadManUrl: { secretName: 'https://hc.example/abc' } } }, 'watch.deadManUrl.secretName: must be the name or ARN'],
  ])('refuses %j', (more, expected) => {
    expect(problems(more).join('\n')).toContain(expected);
  });

  it('reads the weekly test page as a schedule', () => {
    const parsed = parseConfig({ ...base, watch: { testPage: { weekday: 'monday', time: '09:30', location: 'Europe/Berlin' } } });
    expect(parsed.ok && parsed.value.watch?.testPage).toEqual({ cron: 'cron(30 9 ? * MON *)', zone: 'Europe/Berlin' });
  });
});
