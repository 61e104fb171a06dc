import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../bin/commands/backtest.ts';
import { runCommand } from '../../bin/options.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { at } from './history-of.ts';

let folder: string;

/** A bot that beats each minute for two hours, with half an hour of silence and a burst of errors. */
function events(): string {
  const lines: { readonly at: number; readonly text: string }[] = [];
  for (let m = 0; m < 120; m += 1) {
    if (m >= 40 && m < 70) continue;
    const time = isoFromMs(at(m) + 1000);
    const heartbeat = {
      schemaVersion: 1,
      eventId: `e-${m}`,
      eventType: 'heartbeat',
      source: { system: 'test', version: '1' },
      environment: 'paper',
      strategyId: 's1',
      accountId: 'a1',
      tsEvent: time,
      tsSent: time,
      seq: m + 1,
      component: 'engine',
      status: 'ok',
      intervalMs: 60_000,
    };
    lines.push({ at: m, text: JSON.stringify(heartbeat) });
    if (m === 90)
      for (let n = 0; n < 12; n += 1)
        lines.push({ at: m, text: JSON.stringify({ level: 'error', message: `boom ${n}`, strategyId: 's1' }) });
  }
  return `${lines.map(({ text }) => text).join('\n')}\n`;
}

const template = {
  Resources: {
    High: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: 'high',
        Namespace: 'T',
        MetricName: 'M',
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 10,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
        AlarmActions: [{ Ref: 'Topic' }],
      },
    },
    Topic: { Type: 'AWS::SNS::Topic' },
  },
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightdesk-backtest-'));
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  const points = Array.from({ length: 60 }, (_, m) => `${isoFromMs(at(m))},T,M,,${m === 30 ? 20 : 1}`);
  write('events.ndjson', events());
  write('events.ndjson.gz', gzipSync(events()));
  write('broken.ndjson.gz', gzipSync(events()).subarray(0, 200));
  write('empty.ndjson', '\n');
  write('points.csv', ['timestamp,namespace,metric,dimensions,value', ...points].join('\n'));
  write('bad.csv', 'timestamp,namespace,metric,dimensions,value\nnow,T,M,,1');
  write('template.json', JSON.stringify(template));
  write('looser.json', JSON.stringify(template).replace('"Threshold":10', '"Threshold":30'));
  write('open.json', JSON.stringify(template, undefined, 1).replace('"Threshold": 10', '"Threshold": {"Fn::ImportValue": "x"}'));
  write('none.yaml', 'Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n');
  write(
    'incidents.yaml',
    `- id: INC-7\n  start: ${isoFromMs(at(30))}\n- id: INC-8\n  start: ${isoFromMs(at(50))}\n  end: ${isoFromMs(at(55))}\n`,
  );
  write('broken.yaml', '- id: INC-7\n   start: [');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const io = {
    stdout: (text: string) => {
      stdout += text;
    },
    stderr: (text: string) => {
      stderr += text;
    },
    stdin: process.stdin,
    env: {},
    cwd: folder,
    isTty: false,
  };
  const code = await runCommand(command, args, io);
  return { code, stdout, stderr };
}

interface Document {
  readonly alarms: readonly {
    readonly name: string;
    readonly firings: readonly { readonly from: string }[];
    readonly notReplayed?: string;
  }[];
  readonly transitions: readonly { readonly alarm: string; readonly to: string; readonly at: string }[];
  readonly incidents: readonly { readonly key: string; readonly openedAt: string; readonly resolvedAt?: string }[];
  readonly judgement?: { readonly precision: number; readonly recall: number };
  readonly compare?: { readonly alarms: readonly unknown[] };
  readonly verdicts: readonly { readonly ok: boolean }[];
}

const csv = ['--csv', 'points.csv', '--template', 'template.json'] as const;
const document = async (...args: readonly string[]): Promise<Document> => JSON.parse((await run(...args, '--json')).stdout) as Document;

describe('backtest of events', () => {
  it('shows the silence and the errors of a bot, as its pages would', async () => {
    const found = await document('--events', 'events.ndjson');
    const fired = found.alarms.filter(({ firings }) => firings.length > 0).map(({ name }) => name);
    expect(fired).toContain('demo-heartbeat-missing-s1');
    expect(fired).toContain('demo-error-burst-s1');
    // The numbered lines of the silence never come.
    const lost = 'v1:sequence-gap:Strategy=s1';
    expect(found.incidents.map(({ key }) => key)).toEqual(['v1:heartbeat-missing:Strategy=s1', lost, 'v1:error-burst:Strategy=s1']);
    // Interval and grace, and the 59 s by which a replay delivers lines of the first second of a minute late.
    const deliveryMs = 59_000;
    expect(found.incidents[0]!.openedAt).toBe(isoFromMs(at(39) + 1000 + 90_000 + deliveryMs));
  });

  it('reads gzip, and a part of the time', async () => {
    const found = await document('--events', 'events.ndjson.gz', '--from', isoFromMs(at(80)));
    expect(found.alarms.filter(({ firings }) => firings.length > 0).map(({ name }) => name)).toEqual(['demo-error-burst-s1']);
  });

  it('names what events cannot tell', async () => {
    const found = await document('--events', 'events.ndjson');
    expect(found.alarms.find(({ name }) => name === 'demo-queue-old-events')!.notReplayed).toContain(
      'AWS/SQS ApproximateAgeOfOldestMessage',
    );
  });
});

describe('backtest of points with a template', () => {
  it('replays, judges, compares and sweeps', async () => {
    const found = await document(
      ...csv,
      '--incidents',
      'incidents.yaml',
      '--compare',
      'looser.json',
      '--sweep',
      'high',
      '--limits',
      '5,30',
    );
    expect(found.transitions.map(({ to }) => to)).toEqual(['OK', 'ALARM', 'OK']);
    expect(found.judgement).toMatchObject({ precision: 1, recall: 0.5 });
    expect(found.compare!.alarms).toMatchObject([{ alarm: 'high', differences: ['threshold: 10 → 30'] }]);
    const text = (await run(...csv, '--incidents', 'incidents.yaml')).stdout;
    expect(text).toContain('INC-7: caught by high after 1 min');
    expect(text).toContain('INC-8: missed');
  });

  it('writes one page', async () => {
    await run(...csv, '--html', 'report.html');
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]+<\/html>\n$/);
  });

  it.each([
    [0, 'fine', []],
    [0, 'within budget', ['--max-pages-per-week', '1']],
    [1, 'over budget', ['--max-pages-per-week', '0']],
    [0, 'an incident that was caught', ['--incidents', 'incidents.yaml', '--must-catch', 'INC-7']],
    [1, 'an incident that was missed', ['--incidents', 'incidents.yaml', '--must-catch=INC-8']],
  ])('ends with %i: %s', async (code, _, args) => {
    expect((await run(...csv, ...args)).code).toBe(code);
  });
});

describe('unusable input is one clear line', () => {
  it.each([
    [['--csv', 'points.csv'], '--csv needs alarms: --config FILE or --template FILE'],
    [[], 'give one history: --events FILE, --csv FILE or --from-account'],
    [['--events', 'a', '--csv', 'b'], 'give one history: --events FILE, --csv FILE or --from-account'],
    [['--events', 'nowhere.ndjson'], 'nowhere.ndjson: there is no such file'],
    [['--events', 'empty.ndjson'], 'empty.ndjson: there is no usable event in it'],
    [['--events', 'broken.ndjson.gz'], 'broken.ndjson.gz: cannot be read: unexpected end of file'],
    [['--csv', 'bad.csv', '--template', 'template.json'], 'bad.csv:2: timestamp must be a time; was "now"'],
    [['--csv', 'points.csv', '--template', 'none.yaml'], 'none.yaml: there is no alarm in it'],
    [['--csv', 'points.csv', '--template', 'open.json'], /^open\.json:\d+: High\.Threshold: /],
    [[...csv, '--incidents', 'broken.yaml'], 'broken.yaml:1: Nested mappings are not allowed in compact mappings'],
    [[...csv, '--incidents', 'incidents.yaml', '--must-catch', 'INC-9'], '--must-catch INC-9: incidents.yaml has no such incident'],
    [[...csv, '--sweep', 'low', '--limits', '1'], '--sweep low: there is no such alarm'],
    [[...csv, '--sweep', 'high', '--limits', '1,x'], '--limits must be numbers with commas between; was "1,x"'],
    [[...csv, '--from', '2026-03-09T13:30'], '--from must be a time such as 2026-03-09T13:30:00Z; was "2026-03-09T13:30"'],
    [[...csv, '--from', '2027-01-01T00:00:00Z'], 'points.csv: there is no point between --from and --to'],
    [[...csv, '--max-pages-per-week', 'few'], '--max-pages-per-week must be a whole number; was "few"'],
    [['--from-account'], '--from-account needs a region: --region R or AWS_REGION'],
    [[...csv, '--check-history'], '--check-history needs --from-account'],
    [[...csv, '--loud'], 'unknown option "--loud"; see nightdesk backtest --help'],
  ])('%j', async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
    await expect(run(...args)).rejects.not.toThrow('\n');
  });
});
