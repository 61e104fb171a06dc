import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { command } from '../../bin/commands/test.ts';
import { synthesize } from '../../lib/synth.ts';
import { stubBundles } from '../lib/stub-bundles.ts';
import { runCommand } from '../suites/run-command.ts';

const root = join(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'nightdesk-alarm-tests-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const run = (...args: readonly string[]) => runCommand(command, args, dir);

function write(name: string, text: string): string {
  mkdirSync(dirname(join(dir, name)), { recursive: true });
  writeFileSync(join(dir, name), text);
  return name;
}

interface Results {
  readonly passed: number;
  readonly failed: number;
  readonly tests: readonly { readonly name: string; readonly ok: boolean; readonly diff?: string }[];
}

write(
  'nightdesk.config.ts',
  `import { defineConfig } from 'nightdesk';
export default defineConfig({
  bots: [{ id: 's1' }],
  channels: {
    desk: { kind: 'slack', webhook: { secretName: 'a' } },
    pagerduty: { kind: 'pagerduty', routingKey: { secretName: 'b' } },
  },
});`,
);

const contract = `source: ./nightdesk.config.ts        # or a template, or an assembly folder
period: 60                           # seconds between the points of a series
tests:
  - name: loss limit pages the trader once
    start: 2026-03-09T13:30:00Z      # time of the first point
    series: [{ metric: SessionPnl, dimensions: { Strategy: s1 }, values: '0*10 -2500*3 _*2' }]
    expect: [{ at: 14m, alarm: session-loss-s1, state: ALARM, reason: '3 out of', route: [pagerduty], notified: 1 }]
`;

describe('nightdesk test', () => {
  it('runs the published example as it stands', async () => {
    const { code, stdout } = await run(write('alarms.test.yaml', contract), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ passed: 1, failed: 0, tests: [{ name: 'loss limit pages the trader once', ok: true }] });
  });

  it('shows a failure as what was expected, what was, why, and what was looked at; exit code 1', async () => {
    const wrong = contract
      .replace('state: ALARM', 'state: OK')
      .replace('notified: 1', 'notified: 2')
      .replace('[pagerduty]', '[desk, "!pagerduty"]');
    const { code, stdout } = await run(write('wrong.test.yaml', wrong), '--json');
    expect(code).toBe(1);
    const { tests } = JSON.parse(stdout) as Results;
    expect(tests[0]?.diff).toBe(`at 14m (2026-03-09T13:44:00.000Z) demo-session-loss-s1
  state     expected OK, was ALARM
  route     expected desk + !pagerduty, was desk + pagerduty
  notified  expected 2, was 1
  in ALARM since 2026-03-09T13:43:00.000Z: Threshold Crossed: 3 out of the last 3 datapoints [-2500.0 (09/03/26 13:42:00), -2500.0 (09/03/26 13:41:00), -2500.0 (09/03/26 13:40:00)] were less than the threshold (-1000.0) (minimum 3 datapoints for OK -> ALARM transition).
  looked at 13:39 0, 13:40 -2500, 13:41 -2500, 13:42 -2500, 13:43 _`);
  });

  it('follows the config: a looser limit fails the test that a tighter one passes', async () => {
    const loose = readFileSync(join(dir, 'nightdesk.config.ts'), 'utf8').replace("id: 's1'", "id: 's1', limits: { dailyLoss: '3000' }");
    write('loose/nightdesk.config.ts', loose);
    const { code, stdout } = await run(write('loose/a.test.yaml', contract), '--json');
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as Results).tests[0]?.diff).toContain('state     expected ALARM, was OK');
  });

  it('writes JUnit’s XML', async () => {
    const wrong = contract.replace('once', '<once> & "never"').replace('notified: 1', 'notified: 0');
    await run(write('junit.test.yaml', `${wrong}`.replace('name: loss', 'name: a loss')), '--junit', 'report.xml');
    const xml = readFileSync(join(dir, 'report.xml'), 'utf8');
    expect(xml).toContain('<testsuites name="nightdesk test" tests="1" failures="1">');
    expect(xml).toContain(
      '<testcase name="a loss limit pages the trader &lt;once&gt; &amp; &quot;never&quot;" classname="junit.test.yaml">',
    );
    expect(xml).toContain('<failure message="at 14m (2026-03-09T13:44:00.000Z) demo-session-loss-s1">');
  });

  it('finds the files of a folder', async () => {
    write('folder/nightdesk.config.ts', readFileSync(join(dir, 'nightdesk.config.ts'), 'utf8'));
    write('folder/one.test.yaml', contract);
    write('folder/two.test.yml', contract);
    expect(JSON.parse((await run('folder', '--json')).stdout)).toMatchObject({ passed: 2 });
  });

  it('passes the examples of the demo fleet', async () => {
    const { code, stdout } = await run(join(root, 'examples/alarms.test.yaml'));
    expect(stdout).toContain('8 passed, 0 failed');
    expect(code).toBe(0);
  });
});

describe('a template as source', () => {
  const template = `Parameters:
  Limit: { Type: Number }
  Desk: { Type: String, Default: fx }
Resources:
  Pages: { Type: AWS::SNS::Topic, Properties: { TopicName: desk-pages } }
  Late:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: !Sub '\${Desk}-orders-late'
      AlarmActions: [!Ref Pages]
      Namespace: Orders
      MetricName: Latency
      Dimensions: [{ Name: Queue, Value: !GetAtt Orders.QueueName }]
      ExtendedStatistic: p99
      Period: 60
      EvaluationPeriods: 3
      DatapointsToAlarm: 2
      Threshold: !Ref Limit
      ComparisonOperator: GreaterThanThreshold
  Unnamed:
    Type: AWS::CloudWatch::CompositeAlarm
    Properties:
      AlarmRule: !Sub 'ALARM("\${Late}") AND NOT ALARM(\${Broken})'
  Broken:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: broken
      Namespace: Orders
      MetricName: Lost
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: !Ref Nothing
      ComparisonOperator: GreaterThanThreshold
  Orders: { Type: AWS::SQS::Queue }
`;
  const tests = (parameters: string, alarm: string) => `source: desk.yaml
${parameters}
tests:
  - name: late
    series: [{ metric: Orders/Latency, dimensions: { Queue: Orders }, values: '100*5 900*3' }]
    expect: [{ at: 7m, alarm: ${alarm}, state: ALARM, reason: 2 out of, route: [desk-pages], notified: 1 }]
`;
  write('desk.yaml', template);

  it('may be any CloudFormation, with parameters from the test', async () => {
    const { code, stdout, stderr } = await run(write('desk.test.yaml', tests('parameters: { Limit: 500 }', 'fx-orders-late')));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('1 passed, 0 failed');
  });

  it('may be named by logical id', async () => {
    expect((await run(write('id.test.yaml', tests('parameters: { Limit: 500 }', 'Late')))).code).toBe(0);
  });

  it.each([
    ['an intrinsic that leads nowhere', 'broken', 'desk.yaml:33: Broken.Threshold: UnresolvedReference'],
    ['a child that cannot be read', 'Unnamed', 'desk.yaml:33: Broken.Threshold: UnresolvedReference'],
  ])('is refused with file and line for %s', async (_, alarm, message) => {
    const { code, stderr } = await run(write('refused.test.yaml', tests('parameters: { Limit: 500 }', alarm)));
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('is refused for a mute rule that cannot be read, since that would change results without a word', async () => {
    const mute = `  Closed:
    Type: AWS::CloudWatch::AlarmMuteRule
    Properties: { Rule: { Schedule: { Expression: 'cron(0 22 * * *)', Duration: P20D } }, MuteTargets: { AlarmNames: [late] } }
`;
    write('muted.yaml', template + mute);
    const text = tests('parameters: { Limit: 500 }', 'Late').replace('desk.yaml', 'muted.yaml');
    const { code, stderr } = await run(write('muted.test.yaml', text));
    expect([code, stderr]).toEqual([2, 'nightdesk: muted.yaml:36: Closed: Rule.Schedule.Duration must be PT1M to P15D; was "P20D"\n']);
  });

  it('is refused with file and line when a parameter has no value', async () => {
    const { code, stderr } = await run(write('open.test.yaml', tests('', 'Late')));
    expect([code, stderr]).toEqual([2, 'nightdesk: desk.yaml:18: Late.Threshold: UnresolvedValue: parameter Limit has no default\n']);
  });
});

describe('an assembly as source', () => {
  it('knows the config that lies in it, and with it the channels', async () => {
    const bundles = stubBundles();
    const { loadConfigFile } = await import('../../adapters/config-file.ts');
    const config = await loadConfigFile(join(dir, 'nightdesk.config.ts'));
    if (!config.ok) throw new Error('the config is broken');
    synthesize(config.value, join(dir, 'cdk.out'), { bundles });
    rmSync(bundles, { recursive: true, force: true });
    const { code, stdout, stderr } = await run(
      write('assembly.test.yaml', contract.replace('./nightdesk.config.ts', './cdk.out')),
      '--json',
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ passed: 1, failed: 0 });
  });
});

describe('unusable input is one line with file and line number, and exit code 2', () => {
  const change = (from: string, to: string) => contract.replace(from, to);
  it.each([
    ['broken YAML', change('tests:', 'tests: ['), /^nightdesk: bad\.test\.yaml:\d+: is not YAML: /],
    [
      'an unknown alarm',
      change('alarm: session-loss-s1', 'alarm: session-los-s1'),
      'bad.test.yaml:7: unknown alarm "session-los-s1": nightdesk.config.ts has none of that name; did you mean "demo-session-loss-s1"?',
    ],
    [
      'an unknown metric',
      change('metric: SessionPnl', 'metric: SessionPnL'),
      'bad.test.yaml:6: no alarm of nightdesk.config.ts reads a metric "SessionPnL"; did you mean "SessionPnl"?',
    ],
    [
      'unknown dimensions',
      change('Strategy: s1', 'Strategy: s2'),
      'bad.test.yaml:6: no alarm of nightdesk.config.ts reads SessionPnl with Strategy=s2; there is Strategy=s1',
    ],
    [
      'no series',
      change(/series: .*/.exec(contract)?.[0] ?? '', 'series: []'),
      'bad.test.yaml:6: series is empty: there is no history to evaluate',
    ],
    ['no points', change("'0*10 -2500*3 _*2'", "''"), 'bad.test.yaml:6: values is empty'],
    [
      'no history for the alarm',
      change('session-loss-s1', 'cpu-high-s1'),
      'bad.test.yaml:7: no history for demo-cpu-high-s1: no series of this test is among its metrics (Nightdesk/demo/CpuUsage with Bot=s1)',
    ],
    ['a point that is none', change('0*10', '0x10'), 'bad.test.yaml:6: series: a point is a number or _'],
    [
      'a time that is none',
      change('14m', '14 minutes'),
      'bad.test.yaml:7: at must be a duration from start like 14m or 1h30m, or a time; was "14 minutes"',
    ],
    [
      'a state that is none',
      change('state: ALARM', 'state: FIRING'),
      'bad.test.yaml:7: state must be one of ALARM, OK, INSUFFICIENT_DATA; was "FIRING"',
    ],
    [
      'an unknown key',
      change('notified: 1', 'paged: 1'),
      'bad.test.yaml:7: an expectation has no "paged"; known: at, alarm, state, reason, route, notified',
    ],
    ['a missing source', change('./nightdesk.config.ts', './none.yaml'), 'bad.test.yaml:1: source none.yaml: the file does not exist'],
    [
      'nothing to expect',
      change(", state: ALARM, reason: '3 out of', route: [pagerduty], notified: 1", ''),
      'bad.test.yaml:7: an expectation needs state, reason, route or notified',
    ],
  ])('%s', async (_, text, message) => {
    const { code, stdout, stderr } = await run(write('bad.test.yaml', text));
    expect(code).toBe(2);
    expect(stdout).toBe('');
    if (typeof message === 'string') expect(stderr).toContain(`nightdesk: ${message}`);
    else expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('a config that does not parse', async () => {
    write('syntax.config.ts', 'export default {\n  bots: [,\n');
    const { code, stderr } = await run(write('bad.test.yaml', change('nightdesk.config.ts', 'syntax.config.ts')));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^nightdesk: syntax\.config\.ts:\d+: NOT_PARSABLE/);
  });

  it('a file that is not there, and an option that is unknown', async () => {
    expect(await run('none.test.yaml')).toMatchObject({ code: 2, stderr: 'nightdesk: test: none.test.yaml: the file does not exist\n' });
    expect(await run('--jnit', 'x')).toMatchObject({
      code: 2,
      stderr: 'nightdesk: test: unknown option "--jnit"; see nightdesk test --help\n',
    });
  });
});

describe('--init', () => {
  it('writes tests for every alarm of a config, firing and quiet, and all of them pass', async () => {
    const config = join(root, 'examples/nightdesk.config.ts');
    const { code, stderr } = await run('--init', config, 'written.test.yaml');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^nightdesk: \d+ tests written to written\.test\.yaml\n$/);
    const { code: passed, stdout } = await run('written.test.yaml', '--json');
    expect(passed).toBe(0);
    const { tests } = JSON.parse(stdout) as Results;
    const alarms = readFileSync(join(root, 'test/golden/alarms.txt'), 'utf8')
      .trim()
      .split('\n')
      .map(line => (line.split(' ')[0] ?? '').replace(/^demo-/, ''));
    const without = (verdict: string) => alarms.filter(alarm => !tests.some(({ name }) => name.startsWith(`${alarm} ${verdict}`)));
    expect(without('fires')).toEqual([]);
    expect(without('stays quiet')).toEqual([]);
  });

  it('names the page’s channels and counts it once', async () => {
    const { stdout } = await run('--init');
    const written = parse(stdout) as {
      readonly source: string;
      readonly tests: readonly { readonly name: string; readonly expect: readonly unknown[] }[];
    };
    expect(written.source).toBe('./nightdesk.config.ts');
    const test = written.tests.find(({ name }) => name === 'session-loss-s1 fires (1 of 2)');
    expect(test?.expect).toEqual([{ at: '8m', alarm: 'session-loss-s1', state: 'ALARM', route: ['desk', 'pagerduty'], notified: 1 }]);
  });

  it('overwrites nothing', async () => {
    write('mine.test.yaml', 'mine');
    expect(await run('--init', 'nightdesk.config.ts', 'mine.test.yaml')).toMatchObject({ code: 2 });
    expect(readFileSync(join(dir, 'mine.test.yaml'), 'utf8')).toBe('mine');
  });
});
