import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command as importing } from '../../bin/commands/import.ts';
import { command as incident } from '../../bin/commands/incident.ts';
import { command as market } from '../../bin/commands/market.ts';
import { command as route } from '../../bin/commands/route.ts';
import { command as silence } from '../../bin/commands/silence.ts';
import { command as why } from '../../bin/commands/why.ts';
import { CLOSURES } from '../../core/health/closure.ts';
import type { LocalStack } from '../../local/stack.ts';
import { runCommand } from '../suites/run-command.ts';
import { alarm, keptNight, runningNight } from './desk-fixture.ts';

let folder: string;
let stack: LocalStack;
let port: string;
beforeAll(async () => {
  folder = await keptNight();
  stack = await runningNight();
  port = new URL(stack.endpoint.url).port;
});
afterAll(() => stack.close());

const empty = () => mkdtempSync(join(tmpdir(), 'nightdesk-empty-'));

interface Step {
  readonly step: string;
  readonly verdict: string;
  readonly text: string;
}

async function stepsAt(at: string, ...more: readonly string[]): Promise<readonly Step[]> {
  const { stdout } = await runCommand(why, [alarm, '--at', at, '--json', ...more], folder);
  return (JSON.parse(stdout) as { readonly steps: readonly Step[] }).steps;
}

const of = (steps: readonly Step[], wanted: string) =>
  steps.filter(({ step }) => step === wanted).map(({ verdict, text }) => `${verdict}: ${text}`);

describe('nightdesk why', () => {
  it('says who was told of an alarm, and every gate on the way, in one list', async () => {
    const { code, stdout } = await runCommand(why, [alarm, '--at', '2026-03-09T03:00:10Z'], folder);
    expect(code).toBe(0);
    expect(stdout).toContain('=> send');
    const steps = await stepsAt('2026-03-09T03:00:10Z');
    expect([...new Set(steps.map(({ step }) => step))]).toEqual([
      'alarm',
      'composite',
      'mute rules',
      'alert',
      'route',
      'time interval',
      'inhibition',
      'silence',
      'group',
      'send',
    ]);
  });

  it('names the alarms below a composite with their states at that time, the suppressor first', async () => {
    expect(of(await stepsAt('2026-03-09T03:00:10Z'), 'composite')).toEqual([
      'unknown: demo-telemetry-silent: not known at that time',
      'passes: demo-beats-s1 was ALARM since 2026-03-09T02:59:55.000Z',
      'unknown: demo-age-s1: not known at that time',
    ]);
    expect(of(await stepsAt('2026-03-09T03:04:00Z'), 'composite')[0]).toBe(
      'holds back: its suppressor demo-telemetry-silent was ALARM since 2026-03-09T03:03:20.000Z',
    );
  });

  it.each(['kept', 'running'])('finds the mute rule that was in force (%s)', async where => {
    const from = where === 'kept' ? [] : ['--port', port];
    expect(of(await stepsAt('2026-03-09T03:00:10Z', ...from), 'mute rules')).toEqual([
      'passes: no mute rule was in force (rules that name it: 1)',
    ]);
    const end = where === 'kept' ? '2026-03-09T05:00:00.000Z' : '2026-03-09T04:30:00.000Z';
    expect(of(await stepsAt('2026-03-09T04:10:00Z', ...from), 'mute rules')).toEqual([
      `holds back: demo-night muted its actions from 2026-03-09T04:00:00.000Z to ${end}`,
    ]);
  });

  it('counts a closed market among the silences', async () => {
    const config = join(folder, 'closed.json');
    const closures = [{ calendar: '24x7', from: '2026-03-09T02:00:00Z', until: '2026-03-09T04:00:00Z', reason: 'venue down' }];
    writeFileSync(config, JSON.stringify({ bots: [{ id: 's1' }], closures }));
    const explain = ['demo-not-live-s1', '--config', config, '--json', '--at'] as const;
    const kept = await keptNight('not-live');
    const at = async (time: string) => {
      const { stdout } = await runCommand(why, [...explain, time], kept);
      return of((JSON.parse(stdout) as { readonly steps: readonly Step[] }).steps, 'silence');
    };
    expect(await at('2026-03-09T03:00:10Z')).toEqual([expect.stringMatching(/^holds back: .*24x7 is closed: venue down/)]);
    expect(await at('2026-03-09T05:00:00Z')).toEqual([expect.stringMatching(/^passes/)]);
  });

  it('says 1 for a time at which nobody was told', async () => {
    expect(await runCommand(why, [alarm, '--at', '2026-03-09T01:00:10Z'], folder)).toMatchObject({ code: 1, stderr: '' });
  });

  it('says that no alarm has that name, and which one may be meant', async () => {
    const said = async (name: string) => runCommand(why, [name, '--at', '2026-03-09T03:00:10Z'], folder);
    expect(await said('demo-nothing')).toMatchObject({ code: 1, stderr: 'nightdesk: no alarm here is called "demo-nothing"\n' });
    expect((await said('beats')).stderr).toBe('nightdesk: no alarm here is called "beats"; there is demo-beats-s1\n');
  });

  it.each([alarm, 'heartbeat-missing-s1', 'heartbeat-missing'])('knows what the fast path alone has told by the name %s', async name => {
    const kept = await keptNight('heartbeat-missing', 'fast');
    const { code, stdout } = await runCommand(why, [name, '--at', '2026-03-09T03:00:10Z'], kept);
    expect(stdout).toContain('=> send');
    expect(code).toBe(0);
  });

  it.each([
    ['no alarm', [], 'name one alarm'],
    ['two alarms', ['a', 'b'], 'name one alarm'],
    ['no time', ['a', '--at', 'yesterday'], '"yesterday"'],
    ['a time without a zone', ['a', '--at', '2026-03-09T03:00'], '--at must be a time with its zone'],
    ['a port where nothing runs', ['a', '--port', '1'], 'no stack answers on port 1'],
    ['what is no port', ['a', '--port', 'abc'], '--port must be a number from 0 to 65535; was "abc"'],
  ])('refuses %s in one line', async (_name, args, said) => {
    const { code, stderr } = await runCommand(why, args, folder);
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(said);
  });

  it('says so where nothing was kept', async () => {
    expect(await runCommand(why, ['a'], empty())).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('none has kept its state here'),
    });
  });
});

/** Bad input is one line and 2, and throws nothing else. */
async function refused(command: Parameters<typeof runCommand>[0], args: readonly string[], said: string): Promise<void> {
  const { code, stdout, stderr } = await runCommand(command, args, folder);
  expect([code, stdout, stderr.trim().split('\n').length]).toEqual([2, '', 1]);
  expect(stderr).toContain(said);
}

describe('nightdesk incident', () => {
  const id = '2026-03-09T03:00:00.000Z#v1:heartbeat-missing:Strategy=s1';

  it('lists the newest, and tells one by id, key, or the beginning of either', async () => {
    expect(await runCommand(incident, [], folder)).toMatchObject({ code: 0, stdout: expect.stringContaining(id) });
    for (const name of [id, 'v1:heartbeat-missing:Strategy=s1', '2026-03-09T03:00']) {
      const { code, stdout } = await runCommand(incident, [name], folder);
      expect(code).toBe(0);
      expect(stdout).toMatch(/slack +told 2026-03-09T03:00:00.000Z, resolved there/);
      expect(stdout).toContain('demo-heartbeat-missing-s1 is ALARM');
    }
  });

  it('writes the post-mortem', async () => {
    const { stdout } = await runCommand(incident, [id, '--markdown'], folder);
    expect(stdout).toContain('# Post-mortem: `s1: heartbeat missing`');
    expect(stdout).toContain('| Lasted | 5 min |');
    expect(stdout).not.toMatch(/undefined|null|NaN/);
    expect(JSON.parse((await runCommand(incident, [id, '--json'], folder)).stdout)).toMatchObject({ id, status: 'resolved' });
  });

  it('says that there is none', async () => {
    expect(await runCommand(incident, ['nothing'], folder)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('there is no incident nothing'),
    });
  });

  it('takes an incident only where something runs, and says what came of it', async () => {
    await refused(incident, [id, '--ack', 'ada'], 'only read');
    expect(await runCommand(incident, [id, '--ack', 'ada', '--port', port], folder)).toMatchObject({
      code: 0,
      stderr: `nightdesk: ${id}: nothing was open\n`,
    });
  });

  it.each<readonly [readonly string[], string]>([
    [['a', 'b'], 'one at a time'],
    [['a', '--marckdown'], '--marckdown'],
    [['a', '--ack'], '--ack needs a value'],
    [['a', '--port', '1'], 'no stack answers on port 1'],
  ])('refuses %j', (args, said) => refused(incident, args, said));
});

describe('nightdesk silence', () => {
  const run = (...args: readonly string[]) => runCommand(silence, [...args, '--port', port], folder);
  const listed = async (...more: readonly string[]) =>
    (JSON.parse((await run('list', '--json', ...more)).stdout) as { silences: { id: string; state: string; author: string }[] }).silences;

  it('adds, lists and expires', async () => {
    expect((await run()).stdout).toBe('no silences\n');
    const added = await run('add', 'alertname=drawdown', 'Strategy=~"eq-.*"', '--for', '4h', '--author', 'ada', '--comment', 'migration');
    expect(added).toMatchObject({ code: 0, stderr: '' });
    expect(added.stdout).toContain('active   2026-03-09T13:00:00.000Z + 4h  {alertname="drawdown", Strategy=~"eq-.*"} by ada: migration');
    const id = (await listed())[0]!.id;
    expect((await run('expire', id)).stdout).toContain('expired');
    expect(await listed()).toEqual([]);
    expect(await listed('--all')).toMatchObject([{ id, state: 'expired' }]);
  });

  it('silences exactly the trouble of an incident', async () => {
    const added = await run('add', '--incident', 'v1:heartbeat-missing:Strategy=s1', '--for', '30m', '--author', 'ada');
    expect(added.stdout).toMatch(/\{.*Strategy="s1".*alertname="heartbeat-missing"\} by ada/);
    const id = (await listed())[0]!.id;
    await run('expire', id);
  });

  it('imports what it can, names what it cannot, and is the same when it is run again', async () => {
    const file = join(folder, 'silences.json');
    const theirs = {
      id: 'x',
      matchers: [{ name: 'Strategy', value: 'btc-.*', isRegex: true, isEqual: true }],
      startsAt: '2026-03-09T12:00:00Z',
      endsAt: '2026-03-09T20:00:00Z',
      createdBy: 'ops',
      comment: 'upgrade',
      status: { state: 'active' },
    };
    const bad = [{ ...theirs, matchers: [] }, { ...theirs, endsAt: '2026-03-09T12:30:00Z' }, { ...theirs, startsAt: 'soon' }, 7];
    writeFileSync(file, JSON.stringify([bad[0], theirs, ...bad.slice(1)]));
    const { code, stdout, stderr } = await run('import', file);
    expect(code).toBe(1);
    expect(stdout).toContain('{Strategy=~"btc-.*"} by ops: upgrade');
    expect(stderr.trim().split('\n')).toEqual([
      `nightdesk: ${file}: [0] is left out: needs at least one matcher`,
      `nightdesk: ${file}: [2] is left out: has ended`,
      `nightdesk: ${file}: [3] is left out: needs startsAt and endsAt as times`,
      `nightdesk: ${file}: [4] is left out: needs startsAt and endsAt as times`,
    ]);
    writeFileSync(file, JSON.stringify([theirs]));
    expect((await run('import', file)).code).toBe(0);
    expect(await listed()).toHaveLength(1);
    writeFileSync(file, (await run('list', '--json')).stdout);
    expect((await run('import', file)).code).toBe(0);
    expect(await listed()).toMatchObject([{ author: 'ops', state: 'active' }]);
  });

  it('says what is not there', async () => {
    expect(await run('expire', 'silence-0')).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no silence silence-0') });
    expect(await run('add', '--incident', 'v1:x:')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no incident v1:x:'),
    });
  });

  it.each<readonly [readonly string[], string]>([
    [['alertname=drawdown'], 'is not add, expire, import or list'],
    [['expire'], 'expire takes one id'],
    [['list', 'x'], 'list takes no "x"'],
    [['add', 'a=b'], 'only read'],
    [['import', 'nowhere.json', '--port', '1'], 'no stack answers on port 1'],
  ])('refuses %j', (args, said) => refused(silence, args, said));

  it.each<readonly [readonly string[], string]>([
    [['add'], 'needs at least one matcher'],
    [['add', 'a=~"("'], 'a=~"("'],
    [['add', 'a=~".*"'], 'empty label'],
    [['add', 'a=b', '--for', 'long'], '--for must be a duration'],
    [['add', 'a=b', '--for', '200d'], 'within 90 days'],
    [['add', 'a=b', '--from', 'noon'], '--from must be a time'],
    [['import', 'nowhere.json'], 'nowhere.json cannot be read (ENOENT)'],
    [['import', '.nightdesk/../notes.txt'], 'is not JSON'],
  ])('refuses %j of a stack that runs', (args, said) => {
    writeFileSync(join(folder, 'notes.txt'), 'no json');
    return refused(silence, [...args, '--port', port], said);
  });
});

describe('nightdesk route', () => {
  const config = () => {
    const dir = empty();
    const route = { receiver: 'ops', groupBy: ['Strategy'], routes: [{ matchers: ['severity="info"'], receiver: 'nobody' }] };
    const channels = { ops: { kind: 'slack', webhook: { secretName: 'x' } } };
    writeFileSync(join(dir, 'nightdesk.config.json'), JSON.stringify({ bots: [{ id: 'b1' }], channels, route, receivers: { nobody: [] } }));
    return join(dir, 'nightdesk.config.json');
  };

  it('explains the walk, and says who is told', async () => {
    const { code, stdout } = await runCommand(route, ['severity=critical', 'Strategy=s1', '--config', config()], folder);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ x .*severity="info"/);
    expect(stdout).toMatch(/-> ops: ops\n {2}group +\S+/);
  });

  it('says 1 when nobody is', async () => {
    expect(await runCommand(route, ['severity=info', '--config', config()], folder)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('-> nobody: nobody'),
    });
  });

  it.each<readonly [readonly string[], string]>([
    [['severity'], 'must read label=value'],
    [['severity=~"x"'], 'must read label=value'],
    [['a=b', '--at', '25:00'], '--at must be a time'],
    [['a=b', '--config', 'nowhere.ts'], 'nowhere.ts'],
  ])('refuses %j', (args, said) => refused(route, args, said));
});

describe('nightdesk import alertmanager', () => {
  const written = (text: string) => {
    const file = join(empty(), 'alertmanager.yml');
    writeFileSync(file, text);
    return file;
  };

  it('prints our config on standard output, and what it leaves behind on standard error', async () => {
    const file = written(
      "route: { receiver: ops, group_by: [Strategy] }\nreceivers: [{ name: ops, slack_configs: [{ channel: '#ops' }], victorops_configs: [{ api_key: x }] }]\n",
    );
    const { code, stdout, stderr } = await runCommand(importing, ['alertmanager', file], folder);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ route: { receiver: 'ops', groupBy: ['Strategy'] } });
    expect(stderr).toContain('victorops_configs');
    expect(stdout).not.toContain('api_key');
  });

  it('says 1 when our config refuses a part of it', async () => {
    const file = written('route: { receiver: gone }\nreceivers: []\n');
    expect(await runCommand(importing, ['alertmanager', file], folder)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('to be put right by hand'),
    });
  });

  it.each([
    ['no file', () => [], 'name the alertmanager.yml'],
    ['a file that is not there', () => ['nowhere.yml'], 'cannot read nowhere.yml: ENOENT'],
    ['broken YAML', () => [written('route: [')], 'alertmanager.yml'],
    ['another document', () => [written('- a\n')], 'must be a mapping'],
  ])('refuses %s', (_name, args, said) => refused(importing, ['alertmanager', ...args()], said));
});

describe('nightdesk market', () => {
  const run = (...args: readonly string[]) => runCommand(market, [...args, '--port', port], folder);
  const listed = async (...more: readonly string[]) =>
    (JSON.parse((await run('list', '--json', ...more)).stdout) as { closures: { id: string; calendar: string; state: string }[] }).closures;

  it('closes, lists and reopens', async () => {
    expect((await run()).stdout).toBe('no closures\n');
    const closed = await run('close', '24x7', '--for', '2h', '--reason', 'exchange down', '--author', 'ada');
    expect(closed).toMatchObject({ code: 0, stderr: '' });
    expect(closed.stdout).toContain('closed   24x7  2026-03-09T13:00:00.000Z – 2026-03-09T15:00:00.000Z by ada: exchange down');
    const later = ['--from', '2026-03-10T15:00:00Z', '--until', '2026-03-10T16:00:00Z'];
    expect((await run('close', '24x7', ...later, '--reason', 'test', '--author', 'ada')).stdout).toContain('pending  24x7');
    expect((await listed()).map(({ state }) => state)).toEqual(['pending', 'closed']);
    const open = (await listed()).find(({ state }) => state === 'closed')!;
    expect((await run('reopen', open.id)).stdout).toContain('over');
    expect(await listed()).toHaveLength(1);
    expect((await run('reopen', '24x7')).code).toBe(0);
    expect(await listed()).toEqual([]);
    expect((await listed('--all')).map(({ state }) => state)).toEqual(['over', 'over']);
  });

  it('lists what the config plans, and closes nothing that nobody follows', async () => {
    const file = join(folder, 'planned.json');
    const closures = [{ calendar: 'XNYS', from: '2026-03-20T12:00:00Z', until: '2026-03-20T14:00:00Z', reason: 'engine' }];
    writeFileSync(file, JSON.stringify({ bots: [{ id: 's1', calendar: 'XNYS' }], closures }));
    expect(await listed('--config', file)).toEqual([
      { calendar: 'XNYS', from: '2026-03-20T12:00:00.000Z', until: '2026-03-20T14:00:00.000Z', reason: 'engine', state: 'pending' },
    ]);
    expect(await run('close', 'XLON', '--for', '1h', '--reason', 'x', '--config', file)).toMatchObject({
      code: 1,
      stderr: 'nightdesk: no bot and no strategy of the config is on XLON, but on XNYS; nothing is closed\n',
    });
    expect(await listed()).toEqual([]);
  });

  it('refuses one that the full list would drop', async () => {
    const close = (minutes: number) => run('close', '24x7', '--for', `${minutes}m`, '--reason', 'x', '--author', 'ada');
    for (let minutes = 1; minutes <= CLOSURES; minutes++) expect((await close(minutes + 10)).code).toBe(0);
    await refused(market, ['close', '24x7', '--for', '5m', '--reason', 'x', '--port', port], 'reopen one of them first');
    expect(await listed()).toHaveLength(CLOSURES);
  });

  it('says what is not there', async () => {
    expect(await run('reopen', 'closure-0')).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no closure closure-0') });
  });

  it.each<readonly [readonly string[], string]>([
    [['shut', 'XNYS'], '"shut" is not close, reopen or list'],
    [['close'], 'close takes one calendar'],
    [['close', 'XNYS', '--reason', 'x'], 'needs --until TIME or --for DURATION'],
    [['close', 'XNYS', '--reason', 'x', '--for', '1h', '--until', '2026-03-10T16:00:00Z'], 'not both'],
    [['close', 'XNYS', '--reason', 'x', '--for', 'soon'], '--for must be a duration'],
    [['close', 'XNYS', '--reason', 'x', '--until', '2026-03-10T16:00'], '--until must be a time with its zone'],
    [['close', 'XNYS', '--for', '1h'], 'needs a reason'],
    [['close', 'XNYS', '--for', '91d', '--reason', 'x'], 'must end within 90 days'],
    [['close', 'XNYS', '--until', '2026-03-09T12:00:00Z', '--from', '2026-03-09T11:00:00Z', '--reason', 'x'], 'is over already'],
    [['close', 'MARS', '--for', '1h', '--reason', 'x'], 'no calendar "MARS"'],
    [['list', 'XNYS'], 'list takes no "XNYS"'],
  ])('refuses %j', (args, said) => refused(market, [...args, '--port', port], said));

  it('changes nothing that is only kept', () => refused(market, ['close', 'XNYS', '--for', '1h', '--reason', 'x'], 'only read'));
});
