/** `DUE/<time>#<key>`: what the notifier's sweep has to attend to, the earliest first. */
import { isoFromMs } from '../../core/time/instant.ts';
import type { Item, Key, Table } from './table.ts';

const ISO_LENGTH = '2026-03-09T03:00:00.000Z'.length;
const MINUTE_MS = 60_000;

/** Stands for changes that strategies reported, between the keys of groups. */
export const CHANGES_DUE = 'changes';

export const dueKey = (atMs: number, key: string): Key => ({ pk: 'DUE', sk: `${isoFromMs(atMs)}#${key}` });

export const dueItem = (atMs: number, key: string): Item => ({ ...dueKey(atMs, key), schemaVersion: 1 });

export const dueOf = ({ sk }: Item) => ({ at: Date.parse(sk.slice(0, ISO_LENGTH)), key: sk.slice(ISO_LENGTH + 1) });

/** Makes the sweep look for changes; one entry a minute, whoever reports them. */
export const announceChanges = (table: Pick<Table, 'write'>, nowMs: number): Promise<void> =>
  table.write([dueItem(Math.floor(nowMs / MINUTE_MS) * MINUTE_MS, CHANGES_DUE)], []);
