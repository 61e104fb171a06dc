import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sources } from '../../adapters/sources/index.ts';
import { parseLine } from '../../core/events/parse.ts';
import { fixturePairs, importPair, textOfImport } from './fixture-pairs.ts';

const pairs = fixturePairs();

describe('every source', () => {
  it.each(sources.map(({ name }) => name))('%s has fixtures', name => {
    expect(pairs.filter(pair => pair.source.name === name).length).toBeGreaterThan(0);
  });
});

describe.each(pairs.map(pair => ({ title: `${pair.source.name}: ${pair.name}`, pair })))('$title', ({ pair }) => {
  const imported = importPair(pair);

  it('gives the events of its fixture', () => {
    expect(textOfImport(imported)).toBe(readFileSync(pair.expectedPath, 'utf8'));
  });

  it('gives lines that are events', () => {
    expect(imported.lines.map(line => parseLine(line).kind)).toEqual(imported.lines.map(() => 'event'));
  });

  it('names each event once', () => {
    const ids = imported.lines.map(line => (JSON.parse(line) as { eventId: string }).eventId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('goes on after a restart where it stopped', () => {
    const again = pair.source.open(pair.context, JSON.parse(JSON.stringify(pair.source.open(pair.context).memory())));
    expect(again.notes()).toEqual([]);
  });
});
