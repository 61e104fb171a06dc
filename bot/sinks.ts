import { closeSync, openSync, writeSync } from 'node:fs';

/** Where lines go. `write` never throws into the strategy; what cannot be written is counted. */
export interface Sink {
  readonly write: (line: string) => void;
  /** Resolves when everything that can be written was. */
  readonly close: () => Promise<void>;
}

/** One line per write on standard output, which the log group reads. */
export function stdoutSink(): Sink {
  return {
    write: line => void process.stdout.write(`${line}\n`),
    close: () => new Promise(done => void process.stdout.write('', () => done())),
  };
}

export interface FileSink extends Sink {
  /** Lines that the disk refused. */
  readonly failed: () => number;
}

/**
 * Appends to a file, each line in one write, so that lines are whole after a crash.
 * @throws when the file cannot be opened.
 */
export function fileSink(path: string): FileSink {
  const file = openSync(path, 'a');
  let failed = 0;
  return {
    write: line => {
      try {
        writeSync(file, `${line}\n`);
      } catch {
        failed += 1;
      }
    },
    close: async () => closeSync(file),
    failed: () => failed,
  };
}

/** Writes each line to all sinks, such as standard output and intake. */
export function teeSink(...sinks: readonly Sink[]): Sink {
  return {
    write: line => {
      for (const sink of sinks) sink.write(line);
    },
    close: async () => {
      await Promise.all(sinks.map(sink => sink.close()));
    },
  };
}
