import { describe, expect, it } from 'vitest';
import { createQueue, type QueueDefinition, type SendRequest } from '../../local/services/sqs.ts';

const definition = (changes: Partial<QueueDefinition> = {}): QueueDefinition => ({
  name: 'q',
  arn: 'arn:q',
  url: 'http://q',
  isFifo: false,
  hasContentDeduplication: false,
  visibilitySeconds: 30,
  delaySeconds: 0,
  retentionSeconds: 345_600,
  ...changes,
});

/** A queue, what its function would be woken for, and a clock. */
function story(changes: Partial<QueueDefinition> = {}) {
  let nowMs = 0;
  const wakes: number[] = [];
  const queue = createQueue(definition(changes), {
    now: () => nowMs,
    onVisible: (_, atMs) => void wakes.push(atMs),
    queueByArn: () => undefined,
  });
  return {
    wakes,
    send: (request: SendRequest) => queue.send(request),
    bodiesAt: (seconds: number) => {
      nowMs = seconds * 1_000;
      return queue.receive(10).map(({ body }) => body);
    },
  };
}

describe('a delayed message of a standard queue', () => {
  it('is not there before its time, and wakes its function then', () => {
    const s = story();
    s.send({ body: 'later', delaySeconds: 40 });
    s.send({ body: 'now' });
    expect(s.wakes).toEqual([40_000, 0]);
    expect([s.bodiesAt(0), s.bodiesAt(39), s.bodiesAt(40)]).toEqual([['now'], ['now'], ['later']]);
  });

  it('overrides the delay of its queue, also with none', () => {
    const s = story({ delaySeconds: 60 });
    s.send({ body: 'default' });
    s.send({ body: 'now', delaySeconds: 0 });
    expect([s.bodiesAt(0), s.bodiesAt(60)]).toEqual([['now'], ['default', 'now']]);
  });

  it.each([901, -1, 1.5])('of %d seconds is refused', delaySeconds => {
    expect(() => story().send({ body: 'x', delaySeconds })).toThrow(/DelaySeconds/);
  });

  it('of a FIFO queue is refused', () => {
    expect(() => story({ isFifo: true }).send({ body: 'x', groupId: 'g', deduplicationId: 'd', delaySeconds: 5 })).toThrow(/queue type/);
  });
});
