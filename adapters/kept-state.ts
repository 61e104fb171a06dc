/** The table that `nightdesk start` keeps in its folder, read as it was at the last clean stop. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Item, Table } from './aws/table.ts';
import { createMemoryTable } from './memory/table.ts';

export interface KeptState {
  readonly table: Table;
  readonly strategyIds: readonly string[];
}

/** Undefined when nothing is kept there. @throws SyntaxError when the file is damaged. */
export async function readKeptState(dir: string): Promise<KeptState | undefined> {
  const file = join(dir, 'tables.json');
  if (!existsSync(file)) return undefined;
  const tables = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  const table = createMemoryTable();
  const items = Object.values(tables).flatMap(list => list.map(plainItem));
  await table.write(items, []);
  const ids = items.flatMap(({ pk, sk }) => (sk === 'HEAD' && pk.startsWith('STRATEGY#') ? [pk.slice('STRATEGY#'.length)] : []));
  return { table, strategyIds: ids.sort() };
}

/** DynamoDB's typed attributes as the values that the table port has. */
function plainItem(item: Readonly<Record<string, unknown>>): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)])) as unknown as Item;
}

function plainValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { S, N, B, BOOL } = value as { readonly S?: string; readonly N?: string; readonly B?: string; readonly BOOL?: boolean };
  if (B !== undefined) return Buffer.from(B, 'base64');
  return S ?? (N === undefined ? BOOL : Number(N));
}
