import { createHmac } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { deliver } from '../../adapters/notify/deliver.ts';
import { slackBody } from '../../adapters/notify/slack/render.ts';
import type { ChannelConfig } from '../../core/config/types.ts';
import { CLAIM_MS } from '../../core/incidents/duties.ts';
import { channelOf } from './every-channel.ts';
import { fakeWeb } from './fake-web.ts';
import { page } from './pages.ts';

const posted = { body: { ok: true, channel: 'C0123456789', ts: '1700.1' } };
const to = (kind: ChannelConfig['kind']) => ({ channelId: kind, config: channelOf(kind) });
const methods = (asked: readonly { readonly url: string }[]) => asked.map(({ url }) => url.split('/').at(-1));

describe('a message that is edited', () => {
  it.each<readonly [ChannelConfig['kind'], object, string, string]>([
    ['slackApp', { body: { ok: true, channel: 'C0123456789', ts: '1700.1' } }, 'POST', 'https://slack.com/api/chat.update'],
    [
      'telegram',
      { body: { ok: true, result: { message_id: 7, chat: { id: -1001234567890 } } } },
      'POST',
      'https://api.telegram.org/botvalue-of-tg/editMessageText',
    ],
    ['discord', { body: { id: '99' } }, 'PATCH', '/messages/99'],
  ])('%s edits what it posted first', async (kind, reply, method, address) => {
    const web = fakeWeb({ '': [reply] });
    const first = await deliver({ ...to(kind), page: page() }, web.tools);
    expect(first).toMatchObject({ ok: true });
    const before = web.asked.length;
    const { reference } = first as { reference: Record<string, string> };
    await deliver({ ...to(kind), page: page('update'), previous: reference }, web.tools);
    expect(web.asked[before]).toMatchObject({ method });
    expect(web.asked[before]!.url).toContain(address);
  });

  it.each<readonly [ChannelConfig['kind'], object]>([
    ['slackApp', { body: { ok: false, error: 'message_not_found' } }],
    ['telegram', { status: 400, body: { ok: false, description: 'Bad Request: message to edit not found' } }],
    ['discord', { status: 404, body: { code: 10_008 } }],
  ])('%s is posted anew when its message is gone', async (kind, gone) => {
    const fresh = { slackApp: posted, telegram: { body: { ok: true, result: { message_id: 8 } } }, discord: { body: { id: '100' } } };
    const web = fakeWeb({ '': [gone, fresh[kind as keyof typeof fresh]] });
    const outcome = await deliver(
      { ...to(kind), page: page('update'), previous: { channel: 'C1', ts: '1.1', messageId: '7', chatId: '-1' } },
      web.tools,
    );
    expect(outcome).toMatchObject({ ok: true });
    expect(web.asked.length).toBeGreaterThanOrEqual(2);
    expect(web.asked[1]!.url).not.toMatch(/chat\.update|editMessageText|messages\/7/);
  });

  it.each<ChannelConfig['kind']>(['slack', 'teams', 'email', 'amazonQ'])('%s says nothing for a silent update', async kind => {
    const web = fakeWeb();
    expect(await deliver({ ...to(kind), page: page('update') }, web.tools)).toMatchObject({ ok: true, tries: 0 });
    expect([...web.asked, ...web.published]).toEqual([]);
  });

  const text = 'bot-1 was not restarted: momentum holds 2 <!channel>.';
  it.each<ChannelConfig['kind']>(['slack', 'teams', 'email', 'amazonQ'])(
    '%s tells of an update that says what became of a restart',
    async kind => {
      const web = fakeWeb();
      await deliver({ ...to(kind), page: page('update', {}, { measures: [{ label: 'Restart', value: text, isNews: true }] }) }, web.tools);
      await deliver({ ...to(kind), page: page('update', {}, { measures: [{ label: 'Restart', value: text, isNews: false }] }) }, web.tools);
      const said = [...web.asked.map(({ body }) => body), ...web.published.map(each => JSON.stringify(each))];
      expect(said).toHaveLength(1);
      expect(said[0]).toContain('bot-1 was not restarted: momentum holds 2 ');
    },
  );

  it('Slack shows it below the sentence and above the money, and nobody is called by what it says', () => {
    const body = JSON.stringify(slackBody(page('trigger', {}, { measures: [{ label: 'Restart', value: text, isNews: true }] })));
    const at = [
      'More orders are refused',
      'Restart: bot-1 was not restarted: momentum holds 2 &lt;!channel&gt;.',
      'Money at risk',
      'First action',
    ].map(part => body.indexOf(part));
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(at).not.toContain(-1);
    expect(body).not.toContain('<!channel>');
  });
});

describe('news that must wake somebody', () => {
  const before = { channel: 'C0123456789', ts: '1700.1', messageId: '7', chatId: '-1' };
  const more = page('trigger', {}, { news: 'More alerts joined' });
  const busy = {
    status: 429,
    body: { ok: false, error: 'ratelimited', description: 'Too Many Requests', parameters: { retry_after: 20 } },
  };
  const cases: readonly (readonly [ChannelConfig['kind'], string, string, object])[] = [
    ['slackApp', 'chat.update', 'chat.postMessage', posted],
    ['telegram', 'editMessageText', 'sendMessage', { body: { ok: true, result: { message_id: 7, chat: { id: -1 } } } }],
    ['discord', '/messages/7', '?wait=true', { body: { id: '7' } }],
  ];

  it.each(cases)('%s has not told them while only the silent edit was taken', async (kind, edit, news, taken) => {
    const web = fakeWeb({ [edit]: [taken], [news]: [{ ...busy, headers: { 'retry-after': '20' } }] });
    const outcome = await deliver({ ...to(kind), page: more, previous: before }, web.tools);
    expect(outcome).toMatchObject({ ok: false, retry: 'later', kind: 'rate', waitMs: 20_000 });
  });

  it.each(cases)('%s repeats the edit, and tells them', async (kind, edit, news, taken) => {
    const web = fakeWeb({ [edit]: [taken], [news]: [taken] });
    expect(await deliver({ ...to(kind), page: more, previous: before }, web.tools)).toMatchObject({ ok: true });
    expect(web.asked.map(({ url }) => url).join(' ')).toMatch(new RegExp(`${edit}.*${news.replace('?', '\\?')}`));
  });

  it.each(cases)('%s takes the end for told when only its reply is refused', async (kind, edit, news, taken) => {
    const web = fakeWeb({ [edit]: [taken], [news]: [busy] });
    const end = page('resolve', {}, { news: 'Resolved' });
    expect(await deliver({ ...to(kind), page: end, previous: before }, web.tools)).toMatchObject({ ok: true });
  });
});

describe('a slow channel', () => {
  it('is done, or given back to the outbox, before somebody else may take over its duty', async () => {
    const web = fakeWeb({
      'chat.update': [new Error('reset'), { body: { ok: false, error: 'message_not_found' } }],
      'chat.postMessage': [new Error('reset'), posted],
      getUploadURLExternal: [new Error('reset')],
    });
    const { send } = web.tools;
    const fetch: typeof send.fetch = async (url, init) => {
      await send.sleep(4_900);
      return send.fetch(url, init);
    };
    const startMs = send.now();
    const outcome = await deliver(
      { ...to('slackApp'), page: page(), previous: { channel: 'C1', ts: '1' } },
      { ...web.tools, send: { ...send, fetch }, chart: async () => new Uint8Array([1]) },
    );
    expect(outcome).toMatchObject({ ok: true, reference: { ts: '1700.1' } });
    expect(send.now() - startMs).toBeLessThan(CLAIM_MS - 3_000);
  });

  it('gets its message without the chart when that took long', async () => {
    const web = fakeWeb({ 'chat.postMessage': [new Error('reset'), posted] });
    const { send } = web.tools;
    const fetch: typeof send.fetch = async (url, init) => {
      await send.sleep(6_500);
      return send.fetch(url, init);
    };
    const slow = { ...web.tools, send: { ...send, fetch, random: () => 0 }, chart: async () => new Uint8Array([1]) };
    expect(await deliver({ ...to('slackApp'), page: page() }, slow)).toMatchObject({ ok: true, reference: { ts: '1700.1' } });
    expect(methods(web.asked)).toEqual(['chat.postMessage', 'chat.postMessage']);
  });

  it('is not waited for when its secret hangs', async () => {
    vi.useFakeTimers();
    try {
      const web = fakeWeb();
      const secrets = { read: () => new Promise<string>(() => undefined), forget: () => undefined };
      const outcome = deliver({ ...to('discord'), page: page() }, { ...web.tools, secrets });
      await vi.advanceTimersByTimeAsync(5_000);
      expect(await outcome).toMatchObject({ ok: false, retry: 'later', kind: 'secret', detail: expect.stringContaining('TimeoutError') });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('Slack with a bot token', () => {
  const replies = {
    'chat.postMessage': [posted],
    'chat.update': [posted],
    getUploadURLExternal: [{ body: { ok: true, upload_url: 'https://files.slack.com/upload/v1/abc', file_id: 'F1' } }],
    '/upload/v1/': [{ body: 'OK - 3' }],
    completeUploadExternal: [{ body: { ok: true } }],
  };
  const chart = async () => new Uint8Array([1, 2, 3]);

  it('posts first, then uploads the chart and puts it into the message', async () => {
    const web = fakeWeb(replies);
    const outcome = await deliver({ ...to('slackApp'), page: page() }, { ...web.tools, chart });
    expect(outcome).toMatchObject({ ok: true, reference: { channel: 'C0123456789', ts: '1700.1', file: 'F1' } });
    expect(methods(web.asked)).toEqual([
      'chat.postMessage',
      'files.getUploadURLExternal',
      'abc',
      'files.completeUploadExternal',
      'chat.update',
    ]);
    expect(web.asked[2]!.body).toBe('3 bytes');
    expect(web.asked[2]!.headers).not.toHaveProperty('authorization');
    expect(web.asked.at(-1)!.body).toContain('"slack_file":{"id":"F1"}');
  });

  it('pages without the chart when the upload fails, and says so', async () => {
    const web = fakeWeb({ ...replies, getUploadURLExternal: [{ body: { ok: false, error: 'missing_scope' } }] });
    const outcome = await deliver({ ...to('slackApp'), page: page() }, { ...web.tools, chart });
    expect(outcome).toMatchObject({ ok: true, reference: { ts: '1700.1' }, detail: expect.stringContaining('missing_scope') });
  });

  it('sends bytes to no address but Slack’s', async () => {
    const web = fakeWeb({
      ...replies,
      getUploadURLExternal: [{ body: { ok: true, upload_url: 'https://evil.example/x', file_id: 'F1' } }],
    });
    await deliver({ ...to('slackApp'), page: page() }, { ...web.tools, chart });
    expect(web.asked.map(({ url }) => new URL(url).hostname)).not.toContain('evil.example');
  });

  it('tells the end in the thread and to the channel, and turns the message green without buttons', async () => {
    const web = fakeWeb(replies);
    await deliver({ ...to('slackApp'), page: page('resolve'), previous: { channel: 'C0123456789', ts: '1700.1', file: 'F1' } }, web.tools);
    expect(methods(web.asked)).toEqual(['chat.update', 'chat.postMessage']);
    expect(web.asked[0]!.body).toContain('#2eb67d');
    expect(web.asked[0]!.body).not.toContain('"acknowledge"');
    expect(JSON.parse(web.asked[1]!.body)).toMatchObject({ thread_ts: '1700.1', reply_broadcast: true, text: 'Resolved after 3 min' });
  });

  it('takes the button to acknowledge away once somebody has', async () => {
    const web = fakeWeb(replies);
    await deliver({ ...to('slackApp'), page: page() }, web.tools);
    await deliver({ ...to('slackApp'), page: page('acknowledge'), previous: { channel: 'C1', ts: '1' } }, web.tools);
    const [opened, acknowledged] = web.asked.map(({ body }) => body);
    expect(opened).toContain('"action_id":"acknowledge"');
    expect(acknowledged).not.toContain('"action_id":"acknowledge"');
    expect(acknowledged).toContain('"action_id":"silence-1h"');
    expect(acknowledged).toContain('Acknowledged by ana');
  });
});

describe('secrets', () => {
  it('go the way that the incident was opened on', async () => {
    const web = fakeWeb({ '': [{ status: 202 }] });
    const opened = await deliver({ ...to('pagerduty'), page: page() }, web.tools);
    expect(opened).toMatchObject({ ok: true, routedBy: 'pd' });
    await deliver({ ...to('pagerduty'), page: page('resolve'), routedBy: 'an-older-key' }, web.tools);
    expect(web.asked.map(({ body }) => JSON.parse(body).routing_key)).toEqual(['value-of-pd', 'value-of-an-older-key']);
  });

  it('are forgotten when a channel refuses them, and never said', async () => {
    const web = fakeWeb({ '': [{ status: 401, body: 'no such token: value-of-tg' }] });
    const outcome = await deliver({ ...to('telegram'), page: page() }, web.tools);
    expect(outcome).toMatchObject({ ok: false, retry: 'never', kind: 'auth' });
    expect(JSON.stringify(outcome)).not.toContain('value-of-tg');
    expect(web.forgotten).toEqual(['tg']);
  });

  it('that cannot be read leave the page for later', async () => {
    const web = fakeWeb();
    const secrets = { read: async () => Promise.reject(new Error('denied')), forget: () => undefined };
    expect(await deliver({ ...to('discord'), page: page() }, { ...web.tools, secrets })).toMatchObject({ ok: false, retry: 'later' });
  });
});

describe('a signed webhook', () => {
  it('signs the time and the exact body', async () => {
    const web = fakeWeb();
    await deliver({ ...to('webhook'), page: page() }, web.tools);
    const [{ headers, body, url }] = web.asked as [(typeof web.asked)[number]];
    const expected = createHmac('sha256', 'value-of-hook-secret').update(`${headers['x-nightdesk-timestamp']}.${body}`).digest('hex');
    expect(url).toBe('value-of-hook-url');
    expect(headers['x-nightdesk-signature']).toBe(`v1=${expected}`);
    expect(headers['x-nightdesk-timestamp']).toBe(String(Date.parse('2026-11-22T03:03:42Z') / 1000));
  });
});

describe('channels over SNS', () => {
  it.each<readonly [ChannelConfig['kind'], object]>([
    ['email', { topicArn: 'arn:aws:sns:eu-west-1:1:made', subject: expect.stringMatching(/^\[CRIT\] momentum@kraken: order rejects 12/) }],
    ['amazonQ', { topicArn: 'arn:aws:sns:eu-west-1:1:made', subject: undefined }],
  ])('%s publishes to the topic of the stack when the config names none', async (kind, expected) => {
    const web = fakeWeb();
    const config = kind === 'email' ? ({ kind, addresses: ['a@example.com'] } as const) : ({ kind: 'amazonQ' } as const);
    const topicOf = () => 'arn:aws:sns:eu-west-1:1:made';
    expect(await deliver({ channelId: 'x', config, page: page() }, { ...web.tools, topicOf })).toMatchObject({ ok: true });
    expect(web.published).toEqual([expect.objectContaining(expected)]);
  });

  it.each([
    ['AuthorizationErrorException', 'never'],
    ['ThrottledException', 'later'],
  ])('%s is %s', async (name, retry) => {
    const web = fakeWeb();
    const publish = async () => Promise.reject(Object.assign(new Error('x'), { name }));
    expect(await deliver({ ...to('email'), page: page() }, { ...web.tools, publish })).toMatchObject({ ok: false, retry });
  });
});

describe('PagerDuty', () => {
  it('takes the details out of an event that is too large, and says so', async () => {
    const web = fakeWeb({ '': [{ status: 202 }] });
    const huge = { ...page(), facts: Array.from({ length: 1_500 }, (_, index) => ({ label: `D${index}`, value: 'x'.repeat(500) })) };
    await deliver({ ...to('pagerduty'), page: huge }, web.tools);
    const body = JSON.parse(web.asked[0]!.body) as { payload: { custom_details: Record<string, string> } };
    expect(web.asked[0]!.body.length).toBeLessThan(512_000);
    expect(body.payload.custom_details['Note']).toMatch(/^The details were left out: the event had \d+ bytes/);
    expect(body.payload.custom_details['First action']).toMatch(/^Check the venue/);
  });

  it.each([
    ['trigger', 'trigger'],
    ['update', 'trigger'],
    ['acknowledge', 'acknowledge'],
    ['resolve', 'resolve'],
  ] as const)('%s is a %s under the same key', async (duty, action) => {
    const web = fakeWeb({ '': [{ status: 202 }] });
    await deliver({ ...to('pagerduty'), page: page(duty) }, web.tools);
    expect(JSON.parse(web.asked[0]!.body)).toMatchObject({ event_action: action, dedup_key: 'v1:order-rejects:Strategy=momentum' });
  });
});
