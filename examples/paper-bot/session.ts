import { createEmitter, type Emitter } from '../../bot/index.ts';

/** Something that happens at a moment of the simulated day. */
export interface Step {
  readonly atMs: number;
  readonly run: () => void;
}

/** One process of the bot: its emitter, and its clock, which stands at the moment of the step that runs. */
export interface Session {
  readonly emitter: () => Emitter;
  readonly nowMs: () => number;
  /** Runs the steps in order of time; steps of equal time keep their order. The clock never goes back. */
  readonly play: (steps: readonly Step[]) => void;
  /** A new process: the count of its events starts anew under another instance id. */
  readonly restart: () => void;
  readonly instanceId: () => string;
  /** The line that was written last. */
  readonly newestLine: () => string;
  /** Writes a line as it is. */
  readonly write: (line: string) => void;
}

export interface SessionOptions {
  readonly strategyId: string;
  readonly accountId: string;
  readonly runId: string;
  readonly emit: (line: string) => void;
}

export function openSession({ strategyId, accountId, runId, emit }: SessionOptions): Session {
  let clockMs = 0;
  let count = 0;
  let newest = '';
  let emitter: Emitter;
  const instanceId = () => `${strategyId}-${runId}.${count}`;
  const write = (line: string) => {
    newest = line;
    emit(line);
  };
  const restart = () => {
    count += 1;
    const source = { system: 'paper-bot', version: '1.0.0', instanceId: instanceId() };
    emitter = createEmitter({ strategyId, accountId, source, environment: 'paper', write, now: () => clockMs });
  };
  restart();
  return {
    emitter: () => emitter,
    nowMs: () => clockMs,
    play: steps => {
      for (const { atMs, run } of [...steps].sort((a, b) => a.atMs - b.atMs)) {
        clockMs = Math.max(clockMs, atMs);
        run();
      }
    },
    restart,
    instanceId,
    newestLine: () => newest,
    write,
  };
}
