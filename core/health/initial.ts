/** What is remembered of a bot and of the fleet before anything was heard. A file of its own: stores need it without the judgement. */
import type { EpochMs } from '../time/instant.ts';
import type { FleetMemory } from './fleet.ts';
import type { BotHealth } from './silence.ts';

export const newHealth = (now: EpochMs): BotHealth => ({ schemaVersion: 1, status: 'new', since: now, probes: {} });

export const newFleet: FleetMemory = { schemaVersion: 1 };
