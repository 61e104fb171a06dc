import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { command } from '../../bin/commands/rebuild.ts';
import { runCommand } from '../../bin/options.ts';
import { parseLine } from '../../core/events/parse.ts';
import { emptyPulse } from '../../core/health/pulse.ts';
import { decodeState, encodeState } from '../../core/ledger/codec.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import { settingsFor } from '../../core/ledger/settings.ts';
import { emptyState, type StrategyState } from '../../core/ledger/state.ts';
import { viewOf } from '../../core/ledger/view-of.ts';
import type { LocalStack } from '../../local/stack.ts';
import { tablePort } from '../../local/table-port.ts';
import { lineOf } from '../events/lines-of.ts';
import { startTestStack } from './local-stack.ts';

const startMs = Date.parse('2026-03-09T13:30:00Z');
const folder = mkdtempSync(join(tmpdir(), 'nightdesk-rebuild-'));
afterAll(() => rmSync(folder, { recursive: true }));

function executionLine(at: number, more: Readonly<Record<string, unknown>> = {}): string {
  const time = new Date(startMs + at * 1000).toISOString();
  const [side, lastPx] = [at % 3 === 0 ? 'sell' : 'buy', `${100 + (at % 17)}.25`];
  return lineOf('execution', {
    eventId: `e${at}`,
    execId: `x${at}`,
    side,
    lastQty: `${1 + (at % 5)}`,
    lastPx,
    tsEvent: time,
    transactTime: time,
    ...more,
  });
}

const lines = [
  lineOf('account', {
    equity: '10000',
    currency: 'USDT',
    tsEvent: new Date(startMs).toISOString(),
    tsAsOf: new Date(startMs).toISOString(),
  }),
  ...Array.from({ length: 1200 }, (_, at) => executionLine(at + 1)),
  executionLine(1199, { eventId: 'bust', execId: 'b1', execType: 'tradeCancel', execRefId: 'x1190' }),
];

/** The state as the ledger has it after the lines, in batches of 60, each stored and loaded. */
function foldedLive(given: readonly string[]): StrategyState {
  let state = emptyState(settingsFor(undefined, 's1'));
  for (let at = 0; at < given.length; at += 60) {
    const events = given.slice(at, at + 60).flatMap(line => {
      const parsed = parseLine(line);
      return parsed.kind === 'event' ? [parsed.event] : [];
    });
    foldBatch(state, events, { receivedAtMs: startMs + 86_400_000 });
    const { head, parts } = encodeState(state);
    state = decodeState(head, parts);
  }
  return state;
}

const journal = join(folder, 'journal.ndjson');
beforeAll(() => writeFileSync(journal, [...lines].reverse().join('\n')));

const beside = (state: StrategyState) => ({ pulse: emptyPulse, view: viewOf(state, startMs) });

async function rebuild(...args: readonly string[]) {
  const printed: string[] = [];
  const io = {
    stdout: (text: string) => void printed.push(text),
    stderr: () => {},
    stdin: process.stdin,
    env: {},
    cwd: folder,
    isTty: false,
  };
  const code = await runCommand(command, [journal, '--json', ...args], io);
  return { code, s1: JSON.parse(printed.join('')).strategies.s1 };
}

describe('a state that "nightdesk start" has kept', () => {
  const keep = async (dir: string, state: StrategyState) => {
    const table = createMemoryTable();
    await createStrategyStore(table).saveWith('s1', 0, encodeState(state), beside(state));
    const typed = (value: string | number | Uint8Array) =>
      typeof value === 'string'
        ? { S: value }
        : typeof value === 'number'
          ? { N: String(value) }
          : { B: Buffer.from(value).toString('base64') };
    const items = [...table.items.values()].map(item =>
      Object.fromEntries(Object.entries(item).map(([name, value]) => [name, typed(value)])),
    );
    mkdirSync(join(folder, dir), { recursive: true });
    writeFileSync(join(folder, dir, 'tables.json'), JSON.stringify({ 'nightdesk-test': items }));
  };

  test('is the journal’s, though the journal holds its lines the other way round', async () => {
    await keep('equal', foldedLive([...lines, ...lines.slice(1100)]));
    expect(await rebuild('--kept', 'equal')).toMatchObject({ code: 0, s1: { stored: 'equal', accepted: lines.length } });
  });

  test('differs where a line never reached it, and the aspects say so', async () => {
    await keep('lacking', foldedLive(lines.filter(line => !line.includes('"x900"'))));
    const { code, s1 } = await rebuild('--kept', 'lacking');
    expect({ code, stored: s1.stored }).toEqual({ code: 1, stored: 'differs' });
    expect(s1.differences.map(({ aspect }: { aspect: string }) => aspect)).toEqual(expect.arrayContaining(['accepted', 'totals', 'books']));
  });
});

describe('the table of a running stack', () => {
  let stack: LocalStack | undefined;
  afterEach(() => stack?.close());

  test('gets the journal’s state over its own port, and then has it', async () => {
    stack = await startTestStack();
    const [[name, table]] = [...stack.tables] as [[string, Parameters<typeof tablePort>[0]]];
    const late = foldedLive([...lines.slice(600), ...lines.slice(0, 600)]);
    expect(late.needsRebuild).toBe(true);
    await createStrategyStore(tablePort(table)).saveWith('s1', 0, encodeState(late), beside(late));
    const args = ['--table', name, '--endpoint', stack.endpoint.url];
    expect(await rebuild(...args)).toMatchObject({ code: 1, s1: { stored: 'differs' } });
    expect(await rebuild(...args, '--replace')).toMatchObject({ code: 0, s1: { stored: 'replaced' } });
    expect(await rebuild(...args)).toMatchObject({ code: 0, s1: { stored: 'equal' } });
  });
});
