import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { callbackData } from '../../adapters/notify/telegram/callback.ts';
import { confirmationOf, signalOrder } from '../../core/incidents/bot-signal.ts';
import { fromAlarms, fromQueue } from '../../lambdas/actions/signals.ts';
import { signal } from '../notify/pages.ts';
import { ownMessage, snsEvent } from '../notify/payloads.ts';
import { actionsStory, incident, pagerDutyEvent, request, slackPress, startMs, telegramSays, telegramUpdate } from './actions-story.ts';

const key = incident().key;
const saidBack = (story: { readonly asked: readonly { readonly body: string }[] }) =>
  story.asked.map(({ body }) => String((JSON.parse(body) as { text?: string }).text));

describe('who is believed', () => {
  it.each([
    ['a right signature', {}, 200],
    ['a wrong secret', { secret: 'guess' }, 401],
    ['a signature of six minutes ago', { atMs: startMs - 360_000 }, 401],
    ['a signature from the future', { atMs: startMs + 360_000 }, 401],
    ['a body that was changed', { tamper: '&x=1' }, 401],
  ])('Slack with %s: %s', async (_name, options, status) => {
    const story = await actionsStory();
    expect(await story.post(slackPress('acknowledge', key, options))).toMatchObject({ statusCode: status });
    expect((await story.stored())?.status).toBe(status === 200 ? 'acknowledged' : 'open');
  });

  it.each([
    ['one signature', ['value-of-pd-webhook'], 200],
    ['several, one of which is right', ['old', 'value-of-pd-webhook'], 200],
    ['none that is right', ['old', 'older'], 401],
  ])('PagerDuty with %s', async (_name, secrets, status) => {
    const story = await actionsStory();
    expect(await story.post(pagerDutyEvent('incident.acknowledged', key, { secrets }))).toMatchObject({ statusCode: status });
  });

  it.each([
    ['the token', 'value-of-tg-webhook', 200],
    ['another token', 'guess', 401],
    ['no token', '', 401],
  ])('Telegram with %s', async (_name, token, status) => {
    const story = await actionsStory();
    expect(await story.post(telegramUpdate({ message: { text: '/status', chat: { id: -100123 } } }, token))).toMatchObject({
      statusCode: status,
    });
  });

  it.each([['chat'], ['pager'], ['phone']])('nobody without headers at %s', async channel => {
    const story = await actionsStory();
    expect(await story.post(request(channel, '{}'))).toMatchObject({ statusCode: 401 });
    expect(story.asked).toEqual([]);
  });

  it.each([['mute'], ['unknown'], ['__proto__'], ['..%2Fchat']])('no channel at %s', async channel => {
    expect(await (await actionsStory()).post(request(channel, '{}'))).toMatchObject({ statusCode: 404 });
  });

  it('reads secrets again after a refusal, once in half a minute', async () => {
    const story = await actionsStory();
    const guess = () => story.post(slackPress('acknowledge', key, { secret: 'guess' }));
    await guess();
    await guess();
    expect(story.forgotten).toEqual(['slack-signing']);
    await story.tools.send.sleep(30_000);
    await guess();
    expect(story.forgotten).toEqual(['slack-signing', 'slack-signing']);
  });

  it('refuses bodies that none of them sends', async () => {
    expect(await (await actionsStory()).post(request('chat', 'x'.repeat(300_000)))).toMatchObject({ statusCode: 413 });
  });
});

describe('who may', () => {
  it.each([
    ['somebody who is not named', { user: 'U0000000002' }, 'You are not on the list of people who may do this.'],
    ['another channel', { channel: 'C9999999999' }, 'Buttons work in the channel that Nightdesk pages only.'],
  ])('Slack tells %s alone that it is refused', async (_name, options, words) => {
    const story = await actionsStory();
    expect(await story.post(slackPress('acknowledge', key, options))).toMatchObject({ statusCode: 200 });
    expect((await story.stored())?.status).toBe('open');
    expect(JSON.parse(story.asked[0]!.body)).toMatchObject({ response_type: 'ephemeral', replace_original: false, text: words });
  });

  it('Telegram does not answer other chats at all', async () => {
    const story = await actionsStory();
    await story.post(telegramSays('/ack', -999));
    expect((await story.stored())?.status).toBe('open');
    expect(story.asked).toEqual([]);
  });
});

describe('Slack buttons', () => {
  it('acknowledge, and wake the notifier for every other channel', async () => {
    const story = await actionsStory();
    await story.post(slackPress('acknowledge', key));
    expect(await story.stored()).toMatchObject({ status: 'acknowledged', acknowledgedBy: 'ana (Slack)' });
    expect(story.woken).toEqual([key]);
    expect(saidBack(story)).toEqual(['You have it: momentum: order rejects. Everybody else is told.']);
  });

  it('say who has it when somebody was faster', async () => {
    const story = await actionsStory({
      incidents: [incident({ status: 'acknowledged', acknowledgedBy: 'ben (PagerDuty)', acknowledgedAt: 1 })],
    });
    await story.post(slackPress('acknowledge', key));
    expect(saidBack(story)).toEqual(['ben (PagerDuty) has it already: momentum: order rejects.']);
    expect(story.woken).toEqual([]);
  });

  it.each([
    ['silence-1h', 3_600_000],
    ['silence-4h', 14_400_000],
  ])('%s silences exactly this trouble', async (action, durationMs) => {
    const story = await actionsStory();
    await story.post(slackPress(action, key));
    const [silence] = await story.tools.silences.current(startMs);
    expect(silence).toMatchObject({ author: 'ana (Slack)', startsAt: startMs, endsAt: startMs + durationMs });
    expect((await story.stored())?.silencedUntil).toBe(startMs + durationMs);
  });

  it('that only open a page ask for nothing', async () => {
    const story = await actionsStory();
    expect(await story.post(slackPress('open-0', ''))).toEqual({ statusCode: 200 });
    expect(story.asked).toEqual([]);
  });

  it('answer at Slack’s own address only', async () => {
    const story = await actionsStory();
    const press = slackPress('acknowledge', key);
    const body = Buffer.from(press.body!, 'base64').toString().replace('hooks.slack.com', 'evil.example');
    const timestamp = String(startMs / 1000);
    const signature = `v0=${createHmac('sha256', 'value-of-slack-signing').update(`v0:${timestamp}:${body}`).digest('hex')}`;
    await story.post(request('chat', body, { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature }));
    expect((await story.stored())?.status).toBe('acknowledged');
    expect(story.asked).toEqual([]);
  });
});

describe('what is done inside PagerDuty', () => {
  it('is an acknowledgement here, which PagerDuty need not be told', async () => {
    const story = await actionsStory();
    await story.post(pagerDutyEvent('incident.acknowledged', key));
    const stored = await story.stored();
    expect(stored).toMatchObject({ status: 'acknowledged', acknowledgedBy: 'Ben Example (PagerDuty)' });
    expect(stored?.channels['pager']).toHaveProperty('acknowledgedAt');
    expect(stored?.channels['chat']).not.toHaveProperty('acknowledgedAt');
  });

  it('is a resolution here', async () => {
    const story = await actionsStory();
    await story.post(pagerDutyEvent('incident.resolved', key));
    expect((await story.stored())?.status).toBe('resolved');
  });

  it.each([
    ['an event of another kind', 'incident.annotated', key, '2026-11-22T03:04:00Z'],
    ['an incident of somebody else', 'incident.resolved', 'somebody-elses-key', '2026-11-22T03:04:00Z'],
    ['an event about an earlier incident of the key', 'incident.resolved', key, '2026-11-22T02:00:00Z'],
  ])('changes nothing as %s', async (_name, type, about, occurredAt) => {
    const story = await actionsStory();
    expect(await story.post(pagerDutyEvent(type, about, { occurredAt }))).toMatchObject({ statusCode: 200 });
    expect((await story.stored())?.status).toBe('open');
  });
});

describe('Telegram', () => {
  const second = incident({
    id: '2026-11-22T03:02:00.000Z#k2',
    key: 'k2',
    title: 'grid: drawdown',
    openedAt: Date.parse('2026-11-22T03:02:00Z'),
  });

  it('/status lists what is open, and how each strategy stands', async () => {
    const story = await actionsStory({ incidents: [second, incident()] });
    await story.post(telegramSays('/status@nightdesk_bot'));
    const [text = ''] = saidBack(story).map(said => said.replaceAll('\u2060', ''));
    expect(text.split('\n')).toEqual([
      '2 open:',
      '1. critical: momentum: order rejects, for 4 min',
      '2. critical: grid: drawdown, for 3 min',
      '',
      'momentum: active; today -12.30 USD; flat; heard 5 s ago',
    ]);
  });

  it.each([
    ['/ack 2', 'k2', 'You have it: grid: drawdown. Everybody else is told.'],
    ['/ack', undefined, '2 incidents are open; say which one: /status shows the list.'],
    ['/ack 7', undefined, 'There is no incident 7; /status shows the list.'],
    ['/silence 1 30m', undefined, 'Silenced for 30 min until 2026-11-22 03:35 UTC: momentum: order rejects.'],
    ['/silence 1 99d', undefined, expect.stringMatching(/^A silence lasts from 1m to 7d\./)],
    ['/halt', undefined, expect.stringMatching(/^\/halt is not a command here\./)],
  ])('%s', async (said, acknowledged, words) => {
    const story = await actionsStory({ incidents: [second, incident()] });
    await story.post(telegramSays(said));
    expect(saidBack(story).map(text => text.replaceAll('\u2060', ''))).toEqual([words]);
    for (const each of [key, 'k2']) expect((await story.stored(each))?.status).toBe(each === acknowledged ? 'acknowledged' : 'open');
  });

  it('buttons reach an incident that is open while hundreds came and went', async () => {
    const later = Array.from({ length: 210 }, (_, index) => {
      const openedAt = startMs + index * 1_000;
      return incident({ key: `k${index}`, id: `k${index}`, openedAt, status: 'resolved', resolvedAt: openedAt + 1 });
    });
    const story = await actionsStory({ incidents: [incident(), ...later] });
    const message = { message_id: 5, chat: { id: -100123 } };
    await story.post(
      telegramUpdate({ callback_query: { id: '9', from: { id: 42, username: 'ana' }, data: callbackData('acknowledge', key), message } }),
    );
    expect((await story.stored())?.acknowledgedBy).toBe('ana (Telegram)');
    expect(await story.tools.incidents.open()).toHaveLength(1);
  });

  it('buttons name their incident by a fingerprint', async () => {
    const story = await actionsStory({ incidents: [second, incident()] });
    const message = { message_id: 5, chat: { id: -100123 } };
    await story.post(
      telegramUpdate({ callback_query: { id: '9', from: { id: 42, username: 'ana' }, data: callbackData('acknowledge', 'k2'), message } }),
    );
    expect((await story.stored('k2'))?.acknowledgedBy).toBe('ana (Telegram)');
    expect(story.asked[0]!.url).toMatch(/answerCallbackQuery$/);
  });
});

const receiver = { webhook: { url: { secretName: 'bot-url' }, signingSecret: { secretName: 'bot-secret' } }, dryRun: false };

describe('a signal to the bot', () => {
  it('takes two steps, and tells nobody after the first', async () => {
    const story = await actionsStory({ signals: receiver });
    await story.post(slackPress('halt', key));
    expect(story.orders).toEqual([]);
    const asked = JSON.parse(story.asked[0]!.body) as { blocks: { elements?: { action_id: string; value: string }[] }[] };
    const button = asked.blocks.flatMap(({ elements }) => elements ?? [])[0]!;
    expect(button.action_id).toBe('confirm-halt');
    await story.post(slackPress(button.action_id, button.value));
    expect(story.orders).toEqual([expect.objectContaining({ signal: 'halt', botId: 'bot-1', key, by: 'ana (Slack)' })]);
  });

  it('is not sent when the second step comes late', async () => {
    const story = await actionsStory({ signals: receiver });
    await story.post(slackPress('confirm-halt', `${startMs - 61_000} ${confirmationOf('bot-1', key)} ${key}`));
    expect(story.orders).toEqual([]);
    expect(saidBack(story)).toEqual(['That was asked more than a minute ago; ask again.']);
  });

  const order = (changes = {}) =>
    signalOrder({ signal: 'halt', botId: 'bot-1', key, from: 'person', by: 'ana', reason: 'rejects', atMs: startMs, ...changes });
  const queued = (...orders: readonly object[]) =>
    ({ Records: orders.map((each, index) => ({ messageId: String(index), body: JSON.stringify(each) })) }) as never;

  it('is signed, and stands in the timeline', async () => {
    const story = await actionsStory({ signals: receiver });
    expect(await fromQueue(queued(order()), story.tools)).toEqual({ batchItemFailures: [] });
    const [sent] = story.asked;
    expect(sent).toMatchObject({ url: 'value-of-bot-url' });
    const expected = createHmac('sha256', 'value-of-bot-secret')
      .update(`${sent!.headers['x-nightdesk-timestamp']}.${sent!.body}`)
      .digest('hex');
    expect(sent!.headers['x-nightdesk-signature']).toBe(`v1=${expected}`);
    expect(JSON.parse(sent!.body)).toMatchObject({ kind: 'nightdesk.signal', signal: 'halt', strategies: ['momentum'] });
    expect(await story.notes()).toEqual(['halt to bot-1 by ana: sent, HTTP 200']);
  });

  it('goes to a topic where the bot reads one', async () => {
    const story = await actionsStory({ signals: { topicArn: 'arn:aws:sns:eu-west-1:111122223333:bot', dryRun: false } });
    await fromQueue(queued(order()), story.tools);
    expect(story.published).toEqual([expect.objectContaining({ topicArn: 'arn:aws:sns:eu-west-1:111122223333:bot' })]);
  });

  it('is recorded and not sent by default', async () => {
    const story = await actionsStory({ signals: { webhook: receiver.webhook } });
    await fromQueue(queued(order()), story.tools);
    expect(story.asked).toEqual([]);
    expect(await story.notes()).toEqual(['halt to bot-1 by ana: not sent: the config says dryRun']);
  });

  it('is sent once however often it is delivered', async () => {
    const story = await actionsStory({ signals: receiver });
    await fromQueue(queued(order(), order()), story.tools);
    expect(story.asked).toHaveLength(1);
    // The page keeps what was done, and is told once.
    expect((await story.stored())?.measures?.map(({ text }) => text)).toEqual(['halt to bot-1 by ana: sent, HTTP 200']);
    expect(story.woken).toEqual([key]);
  });

  const byAlarms = [0, 1, 2, 3, 4].map(n => ({ from: 'alarm', by: 'alarm session-loss', atMs: startMs + n }));

  it('is sent three times an hour at most', async () => {
    const story = await actionsStory({ signals: receiver });
    await fromQueue(queued(...byAlarms.map(order)), story.tools);
    expect(story.asked).toHaveLength(3);
    expect(await story.notes()).toContain('halt to bot-1 by alarm session-loss: not sent: the limit per hour is reached');
  });

  it('is sent by a person who confirmed a halt when alarms have used the limit up', async () => {
    const story = await actionsStory({ signals: receiver });
    await fromQueue(queued(...byAlarms.map(order)), story.tools);
    await fromQueue(queued(order({ atMs: startMs + 9 }), order({ signal: 'reduceOnly', atMs: startMs + 10 })), story.tools);
    expect(await story.notes()).toContain('halt to bot-1 by ana: sent, HTTP 200');
    expect(await story.notes()).toContain('reduceOnly to bot-1 by ana: not sent: the limit per hour is reached');
  });

  it.each([401, 403, 404, 410])(
    'comes again after %i, which a rotated secret or a deploy can be, with secrets that are read anew',
    async status => {
      const story = await actionsStory({ signals: receiver, replies: { 'bot-url': [{ status }, { status }, { status: 200 }] } });
      expect(await fromQueue(queued(order()), story.tools)).toEqual({ batchItemFailures: [{ itemIdentifier: '0' }] });
      expect(story.forgotten).toEqual(['bot-url', 'bot-secret']);
      expect(await fromQueue(queued(order()), story.tools)).toEqual({ batchItemFailures: [] });
      expect(await story.notes()).toContain('halt to bot-1 by ana: sent, HTTP 200');
    },
  );

  it('is given up when the bot finds fault with it', async () => {
    const story = await actionsStory({ signals: receiver, replies: { 'bot-url': [{ status: 422 }] } });
    expect(await fromQueue(queued(order()), story.tools)).toEqual({ batchItemFailures: [] });
    expect(await story.notes()).toEqual(['halt to bot-1 by ana: failed: HTTP 422 {"ok":true}']);
  });

  describe('whose group is about another bot when the second step comes', () => {
    const group = 'group:desk';
    const about = (Strategy: string) => incident({ key: group, signal: signal({ dimensions: { Strategy } }) });
    const press = {
      Slack: (bot: string) => slackPress('confirm-halt', `${startMs} ${confirmationOf(bot, group)} ${group}`),
      Telegram: (bot: string) => {
        const message = { message_id: 5, date: startMs / 1000, chat: { id: -100123 } };
        const data = callbackData('halt-yes', group, confirmationOf(bot, group));
        return telegramUpdate({ callback_query: { id: '9', from: { id: 42, username: 'ana' }, data, message } });
      },
    };

    it.each(['Slack', 'Telegram'] as const)('%s halts neither', async kind => {
      const story = await actionsStory({ signals: receiver, incidents: [about('momentum')] });
      await story.post(press[kind]('bot-2'));
      expect(story.orders).toEqual([]);
      expect(saidBack(story)).toEqual(['The incident is about another bot by now, bot-1; ask again.']);
      await story.post(press[kind]('bot-1'));
      expect(story.orders).toEqual([expect.objectContaining({ botId: 'bot-1', from: 'person' })]);
    });

    it('Telegram carries the bot that its question named within the 64 bytes', async () => {
      const story = await actionsStory({ signals: receiver, incidents: [about('momentum')] });
      const message = { message_id: 5, date: startMs / 1000, chat: { id: -100123 } };
      const data = callbackData('reduceOnly', group);
      await story.post(telegramUpdate({ callback_query: { id: '9', from: { id: 42, username: 'ana' }, data, message } }));
      const asked = JSON.parse(story.asked[0]!.body) as { reply_markup: { inline_keyboard: { callback_data: string }[][] } };
      const [[button]] = asked.reply_markup.inline_keyboard as [[{ callback_data: string }]];
      expect(button.callback_data).toBe(callbackData('reduceOnly-yes', group, confirmationOf('bot-1', group)));
      expect(Buffer.byteLength(button.callback_data)).toBeLessThanOrEqual(64);
    });
  });

  it('comes again from the queue while the bot does not answer, and counts only when it arrived', async () => {
    const story = await actionsStory({ signals: receiver, replies: { 'bot-url': [{ status: 503 }, { status: 503 }, { status: 200 }] } });
    expect(await fromQueue(queued(order()), story.tools)).toEqual({ batchItemFailures: [{ itemIdentifier: '0' }] });
    expect(await fromQueue(queued(order()), story.tools)).toEqual({ batchItemFailures: [] });
    expect((await story.tools.signals.load('bot-1')).log.entries).toHaveLength(1);
  });

  it('is sent by an alarm that the config binds, once for both alert paths, and by no other', async () => {
    const story = await actionsStory({ signals: { ...receiver, onAlarm: { 'heartbeat-missing': 'reduceOnly' } } });
    const fires = (alarm: string, at: string) => snsEvent([ownMessage(alarm, 'ALARM', at, 'momentum')]);
    await fromAlarms(fires('session-loss', '2026-11-22T03:03:41.512+0000'), story.tools);
    expect(story.asked).toEqual([]);
    await fromAlarms(fires('heartbeat-missing', '2026-11-22T03:03:41.512+0000'), story.tools);
    await fromAlarms(fires('heartbeat-missing', '2026-11-22T03:05:02.000+0000'), story.tools);
    await fromAlarms(snsEvent([ownMessage('heartbeat-missing', 'OK', '2026-11-22T03:06:00.000+0000', 'momentum')]), story.tools);
    expect(story.asked.map(({ body }) => JSON.parse(body).signal)).toEqual(['reduceOnly']);
  });
});
