import { afterEach, describe, expect, it, vi } from 'vitest';
import { bench, benchPromtool, hasPromtool } from '../bench/promtool.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('beside promtool', () => {
  it.skipIf(!hasPromtool())('rules of one to five points in a row fire and clear at the same minutes', () => {
    const { agree, difference, evaluations, firings } = benchPromtool(5, 1);
    expect({ agree, difference, evaluations }).toEqual({ agree: true, difference: '', evaluations: 5 * 1440 });
    expect(firings).toBeGreaterThan(10);
  });

  it('says in words that promtool is not installed, and does not fail', async () => {
    vi.stubEnv('PATH', '');
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await bench.run({ short: true });
    expect(said.mock.calls.flat().join('\n')).toContain('not installed');
  });
});
