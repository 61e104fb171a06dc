/** Secrets of `start --send`: from the environment, or from files that it names. Their values are never printed. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Io } from '../command.ts';

/** `nightdesk/demo/slack` → `NIGHTDESK_SECRET_NIGHTDESK_DEMO_SLACK`. */
export const secretVariable = (name: string): string => `NIGHTDESK_SECRET_${name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;

const FILE = 'file:';

/**
 * The value of the variable, or the content of the file that `file:PATH` names, without the line break at its end. A file is read each
 * time, so that a new secret works without a restart. Undefined when the variable is absent or empty.
 * @throws Error that names variable, path and reason, and nothing of the value.
 */
export function realSecret(name: string, { env, cwd }: Pick<Io, 'env' | 'cwd'>): string | undefined {
  const variable = secretVariable(name);
  const given = env[variable];
  if (given === undefined || given === '') return undefined;
  if (!given.startsWith(FILE)) return given;
  const path = resolve(cwd, given.slice(FILE.length));
  try {
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return value === '' ? undefined : value;
  } catch (error) {
    throw new Error(`${variable}: cannot read ${path} (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
  }
}

/** The same for a stack that runs: what cannot be read is absent, and said in a line. */
export function readableSecret(name: string, io: Pick<Io, 'env' | 'cwd' | 'stderr'>): string | undefined {
  try {
    return realSecret(name, io);
  } catch (error) {
    io.stderr(`nightdesk: secret ${name}: ${(error as Error).message}\n`);
    return undefined;
  }
}

/** What a person has to put right before every secret of the config can be read, a line each. */
export function missingSecrets(config: unknown, io: Pick<Io, 'env' | 'cwd'>): readonly string[] {
  return [...new Set(secretNames(config))].sort().flatMap(name => {
    try {
      return realSecret(name, io) === undefined ? [`secret ${name}: set ${secretVariable(name)} to its value, or to file:PATH`] : [];
    } catch (error) {
      return [`secret ${name}: ${(error as Error).message}`];
    }
  });
}

function secretNames(part: unknown): readonly string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) => (key === 'secretName' && typeof value === 'string' ? [value] : secretNames(value)));
}
