/** A follower's own heartbeat: that it runs, and how many events wait. */
import type { SourceContext } from '../../adapters/sources/source.ts';
import { createEmitter } from '../../bot/emitter.ts';
import { startHeartbeat } from '../../bot/heartbeat.ts';
import { httpSink } from '../../bot/http-sink.ts';
import type { Follower, FollowerOptions } from './follower.ts';
import type { FollowJournal } from './journal.ts';

const heartbeatMs = 10_000;

/**
 * The strategy that it speaks for; undefined for none. With a key the intake takes only what a bot says of its own strategies, and counts all
 * else as refused, with an alarm; a name of the follower's own is none of them.
 */
export const heartbeatStrategy = (named: string | undefined, source: string, isSigned: boolean): string | undefined =>
  named ?? (isSigned ? undefined : `follow-${source}`);

export interface OwnHeartbeat extends Pick<FollowerOptions, 'intake' | 'say'> {
  readonly context: SourceContext;
  readonly follower: Pick<Follower, 'isDegraded'>;
  readonly journal: Pick<FollowJournal, 'waiting'>;
}

/** Beats at once and every ten seconds; says what the intake has against it once. Returns how to end it. */
export function startOwnHeartbeat(strategyId: string, { intake, context, follower, journal, say }: OwnHeartbeat): () => Promise<void> {
  let told: string | undefined;
  const beats = httpSink({
    ...intake,
    maxBufferBytes: 4_000,
    onRefusal: text => {
      if (text !== told) say(`the follower's own heartbeat is not taken: ${text}`);
      told = text;
    },
  });
  const emitter = createEmitter({
    strategyId,
    accountId: context.accountId ?? 'follow',
    source: { system: 'nightdesk-follow', instanceId: `${process.pid}-${Date.now().toString(36)}` },
    environment: context.environment ?? 'live',
    write: beats.write,
  });
  const heartbeat = startHeartbeat({
    emitter,
    intervalMs: heartbeatMs,
    component: 'follow',
    describe: () => ({ status: follower.isDegraded() ? 'degraded' : 'ok', queueDepth: journal.waiting() }),
  });
  return async () => {
    heartbeat.stop();
    await beats.close();
  };
}
