import { createHash } from 'node:crypto';
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
 * content>`, so a writer that loses leaves the winner's parts alone; what a commit replaced is deleted with the next one, for readers on the way.
 */
export function createStrategyStore(table: Table): StrategyStore {
  /** The newest head that this process has seen, by strategy. */
  const known = new Map<string, KnownHead>();

  const load = async (strategyId: string): Promise<StoredStrategy | undefined> => {
    for (let tries = 0; tries < LOAD_TRIES; tries++) {
      const item = await table.get({ pk: pk(strategyId), sk: 'HEAD' });
      if (item === undefined) return undefined;
      const head = readHead(item);
      const names = Object.keys(head.parts);
      const items = names.length === 0 ? [] : await table.getAll(names.map(name => partKey(strategyId, name, head.parts[name]!)));
      const texts = new Map(items.map(part => [part.sk, String(part['text'])]));
      const parts = names.map(name => [name, texts.get(partKey(strategyId, name, head.parts[name]!).sk)] as const);
      // A part can be gone when two commits happened between our two reads: the next head has newer ones.
      if (parts.some(([, text]) => text === undefined)) continue;
      const encoded = { head: String(item['head']), parts: Object.fromEntries(parts) as Record<string, string> };
      known.set(strategyId, { ...head, texts: encoded.parts });
      return { version: head.version, encoded, ...(item['pulse'] === undefined ? {} : { beside: strategyHead(item) }) };
    }
    throw new Error(`StateIncomplete at ${pk(strategyId)}: a part that the head names is missing; rebuild the strategy from its journal`);
  };

  const save = async (strategyId: string, expectedVersion: number, encoded: EncodedState, beside?: Beside) => {
    if (expectedVersion > 0 && known.get(strategyId)?.version !== expectedVersion) {
      const item = await table.get({ pk: pk(strategyId), sk: 'HEAD' });
      if (item === undefined || Number(item['version']) !== expectedVersion) return 'conflict';
      known.set(strategyId, readHead(item));
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
    const listed = new Set(Object.entries(parts).map(([name, address]) => partKey(strategyId, name, address).sk));
    const garbage = (before?.replaced ?? []).filter(sk => !listed.has(sk));
    if (changed.length + garbage.length > 0) {
      const puts = changed.map(name => partItem(strategyId, name, parts[name]!, encoded.parts[name]!));
      await table.write(
        puts,
        garbage.map(sk => ({ pk: pk(strategyId), sk })),
      );
    }
    const replaced = Object.entries(before?.parts ?? {})
      .map(([name, address]) => partKey(strategyId, name, address).sk)
      .filter(sk => !listed.has(sk));
    const saved = await table.put(
      {
        pk: pk(strategyId),
        sk: 'HEAD',
        version,
        schemaVersion: 1,
        head: encoded.head,
        parts: JSON.stringify(parts),
        replaced: JSON.stringify(replaced),
        ...(beside === undefined ? {} : { pulse: JSON.stringify(beside.pulse), view: JSON.stringify(beside.view) }),
        ...(beside?.lastBatch === undefined ? {} : { lastBatch: beside.lastBatch }),
      },
      { version: expectedVersion },
    );
    if (saved === 'saved') known.set(strategyId, { version, parts, replaced, texts: encoded.parts });
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

interface KnownHead {
  readonly version: number;
  readonly parts: PartAddresses;
  /** Sort keys of parts that this commit has replaced. */
  readonly replaced: readonly string[];
  /** The parts' texts: comparing them is cheaper than hashing, most being the very same string. */
  readonly texts?: Readonly<Record<string, string>>;
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
  if (Buffer.byteLength(text) > PART_BYTES) throw new Error(`PartTooLarge at ${pk(strategyId)} ${name}: must fit ${PART_BYTES} bytes`);
  return { ...partKey(strategyId, name, address), schemaVersion: 1, text };
}

function readHead(item: Item): KnownHead {
  return {
    version: Number(item['version']),
    parts: JSON.parse(String(item['parts'] ?? '{}')) as PartAddresses,
    replaced: JSON.parse(String(item['replaced'] ?? '[]')) as readonly string[],
  };
}

/** The head out of its item, for callers that read several kinds of items in one go. */
export function strategyHead(item: Item): StrategyHead {
  return {
    strategyId: item.pk.slice('STRATEGY#'.length),
    version: Number(item['version']),
    ...(item['pulse'] === undefined ? {} : { pulse: JSON.parse(String(item['pulse'])) as Pulse }),
    ...(item['view'] === undefined ? {} : { view: JSON.parse(String(item['view'])) as StrategyView }),
    ...(item['lastBatch'] === undefined ? {} : { lastBatch: String(item['lastBatch']) }),
  };
}
