/** Says how much of the machine the stack takes, once its functions have run and then once a day. */
import { memoryOf } from '../../local/process-memory.ts';
import type { LocalStack } from '../../local/stack.ts';
import type { Io } from '../command.ts';

/** Minutes after which every function that runs by itself has run. */
const SETTLED = 3;
const DAY = 1_440;

export function watchMemory(stack: Pick<LocalStack, 'observe' | 'processIds'>, io: Pick<Io, 'stdout'>): void {
  let minutes = 0;
  stack.observe({
    onTick: () => {
      minutes += 1;
      if (minutes % DAY === SETTLED) io.stdout(memoryLine(stack.processIds()));
    },
  });
}

function memoryLine(functions: readonly number[]): string {
  const bytes = memoryOf([process.pid, ...functions]);
  const size = bytes === undefined ? 'unknown' : `${Math.round(bytes / 1_048_576)} MB`;
  return `  Memory          ${size} in ${functions.length + 1} processes (the stack and its functions)\n`;
}
