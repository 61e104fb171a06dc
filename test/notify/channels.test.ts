import { describe, expect, it } from 'vitest';
import { bindChannel } from '../../adapters/notify/index.ts';
import { type SendTools, send } from '../../adapters/notify/send.ts';
import type { ChannelConfig } from '../../core/config/types.ts';
import { channelOf } from './every-channel.ts';

const slack = channelOf('slack');

describe('answers of a channel', () => {
  it.each<readonly [ChannelConfig['kind'], number, string, string]>([
    ['slack', 200, 'ok', 'ok'],
    ['slack', 400, 'invalid_payload', 'never client'],
    ['slack', 403, 'invalid_token', 'never auth'],
    ['slack', 404, 'no_service', 'never gone'],
    ['slack', 410, 'channel_is_archived', 'never gone'],
    ['slack', 429, '', 'later rate'],
    ['slack', 500, '', 'later server'],
    ['slackApp', 200, '{"ok":true,"channel":"C1","ts":"1.2"}', 'ok {"channel":"C1","ts":"1.2"}'],
    ['slackApp', 200, '{"ok":true}', 'ok'],
    ['slackApp', 200, '{"ok":false,"error":"invalid_auth"}', 'never auth'],
    ['slackApp', 200, '{"ok":false,"error":"missing_scope"}', 'never auth'],
    ['slackApp', 200, '{"ok":false,"error":"channel_not_found"}', 'never gone'],
    ['slackApp', 200, '{"ok":false,"error":"ratelimited"}', 'later rate'],
    ['slackApp', 200, '{"ok":false,"error":"internal_error"}', 'later server'],
    ['slackApp', 200, '{"ok":false,"error":"message_not_found"}', 'anew client'],
    ['slackApp', 200, '{"ok":false,"error":"msg_blocks_too_long"}', 'never client'],
    ['slackApp', 200, '<html>a gateway</html>', 'never client'],
    ['slackApp', 429, '', 'later rate'],
    ['slackApp', 503, '', 'later server'],
    ['pagerduty', 202, '', 'ok'],
    ['pagerduty', 400, '', 'never client'],
    ['pagerduty', 401, '', 'never auth'],
    ['pagerduty', 408, '', 'later server'],
    ['pagerduty', 429, '', 'later rate'],
    ['pagerduty', 503, '', 'later server'],
    ['telegram', 200, '{"ok":true,"result":{"message_id":7,"chat":{"id":-100}}}', 'ok {"messageId":"7","chatId":"-100"}'],
    ['telegram', 429, '{"ok":false,"error_code":429,"parameters":{"retry_after":4}}', 'later rate 4000'],
    ['telegram', 400, '{"ok":false,"description":"Bad Request: message is not modified"}', 'ok'],
    ['telegram', 400, '{"ok":false,"description":"Bad Request: message to edit not found"}', 'anew client'],
    ['telegram', 400, '{"ok":false,"description":"Bad Request: chat not found"}', 'never client'],
    ['telegram', 401, '{"ok":false,"description":"Unauthorized"}', 'never auth'],
    ['telegram', 404, '{"ok":false,"description":"Not Found"}', 'never auth'],
    ['telegram', 403, '{"ok":false,"description":"Forbidden: bot was kicked"}', 'never auth'],
    ['discord', 200, '{"id":"9"}', 'ok {"messageId":"9"}'],
    ['discord', 204, '', 'ok'],
    ['discord', 429, '{"retry_after":0.5,"global":false}', 'later rate 500'],
    ['discord', 404, '{"code":10008,"message":"Unknown Message"}', 'anew client'],
    ['discord', 404, '{"code":10015,"message":"Unknown Webhook"}', 'never gone'],
    ['teams', 202, '', 'ok'],
    ['teams', 200, 'Webhook message delivery failed with error: HTTP error 429', 'later rate'],
    ['teams', 413, '', 'never client'],
    ['webhook', 204, '', 'ok'],
    ['webhook', 301, '', 'never client'],
    ['webhook', 502, '', 'later server'],
  ])('%s %d %s is %s', (kind, status, body, expected) => {
    const verdict = bindChannel(channelOf(kind)).judge({ status, body });
    const reference = verdict.ok && verdict.reference !== undefined ? ` ${JSON.stringify(verdict.reference)}` : '';
    const wait = !verdict.ok && verdict.waitMs !== undefined ? ` ${verdict.waitMs}` : '';
    expect(verdict.ok ? `ok${reference}` : `${verdict.retry} ${verdict.kind}${wait}`).toBe(expected);
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
    ['waits until a date', [[429, 'Thu, 01 Jan 1970 00:00:03 GMT'], 200], { ok: true, tries: 2 }, [3_000]],
    ['does not wait beyond its budget', [[429, '60'], 200], { ok: false, tries: 1, retry: 'later', waitMs: 60_000 }, []],
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
