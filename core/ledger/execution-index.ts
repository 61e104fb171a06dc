import type { FillEntry } from './state.ts';

/**
 * The executions of one scope by their id: an open-addressed table, several times faster than a Map of strings when it holds a
 * hundred thousand. Iterates in the order of insertion.
 */
export interface ExecutionIndex {
  /** Rows in use plus deleted ones; a deleted row is undefined. */
  rows: (FillEntry | undefined)[];
  hashes: Int32Array;
  /** Row + 1 for each slot; 0 is free. Twice as many as rows at least. */
  slots: Int32Array;
  size: number;
}

const smallest = 16;

export function emptyIndex(): ExecutionIndex {
  return { rows: [], hashes: new Int32Array(smallest), slots: new Int32Array(smallest * 2), size: 0 };
}

export function findEntry(index: ExecutionIndex, execKey: string, hash = hashOfKey(execKey)): FillEntry | undefined {
  const row = rowOf(index, execKey, hash);
  return row < 0 ? undefined : index.rows[row];
}

/** Adds the entry under its own key, or replaces the one that is there. */
export function setEntry(index: ExecutionIndex, entry: FillEntry, hash = hashOfKey(entry.execKey)): void {
  const known = rowOf(index, entry.execKey, hash);
  if (known >= 0) {
    index.rows[known] = entry;
    return;
  }
  if (index.rows.length === index.hashes.length) resize(index);
  const row = index.rows.push(entry) - 1;
  index.hashes[row] = hash;
  index.size++;
  occupy(index, hash, row);
}

export function deleteEntry(index: ExecutionIndex, execKey: string): void {
  const row = rowOf(index, execKey, hashOfKey(execKey));
  if (row < 0) return;
  index.rows[row] = undefined;
  index.size--;
}

export function* entriesOf(index: ExecutionIndex): Generator<FillEntry> {
  for (const entry of index.rows) if (entry !== undefined) yield entry;
}

/** FNV-1a, 32 bits. */
export function hashOfKey(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}

function rowOf(index: ExecutionIndex, execKey: string, hash: number): number {
  const { slots, hashes, rows } = index;
  const mask = slots.length - 1;
  for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
    const row = slots[slot]! - 1;
    if (hashes[row] === hash && rows[row]?.execKey === execKey) return row;
  }
  return -1;
}

function occupy(index: ExecutionIndex, hash: number, row: number): void {
  const mask = index.slots.length - 1;
  let slot = hash & mask;
  while (index.slots[slot] !== 0) slot = (slot + 1) & mask;
  index.slots[slot] = row + 1;
}

/** Drops deleted rows and makes room for three times as many as are left. */
function resize(index: ExecutionIndex): void {
  if (index.size < index.rows.length) compact(index);
  let capacity = smallest;
  while (capacity < index.rows.length * 4) capacity *= 2;
  const hashes = new Int32Array(capacity);
  hashes.set(index.hashes.subarray(0, index.rows.length));
  index.hashes = hashes;
  index.slots = new Int32Array(capacity * 2);
  for (let row = 0; row < index.rows.length; row++) occupy(index, hashes[row]!, row);
}

function compact(index: ExecutionIndex): void {
  const rows: FillEntry[] = [];
  index.rows.forEach((entry, row) => {
    if (entry === undefined) return;
    index.hashes[rows.length] = index.hashes[row]!;
    rows.push(entry);
  });
  index.rows = rows;
}
