import { closeSync, openSync, writeSync } from 'node:fs';

/** Where lines go. `write` never throws into the strategy; what cannot be written is counted. */
export interface Sink {
  readonly write: (line: string) => void;
  /** Resolves when everything that can be written was. */
  readonly close: () => Promise<void>;
}

/** A sink that knows how many lines it could not write. */
export interface CountingSink extends Sink {
  /** Lines that the disk, or who reads the stream, refused. */
  readonly failed: () => number;
}

/** Who read a stream may have died: without a listener that would be the end of the bot too. */
const surviveError = () => undefined;

/** One line per write on standard output, which the log group reads. */
export function stdoutSink(stream: NodeJS.WritableStream = process.stdout): CountingSink {
  let failed = 0;
  if (!stream.listeners('error').includes(surviveError)) stream.on('error', surviveError);
  return {
    write: line => {
      stream.write(`${line}\n`, error => {
        if (error) failed += 1;
      });
    },
    close: () => new Promise(done => void stream.write('', () => done())),
    failed: () => failed,
  };
}

export interface FileSink extends CountingSink {}

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
