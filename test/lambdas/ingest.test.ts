import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { batches, groupId } from '../../adapters/aws/event-queue.ts';
import { lineOf } from '../events/lines-of.ts';
import { pathStory } from './path-story.ts';

const linesOf = (body: string) => (JSON.parse(body) as { lines: string[] }).lines;

describe('ingest', () => {
  it('routes events by strategy, in order, as they were written', async () => {
    const s = pathStory();
    const [a, b, c] = [lineOf('heartbeat'), lineOf('account', { strategyId: 's2' }), lineOf('order')];
    await s.ingest(s.logs(a, b, c));
    expect(s.queue.messages.map(({ strategyId, body }) => [strategyId, linesOf(body)])).toEqual([
      ['s1', [a, c]],
      ['s2', [b]],
    ]);
  });

  it('keeps what is wrong with its reason, and loses none of its neighbours', async () => {
    const s = pathStory();
    await s.ingest(
      s.logs(lineOf('heartbeat'), '{"eventType": "order"', lineOf('order', { orderQty: 'many' }), '{"a":1}', lineOf('account')),
    );
    expect(
      s
        .quarantined()
        .map(({ code }) => code)
        .sort(),
    ).toEqual(['BAD_DECIMAL', 'NOT_JSON', 'NO_EVENT_TYPE'].sort());
    expect(s.queue.messages.flatMap(({ body }) => linesOf(body))).toHaveLength(2);
    expect(s.emitted('RejectedLines')).toEqual([3]);
    expect(s.quarantined()[0]).toMatchObject({ logGroup: '/nightdesk/demo/s1', pk: 'QUARANTINE#2026-03-09' });
  });

  it('lets ordinary log lines pass', async () => {
    const s = pathStory();
    await s.ingest(s.logs('plain text', '{"level":"error","message":"it broke"}', ''));
    expect(s.queue.messages).toEqual([]);
    expect(s.quarantined()).toEqual([]);
    expect(s.emitted('RejectedLines')).toEqual([0]);
  });

  it('queues a delivery once that comes twice, but a line twice that the bot wrote twice', async () => {
    const s = pathStory();
    const delivery = s.logs(lineOf('heartbeat'));
    await s.ingest(delivery);
    await s.ingest(delivery);
    expect(s.queue.messages).toHaveLength(1);
    await s.ingest(s.logs(lineOf('heartbeat')));
    expect(s.queue.messages).toHaveLength(2);
  });

  it('splits what is large into messages and batches that the queue takes', async () => {
    const s = pathStory();
    const large = Array.from({ length: 30 }, (_, i) => lineOf('error', { eventId: `e${i}`, stack: 'x'.repeat(60_000) }));
    await s.ingest(s.logs(...large));
    expect(s.queue.messages.flatMap(({ body }) => linesOf(body))).toEqual(large);
    expect(Math.max(...s.queue.messages.map(({ body }) => Buffer.byteLength(body)))).toBeLessThan(262_144);
    for (const batch of batches(s.queue.messages)) {
      expect(batch.length).toBeLessThanOrEqual(10);
      expect(batch.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0)).toBeLessThanOrEqual(262_144);
    }
  });

  it('reads several lines out of one log event', async () => {
    const s = pathStory();
    await s.ingest(s.logs(`${lineOf('heartbeat')}\n${lineOf('account')}\n`));
    expect(s.queue.messages.flatMap(({ body }) => linesOf(body))).toHaveLength(2);
  });

  it('measures how late the oldest line came', async () => {
    const s = pathStory();
    await s.ingest(s.logs(lineOf('heartbeat')));
    expect(s.emitted('IngestLag')).toEqual([500]);
  });

  it('ignores the control message of a new subscription', async () => {
    const s = pathStory();
    const data = gzipSync(
      JSON.stringify({ messageType: 'CONTROL_MESSAGE', logEvents: [{ id: '1', timestamp: 0, message: 'CWL CONTROL MESSAGE' }] }),
    );
    await s.ingest({ awslogs: { data: data.toString('base64') } });
    expect(s.queue.messages).toEqual([]);
    expect(s.output).toEqual([]);
  });

  it.each([
    ['momentum-btc', 'momentum-btc'],
    ['a b', /^[0-9a-f]{64}$/],
    ['取引', /^[0-9a-f]{64}$/],
    ['x'.repeat(129), /^[0-9a-f]{64}$/],
  ])('names the message group of %s so that the queue accepts it', (id, expected) => {
    expect(groupId(id)).toMatch(expected);
  });
});
