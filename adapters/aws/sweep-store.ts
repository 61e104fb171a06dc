import type { ActivityProfile } from '../../core/health/activity.ts';
import { readClosures, type ToldClosure } from '../../core/health/closure.ts';
import type { FleetMemory } from '../../core/health/fleet.ts';
import { newFleet, newHealth } from '../../core/health/initial.ts';
import type { BotHealth } from '../../core/health/silence.ts';
import type { TimerChain } from '../../core/health/timer-chain.ts';
import type { Fired } from '../../core/incidents/fast-path.ts';
import { closuresKey } from './closure-store.ts';
import { createFiredStore, type FiredStore, firedKey, saveVersioned, type Versioned, versioned } from './fired-store.ts';
import { healthKey } from './probe-states.ts';
import { type StrategyHead, strategyHead } from './strategy-store.ts';
import type { Key, Table } from './table.ts';

export type { Versioned } from './fired-store.ts';

export interface SweepState {
  readonly heads: ReadonlyMap<string, StrategyHead>;
  readonly fired: ReadonlyMap<string, Versioned<Fired>>;
  readonly health: ReadonlyMap<string, Versioned<BotHealth>>;
  /** What is usual for each strategy. */
  readonly usual: ReadonlyMap<string, ActivityProfile>;
  readonly fleet: Versioned<FleetMemory>;
  /** The newest message of the fast timer; undefined before the first. */
  readonly chain: Versioned<TimerChain | undefined>;
  /** Closures of markets that were told, also those that are over. */
  readonly closures: readonly ToldClosure[];
}

/** What sweeps remember: `STRATEGY#<id>/BREACHES`, `BOT#<id>/HEALTH`, `FLEET/HEALTH` and `TIMER/CHAIN`, all compare-and-set. */
export interface SweepStore extends FiredStore {
  /** Everything that one sweep needs, in as few reads as possible. Bots never seen are `new` since `nowMs`. */
  readonly read: (botIds: readonly string[], strategyIds: readonly string[], nowMs: number) => Promise<SweepState>;
  readonly readHealth: (botId: string, nowMs: number) => Promise<Versioned<BotHealth>>;
  readonly saveHealth: (botId: string, version: number, health: BotHealth) => Promise<'saved' | 'conflict'>;
  /** Last writer wins: two sweeps of one hour have learnt the same. */
  readonly saveUsual: (strategyId: string, usual: ActivityProfile) => Promise<void>;
  readonly saveFleet: (version: number, fleet: FleetMemory) => Promise<'saved' | 'conflict'>;
  readonly saveChain: (version: number, chain: TimerChain) => Promise<'saved' | 'conflict'>;
}

const headKey = (id: string): Key => ({ pk: `STRATEGY#${id}`, sk: 'HEAD' });
const usualKey = (id: string): Key => ({ pk: `STRATEGY#${id}`, sk: 'USUAL' });
const fleetKey: Key = { pk: 'FLEET', sk: 'HEALTH' };
const chainKey: Key = { pk: 'TIMER', sk: 'CHAIN' };
const keyText = ({ pk, sk }: Key) => `${pk}\n${sk}`;

export function createSweepStore(table: Table): SweepStore {
  const save = (key: Key, version: number, value: unknown) => saveVersioned(table, key, version, value);
  return {
    read: async (botIds, strategyIds, nowMs) => {
      const keys = [
        fleetKey,
        chainKey,
        closuresKey,
        ...botIds.map(healthKey),
        ...strategyIds.flatMap(id => [headKey(id), firedKey(id), usualKey(id)]),
      ];
      const items = new Map((await table.getAll(keys)).map(item => [keyText(item), item]));
      const headItems = strategyIds.flatMap(id => items.get(keyText(headKey(id))) ?? []);
      return {
        heads: new Map(headItems.map(item => [item.pk.slice('STRATEGY#'.length), strategyHead(item)])),
        fired: new Map(strategyIds.map(id => [id, versioned<Fired>(items.get(keyText(firedKey(id))), {})])),
        health: new Map(botIds.map(id => [id, versioned(items.get(keyText(healthKey(id))), newHealth(nowMs))])),
        usual: new Map(
          strategyIds.flatMap(id => {
            const item = items.get(keyText(usualKey(id)));
            return item === undefined ? [] : [[id, JSON.parse(String(item['value'])) as ActivityProfile] as const];
          }),
        ),
        fleet: versioned(items.get(keyText(fleetKey)), newFleet),
        chain: versioned<TimerChain | undefined>(items.get(keyText(chainKey)), undefined),
        closures: readClosures(items.get(keyText(closuresKey))?.['value']),
      };
    },
    ...createFiredStore(table),
    readHealth: async (id, nowMs) => versioned(await table.get(healthKey(id)), newHealth(nowMs)),
    saveUsual: async (id, usual) => void (await table.put({ ...usualKey(id), schemaVersion: 1, value: JSON.stringify(usual) })),
    saveFleet: (version, fleet) => save(fleetKey, version, fleet),
    saveChain: (version, chain) => save(chainKey, version, chain),
    saveHealth: (id, version, health) => save(healthKey(id), version, health),
  };
}
