/** What the stack and its functions use of this machine's memory. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Bytes of all processes together. On Linux what processes share, such as Node.js itself, counts once (PSS); elsewhere it counts for
 * each (RSS), which says more than is used. A process that has just ended counts as nothing; undefined where neither can be read.
 */
export function memoryOf(processIds: readonly number[]): number | undefined {
  const sizes = processIds.flatMap(id => proportional(id) ?? resident(id) ?? []);
  return sizes.length === 0 ? undefined : sizes.reduce((sum, bytes) => sum + bytes, 0);
}

function proportional(processId: number): number | undefined {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${processId}/smaps_rollup`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
  } catch {
    return undefined;
  }
}

function resident(processId: number): number | undefined {
  try {
    const kilobytes = Number(
      execFileSync('ps', ['-o', 'rss=', '-p', String(processId)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
    return Number.isFinite(kilobytes) && kilobytes > 0 ? kilobytes * 1_024 : undefined;
  } catch {
    return undefined;
  }
}
