import { describe, expect, it } from 'vitest';
import { applySignal } from '../../core/incidents/life-cycle.ts';
import { signalOfBreach } from '../../core/incidents/signal.ts';
import type { IncidentStore } from '../../core/incidents/store.ts';

/** What every store of incidents must do. `create` gives stores over one common, empty place. */
export function incidentStoreSuite(name: string, create: () => Promise<() => IncidentStore>): void {
  describe(`incident store: ${name}`, () => {
    const stateOf = (strategy: string, atMs: number) => {
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
      return applySignal(undefined, signal, atMs).state;
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
    });
  });
}
