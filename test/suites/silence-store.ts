import { describe, expect, it } from 'vitest';
import { createSilence, expired, type SilenceStore } from '../../core/incidents/silence.ts';

/** What every store of silences must do. `create` gives stores over one common, empty place. */
export function silenceStoreSuite(name: string, create: () => Promise<() => SilenceStore>): void {
  describe(`silence store: ${name}`, () => {
    const silence = (strategy: string, endsAt: number) =>
      createSilence({
        matchers: [{ label: 'Strategy', operator: '=', value: strategy }],
        author: 'ada',
        comment: 'maintenance',
        createdAt: 0,
        startsAt: 0,
        endsAt,
      });

    it('gives back what ends later than now, the last to end first', async () => {
      const open = await create();
      const [short, long] = [silence('s1', 60_000), silence('s2', 120_000)];
      for (const each of [short, long]) await open().put(each);
      expect(await open().current(0)).toEqual([long, short]);
      expect(await open().current(60_000)).toEqual([long]);
      expect(await open().list(10)).toEqual([long, short]);
    });

    it('holds a silence once, however often its end moves', async () => {
      const open = await create();
      const first = silence('s1', 60_000);
      await open().put(first);
      await open().put({ ...first, endsAt: 90_000 });
      await open().put(expired({ ...first, endsAt: 90_000 }, 30_000));
      expect(await open().list(10)).toEqual([{ ...first, endsAt: 30_000 }]);
      expect(await open().current(30_000)).toEqual([]);
    });
  });
}
