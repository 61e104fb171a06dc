/** What survives a restart: table, metrics and alarms, in one file each. Queues are empty at a clean stop and are not kept; a killed process loses what is in them. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { restoreSeries } from '../core/series/series-store.ts';
import type { Item } from './services/dynamodb/value.ts';
import type { LocalStack } from './stack.ts';

const files = { tables: 'tables.json', metrics: 'metrics.json', alarms: 'alarms.json' } as const;

export const clearState = (dir: string): void => rmSync(dir, { recursive: true, force: true });

/** The three files as they are now, as text. */
function snapshot(stack: KeptStack): readonly (readonly [name: string, text: string])[] {
  const tables = Object.fromEntries([...stack.tables].map(([name, table]) => [name, [...table.all()]]));
  return [
    [files.tables, JSON.stringify(tables)],
    [files.metrics, stack.store().serialise()],
    [files.alarms, stack.alarms.serialise()],
  ];
}

export type KeptStack = Pick<LocalStack, 'tables' | 'store' | 'alarms'>;

export function saveState(stack: KeptStack, dir: string): void {
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of snapshot(stack)) {
    // Whole or not at all: a file that is being written when the machine stops leaves the old one.
    writeFileSync(join(dir, `${name}.new`), text);
    renameSync(join(dir, `${name}.new`), join(dir, name));
  }
}

export interface StateKeeper {
  /** Writes when it is time: call it whenever something may have changed. */
  readonly remind: () => void;
  /** Ends when nothing is being written any more; nothing begins after it. */
  readonly stop: () => Promise<void>;
}

/** Real milliseconds between two writes. */
export const KEEP_EVERY_MS = 60_000;
/** A write that took one second is followed by fifty without: at most two percent of the time goes into writing. */
const REST = 50;

export interface KeeperTools {
  /** Monotonic milliseconds. */
  readonly elapsed: () => number;
  readonly onError: (error: unknown) => void;
}

/**
 * Keeps the state while the stack runs, so that a killed process loses what came after the last write: at most a minute, or fifty times
 * what a write takes. The text is made between two events of the stack; the disk is waited for beside them. A write that fails is
 * reported, and the next one is due after the same pause.
 */
export function createStateKeeper(stack: KeptStack, dir: string, { elapsed, onError }: KeeperTools): StateKeeper {
  let dueMs = elapsed() + KEEP_EVERY_MS;
  let writing: Promise<void> | undefined;
  let isStopped = false;
  const write = async () => {
    const beganMs = elapsed();
    try {
      await mkdir(dir, { recursive: true });
      for (const [name, text] of snapshot(stack)) await writeWhole(dir, name, text);
    } catch (error) {
      onError(error);
    }
    dueMs = elapsed() + Math.max(KEEP_EVERY_MS, REST * (elapsed() - beganMs));
    writing = undefined;
  };
  return {
    remind() {
      if (isStopped || writing !== undefined || elapsed() < dueMs) return;
      writing = write();
    },
    async stop() {
      isStopped = true;
      await writing;
    },
  };
}

/** On the disk before it takes the old one's place, so that a machine that loses its power keeps one of them. */
async function writeWhole(dir: string, name: string, text: string): Promise<void> {
  const file = await open(join(dir, `${name}.new`), 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(join(dir, `${name}.new`), join(dir, name));
}

/** False when there was nothing to restore. */
export function restoreState(stack: LocalStack, dir: string): boolean {
  const read = (name: string) => (existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : undefined);
  const tables = read(files.tables);
  if (tables === undefined) return false;
  for (const [name, items] of Object.entries(JSON.parse(tables) as Readonly<Record<string, readonly Item[]>>)) {
    const table = stack.tables.get(name);
    for (const item of items) table?.put(item);
  }
  const metrics = read(files.metrics);
  if (metrics !== undefined) stack.replaceStore(restoreSeries(metrics));
  const alarms = read(files.alarms);
  if (alarms !== undefined) stack.alarms.restore(alarms);
  return true;
}
