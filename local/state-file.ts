/** What survives a restart: table, metrics and alarms, in one file each. Queues are empty at a clean stop and are not kept. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { restoreSeries } from '../core/series/series-store.ts';
import type { Item } from './services/dynamodb/value.ts';
import type { LocalStack } from './stack.ts';

const files = { tables: 'tables.json', metrics: 'metrics.json', alarms: 'alarms.json' } as const;

export const clearState = (dir: string): void => rmSync(dir, { recursive: true, force: true });

export function saveState(stack: LocalStack, dir: string): void {
  mkdirSync(dir, { recursive: true });
  const tables = Object.fromEntries([...stack.tables].map(([name, table]) => [name, [...table.all()]]));
  write(dir, files.tables, JSON.stringify(tables));
  write(dir, files.metrics, stack.store().serialise());
  write(dir, files.alarms, stack.alarms.serialise());
}

/** Whole or not at all: a file that is being written when the machine stops leaves the old one. */
function write(dir: string, name: string, text: string): void {
  writeFileSync(join(dir, `${name}.new`), text);
  renameSync(join(dir, `${name}.new`), join(dir, name));
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
