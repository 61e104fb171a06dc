import type { Resources } from '../../bot/index.ts';
import type { Random } from './random.ts';

const dayMs = 86_400_000;

/** What a small bot would use on a shared machine: a daily wave, noise, memory that creeps up and is given back each day. */
export function simulatedResources(random: Random): (nowMs: number) => Resources {
  return nowMs => {
    const dayShare = (nowMs % dayMs) / dayMs;
    const wave = 1 + Math.sin(2 * Math.PI * (dayShare - 0.35));
    const memoryBytes = Math.round(240e6 + 60e6 * dayShare + 8e6 * random.next());
    return {
      cpuPercent: Math.round((6 + 7 * wave + 3 * random.next()) * 10) / 10,
      memoryPercent: Math.round((memoryBytes / 2e9) * 1000) / 10,
      memoryBytes,
      diskReadBytesPerSecond: Math.round(2_000 * random.next()),
      diskWriteBytesPerSecond: Math.round(18_000 + 9_000 * wave + 4_000 * random.next()),
      networkReceiveBytesPerSecond: Math.round(90_000 + 60_000 * wave + 20_000 * random.next()),
      networkTransmitBytesPerSecond: Math.round(9_000 + 4_000 * wave + 2_000 * random.next()),
      networkLatencyMs: Math.round((11 + 5 * random.next() + 12 * random.next() ** 6) * 10) / 10,
    };
  };
}
