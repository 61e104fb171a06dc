import { type BotHealth, newHealth } from '../../core/health/silence.ts';
import type { Fired } from '../../core/incidents/fast-path.ts';
import { type StrategyHead, strategyHead } from './strategy-store.ts';
import type { Item, Key, Table } from './table.ts';

/** A value with the version to save it against; 0 for one that was never saved. */
export interface Versioned<T> {
  readonly version: number;
  readonly value: T;
}

export interface SweepState {
  readonly heads: ReadonlyMap<string, StrategyHead>;
  readonly fired: ReadonlyMap<string, Versioned<Fired>>;
  readonly health: ReadonlyMap<string, Versioned<BotHealth>>;
}

/** What the sweep remembers between minutes: `STRATEGY#<id>/BREACHES` and `BOT#<id>/HEALTH`, both compare-and-set. */
export interface SweepStore {
  /** Everything that one sweep needs, in as few reads as possible. Bots never seen are `new` since `nowMs`. */
  readonly read: (botIds: readonly string[], strategyIds: readonly string[], nowMs: number) => Promise<SweepState>;
  readonly readFired: (strategyId: string) => Promise<Versioned<Fired>>;
  readonly saveFired: (strategyId: string, version: number, fired: Fired) => Promise<'saved' | 'conflict'>;
  readonly saveHealth: (botId: string, version: number, health: BotHealth) => Promise<'saved' | 'conflict'>;
}

const headKey = (id: string): Key => ({ pk: `STRATEGY#${id}`, sk: 'HEAD' });
const firedKey = (id: string): Key => ({ pk: `STRATEGY#${id}`, sk: 'BREACHES' });
const healthKey = (id: string): Key => ({ pk: `BOT#${id}`, sk: 'HEALTH' });
const keyText = ({ pk, sk }: Key) => `${pk}\n${sk}`;

export function createSweepStore(table: Table): SweepStore {
  const save = (key: Key, version: number, value: unknown) =>
    table.put({ ...key, version: version + 1, schemaVersion: 1, value: JSON.stringify(value) }, { version });
  return {
    read: async (botIds, strategyIds, nowMs) => {
      const keys = [...botIds.map(healthKey), ...strategyIds.flatMap(id => [headKey(id), firedKey(id)])];
      const items = new Map((await table.getAll(keys)).map(item => [keyText(item), item]));
      const headItems = strategyIds.flatMap(id => items.get(keyText(headKey(id))) ?? []);
      return {
        heads: new Map(headItems.map(item => [item.pk.slice('STRATEGY#'.length), strategyHead(item)])),
        fired: new Map(strategyIds.map(id => [id, versioned<Fired>(items.get(keyText(firedKey(id))), {})])),
        health: new Map(botIds.map(id => [id, versioned(items.get(keyText(healthKey(id))), newHealth(nowMs))])),
      };
    },
    readFired: async id => versioned<Fired>(await table.get(firedKey(id)), {}),
    saveFired: (id, version, fired) => save(firedKey(id), version, fired),
    saveHealth: (id, version, health) => save(healthKey(id), version, health),
  };
}

function versioned<T>(item: Item | undefined, absent: T): Versioned<T> {
  return item === undefined
    ? { version: 0, value: absent }
    : { version: Number(item['version']), value: JSON.parse(String(item['value'])) as T };
}
