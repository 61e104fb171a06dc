import { describe, expect, it } from 'vitest';
import { createDesk } from '../../core/incidents/desk.ts';
import type { KeyState } from '../../core/incidents/incident.ts';
import { routingOfSeverities } from '../../core/incidents/routing.ts';
import { signalOfBreach } from '../../core/incidents/signal.ts';
import type { IncidentStore } from '../../core/incidents/store.ts';

/** What every store of incidents must do. `create` gives stores over one common, empty place. */
export function incidentStoreSuite(name: string, create: () => Promise<() => IncidentStore>): void {
  describe(`incident store: ${name}`, () => {
    const stateOf = (strategy: string, atMs: number): KeyState => {
      const signal = signalOfBreach({
        row: 'sessionPnl',
        alarm: 'session-loss',
        dimensions: { Strategy: strategy },
        state: 'ALARM',
        severity: 'critical',
        atMs,
        sinceMs: atMs,
        reason: 'lost too much',
      });
      const desk = createDesk(routingOfSeverities({ critical: [], warning: [], info: [] }));
      desk.hear(signal, atMs);
      return { schemaVersion: 1, key: signal.key, incident: desk.incident(signal.key)! };
    };

    it('gives back what was saved, with its version', async () => {
      const open = await create();
      const state = stateOf('s1', 1_000);
      expect(await open().load(state.key)).toBeUndefined();
      expect(await open().save(state, 0)).toBe('saved');
      expect(await open().load(state.key)).toEqual({ version: 1, state });
    });

    it('lets one of two writers win', async () => {
      const open = await create();
      const state = stateOf('s1', 1_000);
      const outcomes = await Promise.all([open().save(state, 0), open().save(state, 0)]);
      expect([...outcomes].sort()).toEqual(['conflict', 'saved']);
    });

    it('lists incidents newest first, each once', async () => {
      const open = await create();
      const older = stateOf('s1', 1_000);
      const newer = stateOf('s2', 2_000);
      await open().save(newer, 0);
      await open().save(older, 0);
      await open().save(older, 1);
      expect((await open().list(10)).map(({ key }) => key)).toEqual([newer.key, older.key]);
      expect(await open().list(1)).toHaveLength(1);
      expect((await open().find(older.incident!.id))?.key).toBe(older.key);
      expect(await open().find('2020-01-01T00:00:00.000Z#v1:x')).toBeUndefined();
    });

    it('tells which groups are due, the earliest first, until each was attended to', async () => {
      const open = await create();
      const due = (strategy: string, dueAt: number) => {
        const state = stateOf(strategy, 1_000);
        return { ...state, incident: { ...state.incident!, dueAt } };
      };
      const [late, early] = [due('s1', 9_000), due('s2', 5_000)];
      for (const state of [late, early]) await open().save(state, 0);
      expect(await open().due(4_999, 10)).toEqual([]);
      expect(await open().due(5_000, 10)).toEqual([{ key: early.key, at: 5_000 }]);
      expect(await open().due(9_000, 10)).toEqual([
        { key: early.key, at: 5_000 },
        { key: late.key, at: 9_000 },
      ]);
      await open().attended({ key: early.key, at: 5_000 });
      expect(await open().due(9_000, 1)).toEqual([{ key: late.key, at: 9_000 }]);
    });

    it('gives a group’s members in pages, each once, apart from its notes', async () => {
      const open = await create();
      const names = Array.from({ length: 230 }, (_, i) => `alert-${String(i).padStart(3, '0')}`);
      for (const name of [...names, ...names.slice(0, 5)]) await open().addMember('group', name);
      await open().addMember('other', 'alert-x');
      await open().note('group', { at: 2_000, reason: 'joined', text: 'second' });
      await open().note('group', { at: 1_000, reason: 'joined', text: 'first' });
      const found: string[] = [];
      for await (const page of open().members('group')) {
        expect(page.length).toBeLessThanOrEqual(100);
        found.push(...page);
      }
      expect(found).toEqual(names);
      expect((await open().notes('group', 0, 5_000)).map(({ text }) => text)).toEqual(['first', 'second']);
      expect(await open().notes('group', 1_500, 5_000)).toHaveLength(1);
    });

    it('counts what opens in a minute, each group once', async () => {
      const open = await create();
      const count = (key: string, now: number) => open().countOpening('critical', key, now, 2);
      expect([
        await count('a', 0),
        await count('b', 1_000),
        await count('b', 2_000),
        await count('c', 3_000),
        await count('d', 4_000),
      ]).toEqual([1, 2, 2, 3, 3]);
      expect(await count('d', 60_000)).toBe(1);
    });
  });
}
