/** One core's time for a sweep over 1,000 bots of ten parts, all judged, none dead; and over as many dead ones. */

import type { Bench } from './bench.ts';
import { type FleetBot, judgeFleet, newFleetOf } from './health-fleet.ts';

export const bench: Bench = {
  name: 'health: a sweep over 1,000 bots × 10 parts (at most 1 s of one core)',
  run: async () => {
    for (const [title, bots] of [
      ['alive', newFleetOf(1_000, 10, 0)],
      ['dead', newFleetOf(1_000, 10, 3_600)],
    ] as readonly (readonly [string, readonly FleetBot[]])[]) {
      const began = process.cpuUsage();
      const { silent } = judgeFleet({ schemaVersion: 1 }, bots, 4_000_000);
      const { user, system } = process.cpuUsage(began);
      console.log(`${title.padEnd(6)} ${((user + system) / 1_000).toFixed(0)} ms of CPU, ${silent} silent`);
    }
  },
};
