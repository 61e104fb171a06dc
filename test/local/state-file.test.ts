import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSeriesStore } from '../../core/series/series-store.ts';
import { createTable } from '../../local/services/dynamodb/table.ts';
import type { LocalStack } from '../../local/stack.ts';
import { createStateKeeper, KEEP_EVERY_MS, type KeptStack, restoreState } from '../../local/state-file.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nightdesk-state-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const names = ['alarms.json', 'metrics.json', 'tables.json'];

function story() {
  const table = createTable({ name: 't', arn: 'arn:t', keys: { hash: 'pk', range: 'sk' }, indexes: {} });
  const store = createSeriesStore();
  let serialised = 0;
  const stack = {
    tables: new Map([['t', table]]),
    store: () => store,
    alarms: {
      serialise: () => {
        serialised += 1;
        return '{}';
      },
      restore: () => {},
    },
    replaceStore: () => {},
  } as unknown as LocalStack & KeptStack;
  let nowMs = 0;
  const errors: unknown[] = [];
  const keeper = createStateKeeper(stack, dir, { elapsed: () => nowMs, onError: error => void errors.push(error) });
  return {
    stack,
    keeper,
    errors,
    put: (value: string) => table.put({ pk: { S: 'a' }, sk: { S: 'b' }, value: { S: value } }),
    value: () => table.get({ pk: { S: 'a' }, sk: { S: 'b' } })?.['value'],
    writes: () => serialised,
    at: (ms: number) => {
      nowMs = ms;
      keeper.remind();
    },
  };
}

describe('the state of a stack that runs', () => {
  it('is on the disk after a minute, so that a killed process loses what came later and nothing else', async () => {
    const s = story();
    s.put('kept');
    s.at(KEEP_EVERY_MS - 1);
    expect(readdirSync(dir)).toEqual([]);
    s.at(KEEP_EVERY_MS);
    await s.keeper.stop();
    s.put('lost');
    expect(readdirSync(dir).sort()).toEqual(names);
    const next = story();
    expect(restoreState(next.stack, dir)).toBe(true);
    expect(next.value()).toEqual({ S: 'kept' });
  });

  it('is written once a minute at most, however often it is asked for, and not while a write lasts', async () => {
    const s = story();
    for (let ms = 0; ms < KEEP_EVERY_MS + 1_000; ms += 100) s.at(ms);
    await s.keeper.stop();
    expect(s.writes()).toBe(1);
  });

  it('takes the place of the old one whole: what a killed process was writing is not read', () => {
    writeFileSync(join(dir, 'tables.json'), '{"t":[{"pk":{"S":"a"},"sk":{"S":"b"},"value":{"S":"old"}}]}');
    writeFileSync(join(dir, 'tables.json.new'), '{"t":[{"pk":{"S"');
    const s = story();
    restoreState(s.stack, dir);
    expect(s.value()).toEqual({ S: 'old' });
  });

  it('stays as it was when the disk refuses, and says so', async () => {
    const s = story();
    rmSync(dir, { recursive: true });
    writeFileSync(dir, 'a file in its place');
    s.at(KEEP_EVERY_MS);
    await s.keeper.stop();
    expect(s.errors).toHaveLength(1);
    expect(readFileSync(dir, 'utf8')).toBe('a file in its place');
  });
});
