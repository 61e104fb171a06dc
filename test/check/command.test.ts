import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { command } from '../../bin/commands/check.ts';
import type { Finding } from '../../core/check/rule.ts';
import { runCommand } from '../suites/run-command.ts';

const root = join(import.meta.dirname, '../..');
const fixture = (name: string) => join('test/fixtures/check', name);
const dir = mkdtempSync(join(tmpdir(), 'nightdesk-check-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const check = (...args: readonly string[]) => runCommand(command, args, root);

describe('nightdesk check', () => {
  it('prints findings as JSON with the file, the path, the value and the line, and exits 1 on an error', async () => {
    const { code, stdout } = await check(fixture('alarm-period-invalid.bad.yaml'), '--json');
    expect(code).toBe(1);
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
    expect(findings).toEqual([
      {
        rule: 'ALARM_PERIOD_INVALID',
        severity: 'error',
        file: fixture('alarm-period-invalid.bad.yaml'),
        path: 'Resources.Late.Properties.Period',
        value: 45,
        message: 'orders-late: 45 s is no period of an alarm; 10, 20, 30 and multiples of 60 are',
        stack: 'alarm-period-invalid.bad',
        line: 9,
      },
    ]);
  });

  it('exits 0 when there is nothing, or nothing worse than a warning', async () => {
    expect((await check(fixture('alarm-period-invalid.good.yaml'))).code).toBe(0);
    expect((await check(fixture('share-denominator-can-stop.bad.yaml'))).code).toBe(0);
  });

  it('says in words what JSON says', async () => {
    const { stdout } = await check(fixture('alarm-m-greater-than-n.bad.yaml'));
    expect(stdout).toContain('error   ALARM_M_GREATER_THAN_N');
    expect(stdout).toContain('1 errors, 0 warnings, 0 infos');
  });

  it('finds no error and no warning in the demo config, and how long each bot’s silence lasts unnoticed', async () => {
    const { code, stdout } = await check('examples/nightdesk.config.ts', '--json');
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
    expect(code).toBe(0);
    expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    const silences = findings.filter(({ rule, message }) => rule === 'HEARTBEAT_DETECTION_TIME' && message.includes('heartbeat-missing'));
    expect(silences).toHaveLength(3);
    expect(silences[0]).toMatchObject({ file: 'examples/nightdesk.config.ts', value: '2 min to 5 min' });
  });

  it('compares names over everything that it is given', async () => {
    const twice = await check(fixture('alarm-points-invalid.good.yaml'), fixture('alarm-period-invalid.good.yaml'), '--json');
    const { findings } = JSON.parse(twice.stdout) as { readonly findings: readonly Finding[] };
    expect(findings.map(({ rule, file }) => [rule, file])).toEqual([['ALARM_NAME_DUPLICATE', fixture('alarm-period-invalid.good.yaml')]]);
  });

  it('reads the short forms of YAML', async () => {
    const file = join(dir, 'short.yaml');
    writeFileSync(
      file,
      `Parameters: { Desk: { Type: String, Default: fx } }
Resources:
  Pages: { Type: AWS::SNS::Topic }
  Late:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: !Sub '\${Desk}-late'
      AlarmActions: [!Ref Pages, !Ref Nobody]
      Namespace: Orders
      MetricName: Latency
      Dimensions: [{ Name: Queue, Value: !GetAtt Orders.QueueName }]
      Statistic: Maximum
      Period: 60
      EvaluationPeriods: 3
      Threshold: !If [Big, 5, 9]
      ComparisonOperator: GreaterThanThreshold
  Orders: { Type: AWS::SQS::Queue }
Conditions: { Big: !Equals [!Ref Desk, fx] }
`,
    );
    const { code, stdout } = await check(file, '--json');
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly (Finding & { readonly line: number })[] };
    expect(code).toBe(1);
    expect(findings.map(({ rule, line, path }) => [rule, line, path])).toEqual([
      ['TEMPLATE_UNRESOLVED', 8, 'Resources.Late.Properties.AlarmActions'],
    ]);
  });

  it.each([
    ['a file that is not there', 'none.json', undefined, 'none.json: the file does not exist'],
    ['broken YAML', 'broken.yaml', 'Resources:\n  A: [1, 2\n', 'broken.yaml:3: is not YAML'],
    ['broken JSON', 'broken.json', '{\n "Resources": {\n  "A": }\n}', 'broken.json:3: is not'],
    ['something else', 'other.json', '{ "a": 1 }', 'other.json:1: is no CloudFormation template'],
    ['a resource without a type', 'untyped.yaml', 'Resources:\n  A:\n    Properties: {}\n', 'untyped.yaml:2: Resources.A has no Type'],
    ['a broken config', 'config.json', '{ "bots": [{ "id": 1 }] }', 'config.json: WRONG_TYPE at bots[0].id'],
  ])('refuses %s in one line with exit code 2', async (_, name, text, message) => {
    const file = join(dir, name);
    if (text !== undefined) writeFileSync(file, text);
    const { code, stdout, stderr } = await check(file);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
