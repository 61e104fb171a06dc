import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Pulse } from '../../core/health/pulse.ts';
import type { EncodedState, StateStore, StoredState } from '../../core/ledger/store.ts';
import type { StrategyView } from '../../core/ledger/view.ts';
import type { Item, Key, Table } from './table.ts';

/** The head of a strategy without its books: what health, pages and widgets read. */
export interface StrategyHead {
  readonly strategyId: string;
  readonly version: number;
  readonly pulse?: Pulse;
  readonly view?: StrategyView;
  /** What the last commit was made of, in the words of its writer. */
  readonly lastBatch?: string;
}

export interface Beside {
  readonly pulse: Pulse;
  readonly view: StrategyView;
  readonly lastBatch?: string;
}

/** A stored state, with what was saved beside it, if anything was. */
export interface StoredStrategy extends StoredState {
  readonly beside?: StrategyHead;
}

/** The state store, with what is kept beside the state in the same commit. */
export interface StrategyStore extends StateStore {
  readonly load: (strategyId: string) => Promise<StoredStrategy | undefined>;
  readonly saveWith: (strategyId: string, expectedVersion: number, encoded: EncodedState, beside: Beside) => Promise<'saved' | 'conflict'>;
  readonly heads: (strategyIds: readonly string[]) => Promise<readonly StrategyHead[]>;
}

/** An item may have 400 KB; some room is left for names. */
const PART_BYTES = 390_000;
const LOAD_TRIES = 5;

/**
 * `STRATEGY#<id>/HEAD` is the commit point, written under its version. Parts are written before it as `PART#<name>#<version>-<hash of
 * content>`, deflated, so a writer that loses leaves the winner's parts alone; what a commit replaced is deleted with the next one, for readers on the way.
 */
export function createStrategyStore(table: Table): StrategyStore {
  /** The newest head that this process has seen, by strategy. */
  const known = new Map<string, KnownHead>();

  const load = async (strategyId: string): Promise<StoredStrategy | undefined> => {
    for (let tries = 0; tries < LOAD_TRIES; tries++) {
      const item = await table.get({ pk: pk(strategyId), sk: 'HEAD' });
      if (item === undefined) return undefined;
      const head = await readHead(item, table);
      if (head === undefined) continue;
      const names = Object.keys(head.parts);
      const items = names.length === 0 ? [] : await table.getAll(names.map(name => partKey(strategyId, name, head.parts[name]!)));
      const texts = new Map(items.map(part => [part.sk, inflated(part['text'])]));
      const parts = names.map(name => [name, texts.get(partKey(strategyId, name, head.parts[name]!).sk)] as const);
      // A part can be gone when two commits happened between our two reads: the next head has newer ones.
      if (parts.some(([, text]) => text === undefined)) continue;
      const encoded = { head: head.text, parts: Object.fromEntries(parts) as Record<string, string> };
      known.set(strategyId, { ...head, texts: encoded.parts });
      return { version: head.version, encoded, ...(item['beside'] === undefined ? {} : { beside: strategyHead(item) }) };
    }
    throw new Error(`StateIncomplete at ${pk(strategyId)}: a part that the head names is missing; rebuild the strategy from its journal`);
  };

  const save = async (strategyId: string, expectedVersion: number, encoded: EncodedState, beside?: Beside) => {
    if (expectedVersion > 0 && known.get(strategyId)?.version !== expectedVersion) {
      const item = await table.get({ pk: pk(strategyId), sk: 'HEAD' });
      if (item === undefined || Number(item['version']) !== expectedVersion) return 'conflict';
      const head = await readHead(item, table);
      if (head === undefined) return 'conflict';
      known.set(strategyId, head);
    }
    const before = expectedVersion === 0 ? undefined : known.get(strategyId);
    const version = expectedVersion + 1;
    const parts = Object.fromEntries(
      Object.entries(encoded.parts).map(([name, text]) => [
        name,
        before?.texts?.[name] === text
          ? before.parts[name]!
          : addressOf(text, version, before?.texts === undefined ? before?.parts[name] : undefined),
      ]),
    );
    const changed = Object.keys(parts).filter(name => before?.parts[name] !== parts[name]);
    const list = listFor(before?.list, parts, version);
    const addresses = Object.entries(list === undefined ? parts : { ...parts, [LIST]: list.address });
    const listed = new Set(addresses.map(([name, address]) => partKey(strategyId, name, address).sk));
    const garbage = (before?.replaced ?? []).filter(sk => !listed.has(sk));
    const isNewList = list !== undefined && list !== before?.list;
    if (changed.length + garbage.length > 0 || isNewList) {
      const puts = changed.map(name => partItem(strategyId, name, parts[name]!, encoded.parts[name]!));
      if (isNewList) puts.push(partItem(strategyId, LIST, list.address, JSON.stringify(parts)));
      await table.write(
        puts,
        garbage.map(sk => ({ pk: pk(strategyId), sk })),
      );
    }
    const replaced = Object.entries({ ...before?.parts, ...(before?.list === undefined ? {} : { [LIST]: before.list.address }) })
      .map(([name, address]) => partKey(strategyId, name, address).sk)
      .filter(sk => !listed.has(sk));
    const saved = await table.put(
      {
        pk: pk(strategyId),
        sk: 'HEAD',
        version,
        schemaVersion: 1,
        state: deflated(headLines(encoded.head, differences(list?.parts ?? {}, parts), replaced)),
        ...(list === undefined ? {} : { list: list.address }),
        ...(beside === undefined ? {} : { beside: deflated(JSON.stringify(beside)) }),
      },
      { version: expectedVersion },
    );
    if (saved === 'saved')
      known.set(strategyId, {
        version,
        text: encoded.head,
        parts,
        replaced,
        texts: encoded.parts,
        ...(list === undefined ? {} : { list }),
      });
    else known.delete(strategyId);
    return saved;
  };

  return {
    load,
    save: (strategyId, expectedVersion, encoded) => save(strategyId, expectedVersion, encoded),
    saveWith: save,
    heads: async strategyIds => {
      const items = await table.getAll(strategyIds.map(id => ({ pk: pk(id), sk: 'HEAD' })));
      return items.map(strategyHead);
    },
  };
}

type PartAddresses = Readonly<Record<string, string>>;

/** A part that holds the addresses of parts as they were at some commit; a head then only says what has changed since. */
interface PartList {
  readonly address: string;
  readonly parts: PartAddresses;
}

/** No name that an encoded state gives. */
const LIST = '~list';
/** Parts without which a list is not worth its item, and differences from it that a head carries at most. */
const LISTED_FROM = 24;
const DIFFERENCES = 20;

/** The list that a commit stands on: the one before while the differences are few, else one of its own. */
function listFor(before: PartList | undefined, parts: PartAddresses, version: number): PartList | undefined {
  if (Object.keys(parts).length < LISTED_FROM) return undefined;
  if (before !== undefined && Object.keys(differences(before.parts, parts)).length <= DIFFERENCES) return before;
  return { address: addressOf(JSON.stringify(parts), version, undefined), parts };
}

/** What turns one set of addresses into the other; a part that is gone is null. */
function differences(from: PartAddresses, to: PartAddresses): Readonly<Record<string, string | null>> {
  const changed = Object.entries(to).filter(([name, address]) => from[name] !== address);
  const gone = Object.keys(from).filter(name => to[name] === undefined);
  return Object.fromEntries([...changed, ...gone.map(name => [name, null] as const)]);
}

interface KnownHead {
  readonly version: number;
  readonly text: string;
  readonly parts: PartAddresses;
  /** Sort keys of parts that this commit has replaced. */
  readonly replaced: readonly string[];
  /** The parts' texts: comparing them is cheaper than hashing, most being the very same string. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly list?: PartList;
}

const pk = (strategyId: string) => `STRATEGY#${strategyId}`;
const partKey = (strategyId: string, name: string, address: string): Key => ({ pk: pk(strategyId), sk: `PART#${name}#${address}` });

/**
 * The address of unchanged content stays; changed content gets one that no earlier commit has used, and so cannot be deleting. It is short, since
 * every head lists all of them: the hash only has to tell two writers of one version apart.
 */
function addressOf(text: string, version: number, before: string | undefined): string {
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 8);
  return before?.endsWith(`-${hash}`) === true ? before : `${version}-${hash}`;
}

function partItem(strategyId: string, name: string, address: string, text: string): Item {
  const bytes = deflated(text);
  if (bytes.length > PART_BYTES) throw new Error(`PartTooLarge at ${pk(strategyId)} ${name}: must fit ${PART_BYTES} bytes`);
  return { ...partKey(strategyId, name, address), schemaVersion: 1, text: bytes };
}

/** Undefined when the list that the head stands on is gone: somebody has committed two newer heads meanwhile. */
async function readHead(item: Item, table: Table): Promise<KnownHead | undefined> {
  const { text, changes, replaced } = readHeadLines(item);
  const list = await readList(item, table);
  if (list === 'gone') return undefined;
  const merged = Object.entries({ ...list?.parts, ...changes }).filter((row): row is [string, string] => row[1] !== null);
  return {
    version: Number(item['version']),
    text,
    parts: Object.fromEntries(merged),
    replaced,
    ...(list === undefined ? {} : { list }),
  };
}

async function readList(item: Item, table: Table): Promise<PartList | 'gone' | undefined> {
  if (item['list'] === undefined) return undefined;
  const address = String(item['list']);
  const stored = await table.get({ pk: item.pk, sk: `PART#${LIST}#${address}` });
  return stored === undefined ? 'gone' : { address, parts: JSON.parse(inflated(stored['text'])) as PartAddresses };
}

/** The head out of its item, for callers that read several kinds of items in one go. */
export function strategyHead(item: Item): StrategyHead {
  return {
    strategyId: item.pk.slice('STRATEGY#'.length),
    version: Number(item['version']),
    ...(item['beside'] === undefined ? {} : (JSON.parse(inflated(item['beside'])) as Beside)),
  };
}

/** The encoded state's own head out of the item. */
export const encodedHead = (item: Item): string => readHeadLines(item).text;

type Changes = Readonly<Record<string, string | null>>;

/** Encoded head, changes of the part addresses, replaced sort keys: JSON texts, a line each. */
const headLines = (head: string, changes: Changes, replaced: readonly string[]): string =>
  `${head}\n${JSON.stringify(changes)}\n${JSON.stringify(replaced)}`;

function readHeadLines(item: Item): { readonly text: string; readonly changes: Changes; readonly replaced: readonly string[] } {
  const [text = '', changes = '{}', replaced = '[]'] = inflated(item['state']).split('\n');
  return { text, changes: JSON.parse(changes) as Changes, replaced: JSON.parse(replaced) as readonly string[] };
}

/** Bytes are paid for when they are written, read and kept; texts of states shrink to a third. */
const deflated = (text: string): Uint8Array => deflateRawSync(text, { level: 9 });

function inflated(value: Item[string] | undefined): string {
  if (!(value instanceof Uint8Array)) throw new Error('UnreadableItem: a deflated attribute of a state is missing');
  return inflateRawSync(value).toString('utf8');
}
