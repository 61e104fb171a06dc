import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { emptyPulse, foldPulse } from '../../core/health/pulse.ts';
import { foldSequences, GAP_ALLOWANCE_MS, missingEvents, type SequencePulses } from '../../core/health/sequence.ts';
import { beat } from './beats.ts';

const late = GAP_ALLOWANCE_MS + 1;

/** An event of process `instanceId` with a number, at a second of its clock. */
const numbered = (seq: number, second = seq, instanceId = 'a'): NightdeskEvent =>
  beat(second, { seq, eventId: `${instanceId}${seq}@${second}`, source: { system: 'bot', instanceId } });

/** Each event in a batch of its own, received as it happens; what is missing when the allowance has passed. */
function missing(events: readonly NightdeskEvent[], after = late): number | undefined {
  const end = Math.max(...events.map(({ tsEvent }) => Number(tsEvent / 1_000_000n)));
  const pulses = events.reduce<SequencePulses | undefined>((pulse, event) => foldSequences(pulse, [event], Math.max(end, 0)), undefined);
  return missingEvents(pulses, end + after);
}

const seqs = (...list: readonly number[]) => list.map(seq => numbered(seq));

describe('numbers that have not come', () => {
  it.each<readonly [string, readonly NightdeskEvent[], number]>([
    ['none in a row', seqs(1, 2, 3, 4), 0],
    ['none before the first that was heard', seqs(7, 8, 9), 0],
    ['one in between', seqs(1, 2, 4), 1],
    ['many in between', seqs(1, 100), 98],
    ['two holes', seqs(1, 3, 4, 8), 4],
    ['none once what was late has come', seqs(1, 2, 5, 3, 4), 0],
    ['what is still missing of a hole', seqs(1, 6, 4), 3],
    ['each once, however often the others come', seqs(1, 4, 1, 4, 4, 1), 2],
    ['none for what comes twice and late', seqs(1, 3, 2, 2, 2), 0],
    ['none when the process counts anew', [...seqs(1, 2, 3), numbered(1, 10), numbered(2, 11)], 0],
    ['none when its first numbers come in another order', [...seqs(1, 2, 3), numbered(2, 11), numbered(1, 10), numbered(3, 12)], 0],
    ['the hole from before it counted anew, and no other', [...seqs(1, 5), numbered(1, 10), numbered(2, 11)], 3],
    ['none when that hole is filled after the restart', [...seqs(1, 3), numbered(1, 10), numbered(2, 2), numbered(2, 11)], 0],
    ['none from a straggler of the run before', [...seqs(1, 2), numbered(1, 10), numbered(50, 5), numbered(2, 11)], 0],
    ['none when what was late is dated after what overtook it', [numbered(1, 1), numbered(3, 3), numbered(2, 4), numbered(4, 5)], 0],
    ['none when that comes twice', [numbered(1, 1), numbered(3, 3), numbered(2, 4), numbered(2, 4), numbered(4, 5)], 0],
    [
      'none when it tells old events again after a restart',
      [...seqs(1, 2, 3), numbered(1, 10), numbered(2, 1), numbered(3, 2), numbered(4, 11)],
      0,
    ],
    ['none when one of these is late', [...seqs(1, 2, 3), numbered(1, 10), numbered(2, 1), numbered(4, 11), numbered(3, 2)], 0],
    ['none when its clock is set back', [numbered(1, 100), numbered(2, 101), numbered(3, 10), numbered(4, 11)], 0],
    ['none when what was late is as old as the newest', [numbered(1, 10), numbered(3, 10), numbered(2, 10)], 0],
    [
      'none when it was late and the clock has been set back meanwhile',
      [numbered(1, 100), numbered(2, 101), numbered(4, 10), numbered(3, 101)],
      0,
    ],
    ['of each process by itself', [numbered(1, 1, 'a'), numbered(3, 3, 'a'), numbered(1, 1, 'b'), numbered(2, 2, 'b')], 1],
  ])('are %s', (_, events, expected) => {
    expect(missing(events)).toBe(expected);
  });

  it('are those of the new count, also when the clock of the run before was ahead', () => {
    const ahead = [1, 2, 3].map(seq => numbered(seq, 9_000 + seq));
    const before = foldSequences(undefined, ahead, 10_000);
    const after = foldSequences(before, [numbered(1, 20), numbered(5, 24)], 24_000);
    expect(missingEvents(after, 24_000 + late)).toBe(3);
  });

  it('are not known where nothing is numbered', () => {
    expect(missingEvents(undefined, 1)).toBeUndefined();
    expect(foldSequences(undefined, [beat(1)], 1)).toBeUndefined();
    const known = foldSequences(undefined, seqs(1), 1_000);
    expect(foldSequences(known, [beat(5)], 5_000)).toBe(known);
  });

  it.each([
    [GAP_ALLOWANCE_MS, 0],
    [GAP_ALLOWANCE_MS + 1, 2],
    [86_400_000, 2],
    [86_400_001, 0],
  ])('count from after the allowance until they are given up: %d ms after they were seen', (after, expected) => {
    expect(missing(seqs(1, 4), after)).toBe(expected);
  });

  it('are those that were dropped, whatever the order, the batches and the repetitions', () => {
    const run = fc.record({
      length: fc.integer({ min: 2, max: 60 }),
      dropped: fc.uniqueArray(fc.integer({ min: 2, max: 59 }), { maxLength: 12 }),
      swaps: fc.array(fc.tuple(fc.nat(58), fc.integer({ min: 1, max: 10 })), { maxLength: 20 }),
      again: fc.array(fc.nat(58), { maxLength: 20 }),
      sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 60 }),
    });
    fc.assert(
      fc.property(run, ({ length, dropped, swaps, again, sizes }) => {
        const sent = Array.from({ length }, (_, index) => index + 1).filter(seq => !dropped.includes(seq));
        const rest = sent.slice(1);
        for (const [at, by] of swaps) {
          const [moved] = rest.splice(at % Math.max(1, rest.length), 1);
          if (moved !== undefined) rest.splice(Math.min(rest.length, (at % Math.max(1, rest.length)) + by), 0, moved);
        }
        const order = [sent[0]!, ...rest];
        for (const at of again) order.splice(order.length - (at % order.length), 0, order[at % order.length]!);
        const events = order.map(seq => numbered(seq));
        let pulses: SequencePulses | undefined;
        for (let from = 0, batch = 0; from < events.length; batch++) {
          const size = sizes[batch % sizes.length]!;
          pulses = foldSequences(pulses, events.slice(from, from + size), 1_000_000);
          from += size;
        }
        const highest = Math.max(...sent);
        expect(missingEvents(pulses, 1_000_000 + late)).toBe(dropped.filter(seq => seq < highest).length);
      }),
      { numRuns: 300 },
    );
  });

  it('are those that were dropped, whatever the dates, while each comes once', () => {
    const sent = fc.shuffledSubarray(
      Array.from({ length: 16 }, (_, index) => index + 2),
      { minLength: 1 },
    );
    const dates = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 17, maxLength: 17 });
    fc.assert(
      fc.property(sent, dates, (order, seconds) => {
        const events = [1, ...order].map(seq => numbered(seq, seconds[seq - 1]));
        expect(missing(events)).toBe(Math.max(...order) - 1 - order.length);
      }),
    );
  });

  it('are remembered for the eight newest processes and sixteen newest holes each', () => {
    const many = Array.from({ length: 20 }, (_, index) => numbered(1, index, `p${index}`));
    const pulses = many.reduce<SequencePulses | undefined>(
      (pulse, event, index) => foldSequences(pulse, [event], index * 1000),
      undefined,
    )!;
    expect(Object.keys(pulses)).toEqual(Array.from({ length: 8 }, (_, index) => `bot p${19 - index}`));
    const holes = seqs(...Array.from({ length: 40 }, (_, index) => 1 + 2 * index));
    expect(missing(holes)).toBe(16);
  });

  it('stand in the pulse, and change nothing there for events without numbers', () => {
    expect(foldPulse(emptyPulse, seqs(1, 3), 5_000).sequences?.['bot a']).toMatchObject({ next: 4, gaps: [[2, 3, 5_000]] });
    expect(foldPulse(emptyPulse, [beat(1)], 5_000)).not.toHaveProperty('sequences');
  });
});
