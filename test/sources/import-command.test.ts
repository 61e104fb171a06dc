import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Io, UsageError } from '../../bin/command.ts';
import { command } from '../../bin/commands/import.ts';
import { runCommand } from '../../bin/options.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightdesk-import-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const good = '{"id":"1","symbol":"A/USDT","side":"buy","amount":1,"price":2,"timestamp":1767225600000}\n';

async function run(args: readonly string[], stdin = '') {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    stdout: text => void out.push(text),
    stderr: text => void err.push(text),
    stdin: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]),
    env: {},
    cwd: folder,
    isTty: false,
  };
  return { code: await runCommand(command, args, io), out: out.join(''), err: err.join('') };
}

it('0: events on standard output, from standard input, a file or a gzip file', async () => {
  writeFileSync(join(folder, 'a.json.gz'), gzipSync(good));
  const [fromPipe, fromFile] = [await run(['ccxt', '-'], good), await run(['ccxt', 'a.json.gz', '--venue=kraken'])];
  expect([fromPipe.code, fromFile.code]).toEqual([0, 0]);
  expect(JSON.parse(fromFile.out)).toMatchObject({ eventType: 'execution', venue: 'kraken', lastQty: '1' });
});

it('1: some records could not be used, each named with its place', async () => {
  const { code, out, err } = await run(['ccxt', '-', '--out', 'events.ndjson'], `${good}{"id":"2"}\n`);
  expect([code, out, readFileSync(join(folder, 'events.ndjson'), 'utf8').split('\n').length]).toEqual([1, '', 2]);
  expect(err).toContain('line 2: trade has no usable symbol, side, amount, price, timestamp');
});

it('2: nothing usable', async () => {
  expect(await run(['ccxt', '-'], 'hello')).toMatchObject({ code: 2, out: '' });
});

it.each([
  [[], 'name a source'],
  [['metatrader', 'x'], 'unknown source "metatrader"'],
  [['ccxt'], 'name the file'],
  [['ccxt', 'absent.json'], 'no such file'],
  [['ccxt', '.'], 'is a directory'],
  [['ccxt', 'a', '--speed', '3'], 'unknown option "--speed"'],
  [['ccxt', 'a', '--environment', 'prod'], '--environment must be one of'],
  [['ccxt', 'packed.zip'], 'is a zip archive'],
])('refuses %j', async (args, message) => {
  writeFileSync(join(folder, 'packed.zip'), 'PK\u0003\u0004rest');
  const refusal = await run(args).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(UsageError);
  expect((refusal as Error).message).toContain(message);
});
