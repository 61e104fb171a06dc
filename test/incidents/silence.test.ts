import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Matcher, matchesAll, parseMatcher, parseMatchers, showMatcher } from '../../core/incidents/matcher.ts';
import { createSilence, expired, type SilenceInput, silenceProblem, silenceState, silencesOf } from '../../core/incidents/silence.ts';

const labels = { alertname: 'order-reject-share', Strategy: 'btc-1', severity: 'critical' };

describe('matchers', () => {
  it.each<readonly [string, boolean]>([
    ['Strategy="btc-1"', true],
    ['Strategy=btc-1', true],
    ['Strategy!=btc-1', false],
    ['Strategy=~"btc-.*"', true],
    ['Strategy=~btc', false],
    ['Strategy=~"btc|btc-1"', true],
    ['Strategy!~"eth-.*"', true],
    ['Venue=""', true],
    ['Venue!=""', false],
    ['Venue=~".*"', true],
    ['Venue!~".+"', true],
    ['{Strategy="btc-1",severity=~"critical|warning"}', true],
    ['Strategy="btc-1", severity="info"', false],
    ['"Strategy"="btc-1"', true],
  ])('%s', (text, holds) => {
    const read = parseMatchers(text);
    expect(read.ok && matchesAll(read.value, labels)).toBe(holds);
  });

  it.each(['', '=x', 'a', 'a=~"("', 'a==~b"', `a=~"${'x'.repeat(501)}"`])('refuses %s', text => {
    expect(parseMatcher(text).ok).toBe(false);
  });

  it('reads what it shows', () => {
    const matcher = fc.record<Matcher>({
      label: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,10}$/),
      operator: fc.constantFrom('=', '!='),
      value: fc.string({ maxLength: 40, unit: 'binary' }).filter(text => !/\r/.test(text)),
    });
    fc.assert(
      fc.property(matcher, each => {
        expect(parseMatcher(showMatcher(each))).toEqual({ ok: true, value: each });
      }),
    );
  });
});

describe('silences', () => {
  const input: SilenceInput = {
    matchers: [{ label: 'Strategy', operator: '=', value: 'btc-1' }],
    author: 'ada',
    comment: 'rollout',
    createdAt: 0,
    startsAt: 1_000,
    endsAt: 2_000,
  };
  const silence = createSilence(input);

  it.each<readonly [number, string]>([
    [999, 'pending'],
    [1_000, 'active'],
    [1_999, 'active'],
    [2_000, 'expired'],
  ])('is at %i %s', (now, state) => {
    expect(silenceState(silence, now)).toBe(state);
    expect(silencesOf([silence], labels, now)).toEqual(state === 'active' ? [silence] : []);
  });

  it('ends when it is expired by hand, and never starts when it was pending', () => {
    expect(silenceState(expired(silence, 1_500), 1_500)).toBe('expired');
    expect(silenceState(expired(silence, 500), 1_500)).toBe('expired');
  });

  it.each<readonly [string, Partial<SilenceInput>]>([
    ['needs at least one matcher', { matchers: [] }],
    ['needs a matcher that does not match an empty label', { matchers: [{ label: 'x', operator: '=~', value: '.*' }] }],
    ['needs an author', { author: ' ' }],
    ['must end after it starts', { endsAt: 1_000 }],
    ['must end within 90 days', { endsAt: 1_000 + 91 * 86_400_000 }],
    ['x=~"(" must be a regular expression', { matchers: [input.matchers[0]!, { label: 'x', operator: '=~', value: '(' }] }],
  ])('%s', (problem, changes) => {
    expect(silenceProblem({ ...input, ...changes })).toBe(problem);
  });
});
