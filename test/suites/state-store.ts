import { describe, expect, it } from 'vitest';
import type { StrategyStore } from '../../adapters/aws/strategy-store.ts';
import { emptyPulse } from '../../core/health/pulse.ts';

/** What every store of strategy states must do. `create` gives stores over one common, empty place: each is a process of its own. */
export function stateStoreSuite(name: string, create: () => Promise<() => StrategyStore>): void {
  describe(`state store: ${name}`, () => {
    const encoded = (head: string, parts: Record<string, string> = {}) => ({ head, parts });

    it('has nothing for a strategy that was never saved', async () => {
      const store = (await create())();
      expect(await store.load('s1')).toBeUndefined();
      expect(await store.heads(['s1'])).toEqual([]);
    });

    it('gives back head and parts with the version', async () => {
      const open = await create();
      expect(await open().save('s1', 0, encoded('h1', { lots: 'l1', seen: 's1' }))).toBe('saved');
      expect(await open().load('s1')).toEqual({ version: 1, encoded: encoded('h1', { lots: 'l1', seen: 's1' }) });
    });

    it('keeps unchanged parts, replaces changed ones, forgets those no longer listed', async () => {
      const open = await create();
      const store = open();
      await store.save('s1', 0, encoded('h1', { a: 'a1', b: 'b1', c: 'c1' }));
      await store.save('s1', 1, encoded('h2', { a: 'a1', b: 'b2' }));
      expect(await open().load('s1')).toEqual({ version: 2, encoded: encoded('h2', { a: 'a1', b: 'b2' }) });
    });

    it('brings an old content back that was replaced a commit ago', async () => {
      const open = await create();
      const store = open();
      for (const [version, text] of ['x', 'y', 'x', 'y', 'x'].entries())
        await store.save('s1', version, encoded(`h${version}`, { a: text }));
      expect((await open().load('s1'))?.encoded.parts).toEqual({ a: 'x' });
    });

    it('holds hundreds of parts that come, change and go, also for a process that was not there', async () => {
      const open = await create();
      let store = open();
      let parts: Record<string, string> = {};
      for (let version = 0; version < 120; version++) {
        parts = { ...parts, [`log-${version}`]: `text ${version}`, [`log-${version - 1}`]: `text ${version}` };
        if (version > 60) delete parts[`log-${version - 61}`];
        if (version > 100) for (let gone = 0; gone < 3; gone++) delete parts[Object.keys(parts)[0]!];
        if (version % 7 === 0) store = open();
        expect(await store.save('s1', version, encoded(`h${version}`, parts))).toBe('saved');
        if (version % 5 === 0) expect((await open().load('s1'))?.encoded).toEqual(encoded(`h${version}`, parts));
      }
      expect((await open().load('s1'))?.encoded.parts).toEqual(parts);
    });

    it('lets one of two writers win, whole', async () => {
      const open = await create();
      const [one, two] = [open(), open()];
      await one.save('s1', 0, encoded('h1', { a: 'a1' }));
      await two.load('s1');
      const outcomes = await Promise.all([
        one.save('s1', 1, encoded('one', { a: 'one' })),
        two.save('s1', 1, encoded('two', { a: 'two' })),
      ]);
      expect([...outcomes].sort()).toEqual(['conflict', 'saved']);
      const stored = await open().load('s1');
      expect(stored?.encoded.parts['a']).toBe(stored?.encoded.head);
    });

    it('refuses a writer that is behind, and lets it go on after a load', async () => {
      const open = await create();
      const [one, two] = [open(), open()];
      await one.save('s1', 0, encoded('h1'));
      expect(await two.save('s1', 0, encoded('other'))).toBe('conflict');
      const current = await two.load('s1');
      expect(await two.save('s1', current!.version, encoded('h2'))).toBe('saved');
      expect(await one.save('s1', 1, encoded('late'))).toBe('conflict');
    });

    it('keeps strategies apart', async () => {
      const open = await create();
      await open().save('s1', 0, encoded('one', { a: 'same' }));
      await open().save('s2', 0, encoded('two', { a: 'same' }));
      expect((await open().load('s1'))?.encoded.head).toBe('one');
    });

    it('reads pulse and view without the books', async () => {
      const open = await create();
      const view = { schemaVersion: 1 as const, at: 5, gauges: { equity: 1 }, positions: [] };
      await open().saveWith('s1', 0, encoded('h1', { a: 'a1' }), { pulse: { ...emptyPulse, lastEventMs: 4 }, view });
      expect(await open().heads(['s1', 's2'])).toEqual([
        { strategyId: 's1', version: 1, pulse: { schemaVersion: 1, lastEventMs: 4 }, view },
      ]);
    });
  });
}
