import { expect, it } from 'vitest';
import { isCutOff } from '../../core/health/cut-off.ts';

/** `a!` is a bot on host `a` that is heard and was not reached; `.` was reached, `o` is our own trouble, `-` before it was not heard. */
const read = (text: string) =>
  text.split(' ').map(each => {
    const [, silent, host, said] = /^(-?)(\w)([!.o])$/.exec(each)!;
    const result = {
      ok: said === '.',
      tookMs: 1,
      detail: '',
      ...(said === '!' ? { unreached: true as const } : {}),
      ...(said === 'o' ? { ours: true as const } : {}),
    };
    return { host: host!, isHeard: silent === '', result };
  });

it.each([
  ['a! b! c!', true, 'nobody of three hosts is reached, and all are heard'],
  ['a! b! c.', false, 'one is reached'],
  ['a! b!', false, 'two hosts may be gone'],
  ['a! a! a!', false, 'one host is one host'],
  ['a! b! -c!', false, 'two that are heard are too few'],
  ['a! b! c! -d!', true, 'one that is silent too pages by its silence'],
  ['a! b! c! do', true, 'our own trouble says nothing'],
  ['ao bo co', false, 'and is told already'],
])('%s: %s (%s)', (asked, expected) => {
  expect(isCutOff(read(asked))).toBe(expected);
});

it.each([
  ['a!', '!', true, 'neither the one host nor the control is reached'],
  ['a!', 'o', true, 'the control was not even asked'],
  ['a!', '.', false, 'the control is reached, so the host is gone'],
  ['a! b!', '!', true, 'two hosts likewise'],
  ['-a!', '!', true, 'heard or not'],
  ['a! ao', '!', true, 'our own trouble is no way'],
  ['a! b.', '!', false, 'one is reached: the control is gone'],
  ['a! b! c!', '.', true, 'between the prober and all its bots, if not around it'],
])('%s with a control of %s: %s (%s)', (asked, control, expected) => {
  expect(isCutOff(read(asked), read(`z${control}`)[0]!.result)).toBe(expected);
});
