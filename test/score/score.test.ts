import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../bin/command.ts';
import { command } from '../../bin/commands/score.ts';
import { runCommand } from '../../bin/options.ts';

const directory = mkdtempSync(join(tmpdir(), 'nightdesk-score-'));
afterAll(() => rmSync(directory, { recursive: true }));

const base = { schemaVersion: 1, source: { system: 'test' }, environment: 'paper', strategyId: 's1', accountId: 'a1' };
const at = (second: number) => `2026-03-09T00:00:${String(second).padStart(2, '0')}.000Z`;
const line = (second: number, fields: object) =>
  JSON.stringify({ ...base, eventId: `e${second}`, tsEvent: at(second), tsSent: at(second), ...fields });
const execution = (second: number, side: string, qty: string, px: string, more: object = {}) =>
  line(second, {
    eventType: 'execution',
    execId: `x${second}`,
    execType: 'trade',
    instrumentId: 'BTC-USD',
    venue: 'v',
    side,
    lastQty: qty,
    lastPx: px,
    transactTime: at(second),
    fees: [{ amount: '1', currency: 'USD' }],
    ...more,
  });

const story = [
  line(0, { eventType: 'account', equity: '1000', currency: 'USD', tsAsOf: at(0) }),
  execution(1, 'buy', '10', '100'),
  execution(2, 'buy', '10', '110'),
  execution(3, 'sell', '15', '120'),
  execution(4, 'sell', '10', '90'),
];

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function score(args: readonly string[], stdin: string | Uint8Array = ''): Promise<Outcome> {
  let out = '';
  let err = '';
  const io = {
    stdout: (text: string) => {
      out += text;
    },
    stderr: (text: string) => {
      err += text;
    },
    stdin: Readable.from([Buffer.from(stdin)]),
    env: {},
    cwd: directory,
    isTty: false,
  };
  return { code: await runCommand(command, args, io), out, err };
}

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(directory, name), content);
  return name;
}

describe('the document', () => {
  test('has the keys and values of the contract', async () => {
    const { code, out } = await score([file('story.ndjson', `${story.join('\n')}\n`), '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      strategies: {
        s1: {
          currency: 'USD',
          fills: 4,
          trades: 1,
          wins: 1,
          losses: 0,
          breakeven: 0,
          grossPnl: '150',
          fees: '4',
          feesByCurrency: { USD: '4' },
          funding: '0',
          netPnl: '146',
          unrealizedPnl: '0',
          equity: '1146',
          winRate: 1,
          maxDrawdown: 0,
          currentDrawdown: 0,
          maxDrawdownMoney: '0',
          currentDrawdownMoney: '0',
          totalReturn: expect.closeTo(0.146, 12),
          timeUnderWater: 0,
          longestRecovery: 0,
          returns: { n: 1, annualization: 365, riskFree: 0 },
          windows: {},
          averageWin: '146.5',
          expectancy: '146.5',
          streak: 1,
          longestWinStreak: 1,
          longestLossStreak: 0,
          meanHoldSeconds: 3,
          traded: '4800',
          turnover: { perDay: 4800 / 1146, perYear: expect.closeTo((4800 / 1146) * 365, 9) },
          exposure: { gross: '450', net: '-450', leverage: 450 / 1146, timeInMarket: 1 },
          ackLatencyMs: { n: 0 },
          orders: {
            submitted: 0,
            open: 0,
            ended: 0,
            refused: { venue: 0, risk: 0, local: 0, cancel: 0, replace: 0 },
            fillLatencyMs: { n: 0 },
            cancelLatencyMs: { n: 0 },
            slippage: { n: 0 },
            shortfall: { n: 0, unknown: 0 },
            orderToTrade: [],
            overfilled: 0,
          },
          positions: [{ accountId: 'a1', instrumentId: 'BTC-USD', qty: '-5', avgPx: '90', realizedPnl: '150', unrealizedPnl: '0' }],
          attribution: [{ instrumentId: 'BTC-USD', grossPnl: '150', fees: '4', funding: '0', netPnl: '146', unrealizedPnl: '0' }],
        },
      },
      quality: {
        lines: 5,
        accepted: 5,
        duplicates: 0,
        conflicting: 0,
        late: 0,
        logs: 0,
        blank: 0,
        incomplete: false,
        rejected: [],
      },
    });
  });

  test.each([
    ['standard input without a file', [], story.join('\n')],
    ['standard input as -', ['-'], story.join('\n')],
    ['gzip on standard input', ['-'], gzipSync(story.join('\n'))],
  ] as const)('reads %s', async (_, args, stdin) => {
    const { code, out } = await score([...args, '--json'], stdin);
    expect(code).toBe(0);
    expect(JSON.parse(out).strategies.s1.netPnl).toBe('146');
  });

  test('reads gzip files, whatever their name', async () => {
    for (const name of ['story.gz', 'packed.ndjson']) {
      const { out } = await score([file(name, gzipSync(story.join('\n'))), '--json']);
      expect(JSON.parse(out).quality.accepted).toBe(5);
    }
  });

  test('keeps every good line of a broken file and names each bad one', async () => {
    const long = line(5, { eventType: 'heartbeat', component: 'x'.repeat(1_000_000), status: 'ok', intervalMs: 1000 });
    const lines = [
      story[0]!,
      '{"broken":',
      story[1]!,
      '{"eventType":"nonsense"}',
      execution(9, 'buy', 'NaN', '1'),
      long,
      '',
      'a plain log line',
      '{"level":"info","message":"hello"}',
      '{"other":1}',
      story[2]!,
      story[2]!,
      execution(2, 'buy', '11', '110'),
      story[3]!,
    ];
    const bytes = Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), Buffer.from([0xff, 0xfe, 10]), Buffer.from(story[4]!)]);
    const { code, out } = await score([file('broken.ndjson', bytes), '--json']);
    const { strategies, quality } = JSON.parse(out);
    expect(code).toBe(0);
    expect(strategies.s1).toMatchObject({ fills: 4, netPnl: '146' });
    expect(quality).toMatchObject({ lines: 16, accepted: 5, duplicates: 1, conflicting: 1, logs: 2, blank: 1 });
    expect(quality.rejected.map((row: { line: number; code: string }) => `${row.line} ${row.code}`)).toEqual([
      '2 NOT_JSON',
      '4 UNKNOWN_EVENT_TYPE',
      '5 BAD_DECIMAL',
      '6 LINE_TOO_LONG',
      '10 NO_EVENT_TYPE',
      '15 BAD_ENCODING',
    ]);
    const { accepted, duplicates, conflicting, rejected, logs, blank } = quality;
    expect(accepted + duplicates + conflicting + rejected.length + logs + blank).toBe(quality.lines);
  });

  test('two strategies of one process may share a numbering', async () => {
    const numbered = (second: number, strategyId: string, seq: number) => execution(second, 'buy', '1', '10', { strategyId, seq });
    const whole = [numbered(1, 's1', 1), numbered(2, 's2', 2), numbered(3, 's1', 3), numbered(4, 's2', 4)];
    const incomplete = async (lines: readonly string[]) => JSON.parse((await score(['--json'], lines.join('\n'))).out).quality.incomplete;
    expect(await incomplete(whole)).toBe(false);
    expect(await incomplete([whole[0]!, whole[1]!, whole[3]!])).toBe(true);
    expect(await incomplete([numbered(1, 's1', 1), numbered(2, 's2', 1), numbered(3, 's1', 2), numbered(4, 's2', 3)])).toBe(true);
  });

  test('a config gives capital, annualisation and currency', async () => {
    file(
      'config.json',
      JSON.stringify({
        stage: 'demo',
        bots: [{ id: 'b1', strategies: [{ id: 's1', initialCapital: '5000', currency: 'USD', annualization: 252 }] }],
      }),
    );
    const { code, out } = await score(['--config', 'config.json', file('again.ndjson', story.slice(1).join('\n')), '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out).strategies.s1).toMatchObject({ equity: '5146', returns: { annualization: 252 } });
  });
});

describe('exit codes', () => {
  test('2 without a usable line', async () => {
    expect(await score(['-', '--json'], 'only text\n')).toMatchObject({ code: 2, err: 'nightdesk: no usable event in standard input\n' });
    expect(await score(['-', '--json'], '')).toMatchObject({ code: 2 });
  });

  test('1 with --strict when a line was rejected', async () => {
    expect((await score(['--strict'], `${story[0]}\n{bad`)).code).toBe(1);
    expect((await score([], `${story[0]}\n{bad`)).code).toBe(0);
    expect((await score(['--strict'], story[0])).code).toBe(0);
  });

  test.each([
    [['missing.ndjson'], 'missing.ndjson cannot be read: no such file'],
    [['--nonsense'], 'unknown option "--nonsense"'],
    [['--config'], '--config needs a value'],
    [['a', 'b'], 'one file at a time'],
    [['.'], 'is a directory'],
  ])('unusable arguments %j are one clear line', async (args, message) => {
    const failure = score(args);
    await expect(failure).rejects.toThrow(UsageError);
    await expect(failure).rejects.toThrow(message);
  });

  test('a damaged gzip file is named', async () => {
    const packed = gzipSync(story.join('\n'));
    await expect(score([file('short.gz', packed.subarray(0, packed.length - 12))])).rejects.toThrow(
      'short.gz cannot be read: the gzip file ends too early',
    );
  });
});

test('the table shows gross, fees, net and equity, and the rejected lines', async () => {
  const { out } = await score([], `${story.join('\n')}\n{bad\n`);
  for (const text of [
    'gross P&L      150 USD',
    '− fees         4 USD',
    '= net P&L      146 USD',
    'equity         1146 USD',
    'line 6: NOT_JSON',
  ])
    expect(out).toContain(text);
});
