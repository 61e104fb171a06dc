import { describe, expect, it } from 'vitest';
import { UsageError } from '../../bin/command.ts';
import { usualPort } from '../../bin/start/open-stack.ts';

describe('the port where none is named', () => {
  it.each([
    [undefined, 4399],
    ['', 4399],
    ['5000', 5000],
    ['65535', 65_535],
  ])('is for NIGHTDESK_PORT=%s %d', (named, port) => {
    expect(usualPort(named === undefined ? {} : { NIGHTDESK_PORT: named })).toBe(port);
  });

  it.each(['0', '65536', '80.5', 'http'])('is not %s', named => {
    expect(() => usualPort({ NIGHTDESK_PORT: named })).toThrow(
      new UsageError(`NIGHTDESK_PORT must be a port from 1 to 65535; was "${named}"`),
    );
  });
});
