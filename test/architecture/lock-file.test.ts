import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

interface LockFile {
  readonly packages: Readonly<
    Record<
      string,
      { readonly optionalDependencies?: Readonly<Record<string, string>>; readonly resolved?: string; readonly optional?: boolean }
    >
  >;
}

const lock = JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8')) as LockFile;

/** A package may sit beside its parent or at any level above it. */
function isLocked(parent: string, name: string): boolean {
  const levels = parent.split('/node_modules/');
  return (
    levels.some((_, depth) => `${[...levels.slice(0, levels.length - depth), name].join('/node_modules/')}` in lock.packages) ||
    `node_modules/${name}` in lock.packages
  );
}

it('the lock file holds the optional packages of every platform', () => {
  const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter(name => !isLocked(path, name))
      .map(name => `${name} of ${path}`),
  );
  expect(missing).toEqual([]);
});

it('the lock file names no download address', () => {
  expect(Object.values(lock.packages).filter(entry => entry.resolved !== undefined)).toEqual([]);
});
