/**
 * A function's output: one JSON object a line on stdout, where Lambda takes each line as a log event. Lines are written directly,
 * since `console.log` would wrap metric lines.
 */
export interface Output {
  readonly info: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly warn: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly error: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** Metric lines in the embedded format, already JSON. */
  readonly metrics: (lines: readonly string[]) => void;
}

export function createOutput(write: (line: string) => void = line => void process.stdout.write(`${line}\n`)): Output {
  const log =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      write(JSON.stringify({ level, message, ...fields }));
  return {
    info: log('INFO'),
    warn: log('WARN'),
    error: log('ERROR'),
    metrics: lines => {
      for (const line of lines) write(line);
    },
  };
}

/** What of an error may be logged: its name and message, cut. */
export function errorFields(error: unknown): Readonly<Record<string, string>> {
  if (error instanceof Error) return { errorName: error.name, errorMessage: error.message.slice(0, 500) };
  return { errorMessage: String(error).slice(0, 500) };
}
