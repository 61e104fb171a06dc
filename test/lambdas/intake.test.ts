import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createSigner } from '../../bot/sign.ts';
import { minKeyCharacters } from '../../core/events/signing.ts';
import { readSignedHeaders } from '../../core/intake/signed-request.ts';
import { createVerifier } from '../../lambdas/intake/keys.ts';
import { lineOf } from '../events/lines-of.ts';
import { intakeStory, keyOf, type Sent } from './intake-story.ts';

const text = (...lines: readonly string[]) => lines.map(line => `${line}\n`).join('');
const heartbeat = lineOf('heartbeat');
const codeOf = ({ body }: { readonly body: Record<string, unknown> }) => (body['error'] as { readonly code: string } | undefined)?.code;

describe('a signed batch', () => {
  it('is queued by strategy, kept in the journal, and answered with what was taken', async () => {
    const s = intakeStory([{ id: 's1', strategies: ['s1', 's2'], intake: { key: { secretName: 'intake/s1' } } }]);
    const [a, b] = [lineOf('heartbeat'), lineOf('account', { strategyId: 's2' })];
    const log = '{"level":"error","message":"it broke"}';
    const answer = await s.send(text(a, log, b, ''));
    expect(answer).toMatchObject({ status: 200, body: { accepted: 2, logs: 1, rejected: [] } });
    expect(s.queue.messages.map(({ strategyId }) => strategyId)).toEqual(['s1', 's2']);
    expect(s.queued()).toEqual([a, b]);
    expect(s.journal).toEqual([{ group: '/nightdesk/demo-intake', stream: 's1', lines: [a, log, b] }]);
    expect(s.counted('IntakeAccepted')).toBe(2);
  });

  it('of a bot outside AWS is kept in the bot’s own group, whose filters count it', async () => {
    const s = intakeStory([{ id: 's1', intake: { key: { secretName: 'intake/s1' }, everything: true } }]);
    await s.send(text(heartbeat));
    expect(s.journal[0]?.group).toBe('/nightdesk/demo/s1');
  });

  it('may be compressed; the compressed bytes are what is signed', async () => {
    const s = intakeStory();
    expect((await s.send(gzipSync(text(heartbeat)), { encoding: 'gzip' })).status).toBe(200);
    expect(s.queued()).toEqual([heartbeat]);
  });

  it('keeps every character', async () => {
    const s = intakeStory();
    const line = lineOf('error', { message: '取引所 🚀 \u2028 "quoted" \\ é' });
    expect((await s.send(text(line))).status).toBe(200);
    expect(s.queued()).toEqual([line]);
  });
});

describe('a line that is wrong', () => {
  it('is named by number and code, is kept with its reason, and costs none of its neighbours', async () => {
    const s = intakeStory();
    const wrong = ['{"eventType": "order"', lineOf('order', { orderQty: 'many' }), lineOf('heartbeat', { strategyId: 'other' })];
    const answer = await s.send(text(heartbeat, ...wrong, lineOf('account')));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      accepted: 2,
      rejected: [
        { line: 2, code: 'NOT_JSON' },
        { line: 3, code: 'BAD_DECIMAL' },
        { line: 4, code: 'WRONG_STRATEGY', message: expect.stringContaining('"s1"') },
      ],
    });
    expect(s.queued()).toHaveLength(2);
    expect(s.journaled()).toHaveLength(2);
    expect(s.quarantined().map(({ code }) => code)).toEqual(expect.arrayContaining(['NOT_JSON', 'BAD_DECIMAL', 'WRONG_STRATEGY']));
    expect(s.counted('RejectedLines')).toBe(3);
  });

  it.each([
    ['longer than a line may be', lineOf('error', { stack: 'x'.repeat(262_200) })],
    ['longer than the queue can carry once it is escaped', lineOf('error', { stack: '\\n"'.repeat(60_000) })],
  ])('is one that is %s', async (_, long) => {
    const s = intakeStory();
    const answer = await s.send(text(heartbeat, long, heartbeat));
    expect(answer.body).toMatchObject({ accepted: 2, rejected: [{ line: 2, code: 'LINE_TOO_LONG' }] });
  });

  it('is one that is not UTF-8', async () => {
    const s = intakeStory();
    const body = Buffer.concat([Buffer.from(text(heartbeat)), Buffer.from([0x7b, 0xff, 0xfe, 0x0a])]);
    expect((await s.send(body)).body).toMatchObject({ accepted: 1, rejected: [{ line: 2, code: 'BAD_ENCODING' }] });
  });

  it('makes a 400 when there is no other, which names it all the same', async () => {
    const s = intakeStory();
    const answer = await s.send(text('{"a":1}'));
    expect([answer.status, codeOf(answer)]).toEqual([400, 'NO_USABLE_LINE']);
    expect(answer.body['rejected']).toMatchObject([{ line: 1, code: 'NO_EVENT_TYPE' }]);
    expect(s.quarantined()).toHaveLength(1);
    expect([s.counted('IntakeRefused'), s.counted('RejectedLines')]).toEqual([1, 1]);
  });
});

describe('a batch of mostly wrong lines', () => {
  it('is answered in full, and a hundred of them are kept', async () => {
    const s = intakeStory();
    const answer = await s.send(text(...Array.from({ length: 150 }, () => '{"a":1}'), heartbeat));
    expect(answer.body['rejected']).toHaveLength(150);
    expect([s.quarantined().length, s.counted('RejectedLines'), s.queued().length]).toEqual([100, 150, 1]);
  });
});

describe('a request that is no good', () => {
  const bots = [
    { id: 's1', intake: { key: { secretName: 'intake/s1' } } },
    { id: 's2', intake: { key: { secretName: 'intake/s2' } } },
    { id: 's3' },
  ];
  const cases: readonly (readonly [string, number, string, string | Uint8Array, Sent])[] = [
    ['signed with another key', 401, 'BAD_SIGNATURE', text(heartbeat), { key: 'a'.repeat(64) }],
    ['signed with the key of another bot', 401, 'BAD_SIGNATURE', text(heartbeat), { key: keyOf('s2') }],
    ['of a bot that nobody knows', 401, 'BAD_SIGNATURE', text(heartbeat), { bot: 'nobody', path: '/events/s1' }],
    ['of a bot without intake', 401, 'BAD_SIGNATURE', text(heartbeat), { bot: 's3', path: '/events/s1' }],
    ['with the time of another request', 401, 'BAD_SIGNATURE', text(heartbeat), { headers: { 'nightdesk-time': '1773063001' } }],
    ['with the batch id of another request', 401, 'BAD_SIGNATURE', text(heartbeat), { headers: { 'nightdesk-batch': 'another-batch' } }],
    ['late by more than five minutes', 401, 'TIME_OUT_OF_WINDOW', text(heartbeat), { off: -301 }],
    ['early by more than five minutes', 401, 'TIME_OUT_OF_WINDOW', text(heartbeat), { off: 301 }],
    ['at the address of another bot', 403, 'WRONG_BOT', text(heartbeat), { bot: 's2', path: '/events/s1' }],
    ['without a signature', 400, 'BAD_HEADER', text(heartbeat), { headers: { 'nightdesk-signature': undefined } }],
    ['with an upper-case signature', 400, 'BAD_HEADER', text(heartbeat), { headers: { 'nightdesk-signature': `v1=${'A'.repeat(64)}` } }],
    [
      'with a signature of an older version',
      400,
      'BAD_HEADER',
      text(heartbeat),
      { headers: { 'nightdesk-signature': `v0=${'a'.repeat(64)}` } },
    ],
    ['with a header that came twice', 400, 'BAD_HEADER', text(heartbeat), { headers: { 'nightdesk-bot': 's1,s2' } }],
    ['with a line end in a header', 400, 'BAD_HEADER', text(heartbeat), { headers: { 'nightdesk-bot': 's1\nnightdesk-time: 1' } }],
    ['with a time that is no number', 400, 'BAD_HEADER', text(heartbeat), { headers: { 'nightdesk-time': '1e9' } }],
    [
      'with a batch id that leads out of its place',
      400,
      'BAD_HEADER',
      text(heartbeat),
      { headers: { 'nightdesk-batch': '../../STATE#s1' } },
    ],
    ['of another content type', 415, 'UNSUPPORTED_CONTENT', text(heartbeat), { headers: { 'content-type': 'application/json' } }],
    ['without a content type', 415, 'UNSUPPORTED_CONTENT', text(heartbeat), { headers: { 'content-type': undefined } }],
    [
      'in another charset',
      415,
      'UNSUPPORTED_CONTENT',
      text(heartbeat),
      { headers: { 'content-type': 'application/x-ndjson; charset=utf-16' } },
    ],
    ['compressed in a way that is not taken', 415, 'UNSUPPORTED_CONTENT', text(heartbeat), { headers: { 'content-encoding': 'br' } }],
    ['that says gzip and is not', 400, 'NOT_GZIP', text(heartbeat), { encoding: 'gzip' }],
    ['that is larger than 1 MiB', 413, 'BODY_TOO_LARGE', 'x'.repeat(1_048_577), {}],
    ['that grows beyond 4 MiB in one line', 413, 'BODY_TOO_LARGE', gzipSync('x'.repeat(4_194_305)), { encoding: 'gzip' }],
    ['that grows beyond 4 MiB', 413, 'BODY_TOO_LARGE', gzipSync('x\n'.repeat(3_000_000)), { encoding: 'gzip' }],
    ['of more than 10,000 lines', 413, 'BODY_TOO_LARGE', 'a log line\n'.repeat(10_001), {}],
    ['without a line', 400, 'EMPTY_BATCH', '\n\r\n \n', {}],
    ['without a body', 400, 'EMPTY_BATCH', '', {}],
  ];

  it.each(cases)('%s is answered %i %s and leaves nothing', async (_, status, code, body, sent) => {
    const s = intakeStory(bots);
    const answer = await s.send(body, sent);
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    expect([s.queued(), s.journaled(), [...s.table.items.values()]]).toEqual([[], [], []]);
    const isUnproven = [401, 403].includes(status) || code === 'BAD_HEADER';
    expect([s.counted('IntakeUnproven'), s.counted('IntakeRefused')]).toEqual(isUnproven ? [1, 0] : [0, 1]);
    expect(JSON.stringify([answer, s.output])).not.toContain(keyOf('s1'));
  });

  it('is none with 10,000 lines', async () => {
    expect((await intakeStory().send('a log line\n'.repeat(10_000))).body).toMatchObject({ accepted: 0, logs: 10_000 });
  });

  it('of nobody is not proven by the key that stands in for his', async () => {
    const verifier = createVerifier({ read: async () => keyOf('s1'), forget: () => undefined }, () => 0);
    const signed = createSigner({ bot: 'nobody', key: 'x'.repeat(minKeyCharacters) })(heartbeat, 0, 'batch-0001');
    const headers = readSignedHeaders(signed);
    if (!headers.ok) throw new Error(headers.error.message);
    expect(await verifier.verify(headers.value, undefined, Buffer.from(heartbeat))).toBe(false);
  });

  it.each([-300, 300])('is none when its time is %i s off', async off => {
    expect((await intakeStory().send(text(heartbeat), { off })).status).toBe(200);
  });

  it('tells a sender whose clock is wrong what time it is here', async () => {
    const answer = await intakeStory().send(text(heartbeat), { off: -3600 });
    expect(answer.body['error']).toMatchObject({ now: 1_773_063_000, message: expect.stringContaining('3600 s behind') });
  });
});

describe('a batch that comes again', () => {
  it('gets the same answer and changes nothing', async () => {
    const s = intakeStory();
    const body = text(heartbeat, '{"a":1}');
    const first = await s.send(body, { batchId: 'batch-again' });
    const later = await s.at(3600).send(body, { batchId: 'batch-again' });
    expect(later).toEqual(first);
    expect([s.queued().length, s.journaled().length, s.quarantined().length]).toEqual([1, 1, 1]);
    expect([s.counted('IntakeAccepted'), s.counted('IntakeRepeated')]).toEqual([1, 1]);
  });

  it('is harmless when somebody who saw it sends it, and refused once its time is over', async () => {
    const s = intakeStory();
    const request = s.request(text(heartbeat));
    await s.handle(request);
    expect((await s.at(299).handle(request)).status).toBe(200);
    expect(codeOf(await s.at(301).handle(request))).toBe('TIME_OUT_OF_WINDOW');
    expect(s.queued()).toHaveLength(1);
  });

  it('is a conflict under another body', async () => {
    const s = intakeStory();
    await s.send(text(heartbeat), { batchId: 'batch-taken' });
    const answer = await s.send(text(lineOf('account')), { batchId: 'batch-taken' });
    expect([answer.status, codeOf(answer)]).toEqual([409, 'BATCH_REUSED']);
    expect(s.queued()).toHaveLength(1);
  });

  it('is a conflict too when both bodies come at once: one is taken, whichever it is', async () => {
    const s = intakeStory();
    const answers = await Promise.all([heartbeat, lineOf('account')].map(line => s.send(text(line), { batchId: 'batch-race' })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });

  it('is another batch when another bot sends it', async () => {
    const s = intakeStory([
      { id: 's1', intake: { key: { secretName: 'intake/s1' } } },
      { id: 's2', intake: { key: { secretName: 'intake/s2' } } },
    ]);
    await s.send(text(heartbeat), { batchId: 'batch-same' });
    expect((await s.send(text(lineOf('heartbeat', { strategyId: 's2' })), { bot: 's2', batchId: 'batch-same' })).status).toBe(200);
    expect(s.queued()).toHaveLength(2);
  });

  it('is forgotten after a day, also before the table has deleted it', async () => {
    const s = intakeStory();
    await s.send(text(heartbeat), { batchId: 'batch-old' });
    const next = lineOf('account');
    expect((await s.at(86_401).send(text(next), { batchId: 'batch-old' })).status).toBe(200);
    expect((await s.send(text(heartbeat), { batchId: 'batch-old' })).status).toBe(409);
  });

  it.each(['queue', 'journal', 'table'] as const)('is taken when the %s was out of reach the first time', async what => {
    const s = intakeStory();
    s.fail(what);
    const refused = await s.send(text(heartbeat, '{"a":1}'), { batchId: 'batch-retry' });
    expect([refused.status, codeOf(refused), refused.headers?.['retry-after']]).toEqual([503, 'UNAVAILABLE', '5']);
    s.fail(undefined);
    const taken = await s.send(text(heartbeat, '{"a":1}'), { batchId: 'batch-retry' });
    expect(taken).toMatchObject({ status: 200, body: { accepted: 1, rejected: [{ line: 2 }] } });
    expect(s.queued()).toEqual([heartbeat]);
  });

  it('reaches the ledger although the journal is out of reach', async () => {
    const s = intakeStory();
    s.fail('journal');
    await s.send(text(heartbeat));
    expect(s.queued()).toEqual([heartbeat]);
  });
});

describe('a key that is rotated', () => {
  const [old, fresh] = [keyOf('s1'), 'f'.repeat(64)];

  it('may be the old one or the new one while the secret holds both', async () => {
    const s = intakeStory();
    s.secrets.set('intake/s1', `${fresh}\n${old}\n`);
    for (const key of [old, fresh]) expect((await s.send(text(lineOf('heartbeat')), { key })).status).toBe(200);
  });

  it('is noticed at once, and the old one is refused', async () => {
    const s = intakeStory();
    await s.send(text(heartbeat));
    s.secrets.set('intake/s1', fresh);
    expect((await s.at(1).send(text(heartbeat), { key: fresh })).status).toBe(200);
    expect((await s.send(text(heartbeat), { key: old })).status).toBe(401);
  });

  it('cannot be used to make us read the secret again and again', async () => {
    const s = intakeStory();
    for (let n = 0; n < 50; n += 1) await s.at(n / 10).send(text(heartbeat), { key: 'a'.repeat(64) });
    expect(s.secretReads()).toBe(2);
  });

  it.each([
    ['none', ''],
    ['one that is too short', 'short'],
    ['three', [old, fresh, 'c'.repeat(64)].join('\n')],
  ])('makes a 503 when the secret holds %s, and says so without showing it', async (_, secret) => {
    const s = intakeStory();
    s.secrets.set('intake/s1', secret);
    const answer = await s.send(text(heartbeat));
    expect(answer.status).toBe(503);
    expect(s.output.some(line => String(line['errorMessage']).includes('intake/s1'))).toBe(true);
    expect(JSON.stringify([answer, s.output])).not.toContain(old);
  });
});

describe('a flood', () => {
  const bots = Array.from({ length: 11 }, (_, index) => ({
    id: `s${index}`,
    intake: { key: { secretName: `intake/s${index}` }, requestsPerSecond: 10 },
  }));

  it('of one bot is told to wait, and the ten others get everything through', async () => {
    const s = intakeStory(bots);
    const statuses = { flood: [] as (number | undefined)[], others: [] as (number | undefined)[] };
    for (let second = 0; second < 20; second += 1) {
      for (let n = 0; n < 100; n += 1) {
        s.at(second + n / 100);
        statuses.flood.push((await s.send(text(lineOf('heartbeat', { strategyId: 's0' })), { bot: 's0' })).status);
        if (n % 50 === 0)
          for (let other = 1; other <= 10; other += 1)
            statuses.others.push((await s.send(text(lineOf('heartbeat', { strategyId: `s${other}` })), { bot: `s${other}` })).status);
      }
    }
    expect(statuses.others).toHaveLength(400);
    expect(new Set(statuses.others)).toEqual(new Set([200]));
    const through = statuses.flood.filter(status => status === 200).length;
    // Fifty at once, then ten a second for twenty seconds.
    expect(through).toBeGreaterThanOrEqual(245);
    expect(through).toBeLessThanOrEqual(250);
    expect(s.counted('IntakeThrottled')).toBe(2000 - through);
  });

  it('of forgeries takes nothing from the bot in whose name they come', async () => {
    const s = intakeStory(bots);
    for (let n = 0; n < 500; n += 1) await s.send(text(heartbeat), { bot: 's1', key: 'a'.repeat(64) });
    expect((await s.send(text(lineOf('heartbeat', { strategyId: 's1' })), { bot: 's1' })).status).toBe(200);
  });

  it('tells the sender how long to wait, and that is enough', async () => {
    const s = intakeStory([{ id: 's1', intake: { key: { secretName: 'intake/s1' }, requestsPerSecond: 1 } }]);
    for (let n = 0; n < 5; n += 1) await s.send(text(heartbeat));
    const refused = await s.send(text(heartbeat));
    expect([refused.status, codeOf(refused)]).toEqual([429, 'TOO_MANY_REQUESTS']);
    expect((await s.at(Number(refused.headers?.['retry-after'])).send(text(heartbeat))).status).toBe(200);
  });
});
