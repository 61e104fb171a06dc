import { describe, expect, it } from 'vitest';
import type { Table } from '../../adapters/aws/table.ts';

/** What every table must do: called for memory, and for DynamoDB behind any endpoint. `create` gives an empty one. */
export function tableSuite(name: string, create: () => Promise<Table>): void {
  describe(`table: ${name}`, () => {
    const item = (sk: string, version = 1) => ({ pk: 'P', sk, version, text: `text of ${sk}` });

    it('gives back what was put, with its types', async () => {
      const table = await create();
      await table.put({ pk: 'P', sk: 'a', version: 7, text: 'ünïcödé', empty: '', small: -0.25 });
      expect(await table.get({ pk: 'P', sk: 'a' })).toEqual({ pk: 'P', sk: 'a', version: 7, text: 'ünïcödé', empty: '', small: -0.25 });
      expect(await table.get({ pk: 'P', sk: 'b' })).toBeUndefined();
    });

    it('puts under condition 0 only what is not there', async () => {
      const table = await create();
      expect(await table.put(item('a'), { version: 0 })).toBe('saved');
      expect(await table.put(item('a'), { version: 0 })).toBe('conflict');
    });

    it('replaces only the version that was read', async () => {
      const table = await create();
      await table.put(item('a', 1));
      expect(await table.put(item('a', 2), { version: 1 })).toBe('saved');
      expect(await table.put(item('a', 2), { version: 1 })).toBe('conflict');
      expect(await table.put(item('b', 2), { version: 1 })).toBe('conflict');
      expect((await table.get({ pk: 'P', sk: 'a' }))?.['version']).toBe(2);
    });

    it('reads many at once, and skips what is missing', async () => {
      const table = await create();
      const names = Array.from({ length: 130 }, (_, i) => `k${String(i).padStart(3, '0')}`);
      await table.write(
        names.map(name => item(name)),
        [],
      );
      const found = await table.getAll([...names, 'missing'].map(sk => ({ pk: 'P', sk })));
      expect(found.map(({ sk }) => sk).sort()).toEqual(names);
      expect(await table.getAll([])).toEqual([]);
    });

    it('writes and deletes in one go', async () => {
      const table = await create();
      await table.put(item('old'));
      await table.write(
        [item('new')],
        [
          { pk: 'P', sk: 'old' },
          { pk: 'P', sk: 'never' },
        ],
      );
      expect(await table.get({ pk: 'P', sk: 'old' })).toBeUndefined();
      expect(await table.get({ pk: 'P', sk: 'new' })).toBeDefined();
    });

    it('lists a part of a partition from the smallest on, both ends included', async () => {
      const table = await create();
      for (const sk of ['d', 'a', 'c', 'b']) await table.put({ pk: 'P', sk });
      await table.put({ pk: 'other', sk: 'b' });
      const names = async (from: string, to: string, limit: number) => (await table.range('P', { from, to, limit })).map(({ sk }) => sk);
      expect(await names('b', 'd', 10)).toEqual(['b', 'c', 'd']);
      expect(await names('b', 'd', 2)).toEqual(['b', 'c']);
      expect(await names('b\u0000', 'c', 10)).toEqual(['c']);
      expect(await names('x', 'z', 10)).toEqual([]);
    });

    it('lists a partition newest first, at most as many as asked', async () => {
      const table = await create();
      for (const sk of ['2026-01-02', '2026-01-01', '2026-01-03']) await table.put(item(sk));
      await table.put({ pk: 'other', sk: '2027' });
      expect((await table.newest('P', 2)).map(({ sk }) => sk)).toEqual(['2026-01-03', '2026-01-02']);
    });
  });
}
