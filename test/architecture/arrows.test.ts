import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const rooms = ['bin', 'lib', 'lambdas', 'local', 'adapters', 'core', 'bot', 'examples'] as const;
type Room = (typeof rooms)[number];

/** Which rooms each room may import from, besides itself. */
const mayImport: Readonly<Record<Room, readonly Room[]>> = {
  bin: ['lib', 'lambdas', 'local', 'adapters', 'core', 'bot', 'examples'],
  lib: ['adapters', 'core'],
  lambdas: ['adapters', 'core'],
  local: ['adapters', 'core'],
  adapters: ['core'],
  core: [],
  bot: ['core'],
  examples: ['bot', 'core', 'lib'],
};

/** Rooms of core that the bot library may know: the event types and what they are written in. */
const botMayKnow = ['core/events/', 'core/time/', 'core/money/', 'core/result.ts'];

/** Packages that pure code may use: they do no I/O and read no clock. */
const purePackages = ['valibot', 'yaml'];

interface Import {
  readonly file: string;
  readonly specifier: string;
}

function sources(dir: string): string[] {
  return readdirSync(join(root, dir), { withFileTypes: true }).flatMap(entry => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return sources(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g;

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(importPattern)].map(match => ({ file, specifier: (match[1] ?? match[2] ?? match[3])! }));
}

const all = rooms.flatMap(sources).flatMap(importsOf);
const local = all
  .filter(({ specifier }) => specifier.startsWith('.'))
  .map(({ file, specifier }) => ({ file, target: relative(root, normalize(join(root, dirname(file), specifier))) }));

const roomOf = (path: string) => path.split('/')[0] as Room;

/** Things that make code impure: clocks, randomness, the environment. */
const impure =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bperformance\.now\(|\bcrypto\.random|\bsetTimeout\(|\bsetInterval\(|\bfetch\(/;

function codeOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/[^\n]*/g, '$1');
}

describe('arrows between rooms', () => {
  it('finds the imports it is meant to judge', () => {
    expect(local.length).toBeGreaterThan(20);
  });

  it('point one way', () => {
    const wrong = local.filter(({ file, target }) => roomOf(file) !== roomOf(target) && !mayImport[roomOf(file)].includes(roomOf(target)));
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('let a bot know the events and nothing else of core', () => {
    const wrong = local.filter(
      ({ file, target }) => roomOf(file) === 'bot' && roomOf(target) === 'core' && !botMayKnow.some(known => target.startsWith(known)),
    );
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('keep one function out of another', () => {
    const folder = (path: string) => path.split('/').slice(0, 2).join('/');
    const wrong = local.filter(
      ({ file, target }) =>
        roomOf(file) === 'lambdas' && roomOf(target) === 'lambdas' && folder(file) !== folder(target) && target.split('/').length > 2,
    );
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });
});

describe('core', () => {
  it('imports no package but pure ones, and nothing of Node', () => {
    const wrong = all.filter(
      ({ file, specifier }) => roomOf(file) === 'core' && !specifier.startsWith('.') && !purePackages.includes(specifier),
    );
    expect(wrong.map(({ file, specifier }) => `${file} → ${specifier}`)).toEqual([]);
  });

  it('reads no clock, no environment and no randomness', () => {
    expect(sources('core').filter(file => impure.test(codeOf(file)))).toEqual([]);
  });
});
