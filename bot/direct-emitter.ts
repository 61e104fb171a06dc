import { directInstance } from '../core/events/sender.ts';
import { createEmitter, type Emitter, type EmitterOptions } from './emitter.ts';

export interface DirectEmitterOptions extends EmitterOptions {
  /** The fast way beside `write`, such as an HTTP sink's. */
  readonly direct: (line: string) => void;
}

/**
 * An emitter that says twice what cannot wait for the log's delivery: controls and errors as the same line both ways, heartbeats as a
 * line of its own, numbered apart (instance `…/direct`), because a number that overtakes its neighbours looks like missing lines.
 */
export function createDirectEmitter({ direct, ...options }: DirectEmitterOptions): Emitter {
  let isUrgent = false;
  const write = (line: string) => {
    options.write(line);
    if (isUrgent) direct(line);
  };
  const main = createEmitter({ ...options, write });
  const { source } = options;
  const twin = createEmitter({
    ...options,
    source: { ...source, instanceId: directInstance(source) },
    write: direct,
  });
  const urgently =
    <R>(emit: (report: R) => string) =>
    (report: R) => {
      isUrgent = true;
      try {
        return emit(report);
      } finally {
        isUrgent = false;
      }
    };
  return {
    ...main,
    control: urgently(main.control),
    error: urgently(main.error),
    heartbeat: report => {
      twin.heartbeat(report);
      return main.heartbeat(report);
    },
  };
}
