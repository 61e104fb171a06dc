import { describe, expect, it } from 'vitest';
import { bindChannel } from '../../adapters/notify/index.ts';
import { type SendTools, send } from '../../adapters/notify/send.ts';
import type { ChannelConfig } from '../../core/config/types.ts';

const slack: ChannelConfig = { kind: 'slack', webhook: { secretName: 's' } };
const pagerduty: ChannelConfig = { kind: 'pagerduty', routingKey: { secretName: 'p' }, region: 'us' };

describe('answers of a channel', () => {
  it.each<readonly [ChannelConfig['kind'], number, string]>([
    ['slack', 200, 'ok'],
    ['slack', 400, 'never client'],
    ['slack', 403, 'never auth'],
    ['slack', 404, 'never gone'],
    ['slack', 410, 'never gone'],
    ['slack', 429, 'later rate'],
    ['slack', 500, 'later server'],
    ['pagerduty', 202, 'ok'],
    ['pagerduty', 400, 'never client'],
    ['pagerduty', 401, 'never auth'],
    ['pagerduty', 408, 'later server'],
    ['pagerduty', 429, 'later rate'],
    ['pagerduty', 503, 'later server'],
  ])('%s %d is %s', (kind, status, expected) => {
    const verdict = bindChannel(kind === 'slack' ? slack : pagerduty).judge({ status, body: '' });
    expect(verdict.ok ? 'ok' : `${verdict.retry} ${verdict.kind}`).toBe(expected);
  });
});

describe('sending', () => {
  const request = { url: 'https://hooks.slack.com/services/secret', headers: {}, body: {} };

  function tools(answers: readonly (number | Error | readonly [number, string])[]) {
    const queue = [...answers];
    const waits: number[] = [];
    let nowMs = 0;
    const made: SendTools = {
      fetch: async () => {
        const answer = queue.shift() ?? 200;
        if (answer instanceof Error) throw answer;
        const [status, after] = typeof answer === 'number' ? [answer, undefined] : answer;
        return new Response('', { status, ...(after === undefined ? {} : { headers: { 'retry-after': after } }) });
      },
      sleep: async ms => {
        waits.push(ms);
        nowMs += ms;
      },
      now: () => nowMs,
      random: () => 0.5,
    };
    return { made, waits };
  }

  it.each<readonly [string, readonly (number | Error | readonly [number, string])[], object, readonly number[]]>([
    ['accepts at once', [200], { ok: true, tries: 1 }, []],
    ['waits longer with each try', [500, 502, 200], { ok: true, tries: 3 }, [600, 1_200]],
    ['gives up after three tries', [500, 500, 500, 200], { ok: false, tries: 3, retry: 'later' }, [600, 1_200]],
    ['waits as long as it is told', [[429, '4'], 200], { ok: true, tries: 2 }, [4_000]],
    ['does not wait beyond its budget', [[429, '60'], 200], { ok: false, tries: 1, retry: 'later' }, []],
    ['does not repeat what is wrong', [400, 200], { ok: false, tries: 1, retry: 'never' }, []],
    ['takes a broken connection as passing', [new TypeError('fetch failed'), 200], { ok: true, tries: 2 }, [600]],
  ])('%s', async (_name, answers, expected, waits) => {
    const { made, waits: waited } = tools(answers);
    expect(await send(request, bindChannel(slack).judge, made)).toMatchObject(expected);
    expect(waited).toEqual(waits);
  });

  it('names a failure without the address, which is the secret', async () => {
    const failure = new TypeError('request to https://hooks.slack.com/services/secret failed', { cause: { code: 'ENOTFOUND' } });
    const outcome = await send(request, bindChannel(slack).judge, tools([failure, failure, failure]).made);
    expect(outcome.detail).toBe('network failure (ENOTFOUND)');
  });
});
