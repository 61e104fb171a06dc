import { expect, it } from 'vitest';
import { createTurns } from '../../local/web/turns.ts';

/** Frames that begin when told, and a clock that each job moves. */
function screen(budgetMs: number) {
  let nowMs = 0;
  const asked: (() => void)[] = [];
  const done: string[] = [];
  const turns = createTurns({ budgetMs, now: () => nowMs, frame: begin => asked.push(begin) });
  return {
    done,
    asked,
    job: (name: string, ms: number) =>
      turns.run(() => {
        nowMs += ms;
        done.push(name);
      }),
    frame: () => {
      for (const begin of asked.splice(0)) begin();
      done.push('|');
    },
    fail: () =>
      turns.run(() => {
        throw new Error('cannot be drawn');
      }),
  };
}

it('fills a frame up to its budget and goes on in the next, in the order of asking', async () => {
  const { job, frame, done, asked } = screen(5);
  const all = [job('a', 2), job('b', 2), job('c', 2), job('d', 2)];
  expect(asked).toHaveLength(1);
  frame();
  frame();
  await Promise.all(all);
  expect(done.join('')).toBe('abc|d|');
  expect(asked).toHaveLength(0);
});

it('does one job a frame when each takes longer than that', () => {
  const { job, frame, done } = screen(5);
  for (const name of ['a', 'b', 'c']) void job(name, 30);
  frame();
  frame();
  frame();
  expect(done.join('')).toBe('a|b|c|');
});

it('tells who asked when a job fails, and goes on with the others', async () => {
  const { job, fail, frame, done } = screen(5);
  const failed = expect(fail()).rejects.toThrow('cannot be drawn');
  const fine = job('a', 1);
  frame();
  await Promise.all([failed, fine]);
  expect(done.join('')).toBe('a|');
});

it('asks for one frame only, also when a job asks for more work', () => {
  const { job, frame, asked, done } = screen(1);
  void job('a', 2).then(() => job('b', 2));
  void job('c', 2);
  frame();
  expect(asked).toHaveLength(1);
  expect(done.join('')).toBe('a|');
});
