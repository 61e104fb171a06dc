/** One turn of a follower: read what is new, map it, keep it on disk, send what waits. */
import { checkedLines } from '../../adapters/sources/frame.ts';
import type { SourceContext, SourceFormat } from '../../adapters/sources/source.ts';
import { type HttpSinkOptions, httpSink } from '../../bot/http-sink.ts';
import type { Feed } from './feed.ts';
import type { FollowJournal } from './journal.ts';

export interface FollowerOptions {
  readonly source: SourceFormat;
  readonly context: SourceContext;
  readonly feed: Feed;
  readonly journal: FollowJournal;
  readonly intake: Pick<HttpSinkOptions, 'url' | 'sign' | 'fetch' | 'now'>;
  /** Reading stops while more than this waits. */
  readonly maxSpoolBytes: number;
  /** What a person should see: problems, and changes of what can be reached. */
  readonly say: (text: string) => void;
}

export interface Turn {
  readonly read: number;
  readonly sent: number;
  /** There is more to do at once. */
  readonly isBusy: boolean;
}

export interface Follower {
  readonly turn: () => Promise<Turn>;
  readonly isDegraded: () => boolean;
}

const batchBytes = 190_000;

export function createFollower(options: FollowerOptions): Follower {
  const { source, context, feed, journal, say } = options;
  let mapper = source.open(context, journal.memory());
  let trouble: { feed?: string; intake?: string } = {};

  /** Says a change, and its end. What differs in its details only, such as the time that an answer names, is `same`. */
  const note = (what: 'feed' | 'intake', text: string | undefined, same = text) => {
    if (trouble[what] === same) return;
    say(text ?? `${what === 'feed' ? 'the source' : 'the intake'} can be reached again`);
    const { [what]: _, ...others } = trouble;
    trouble = same === undefined ? others : { ...others, [what]: same };
  };

  const readOnce = async (): Promise<{ read: number; isMore: boolean }> => {
    if (journal.waitingBytes() >= options.maxSpoolBytes) {
      note('intake', 'the spool is full: the source waits until the intake takes events');
      return { read: 0, isMore: false };
    }
    try {
      const before = journal.place();
      const { records, place, isMore, problems } = await feed.read(before);
      const checked = records.map(record => checkedLines(record.place, mapper.map(record)));
      for (const text of problems) say(text);
      for (const each of checked.flatMap(({ problems: found }) => found)) say(`${each.place}: ${each.message}`);
      const lines = checked.flatMap(each => each.lines);
      if (lines.length > 0 || JSON.stringify(before) !== JSON.stringify(place)) journal.append(lines, place, mapper.memory());
      note('feed', undefined);
      return { read: lines.length, isMore };
    } catch (error) {
      // What was mapped and not committed will come again: the mapping goes back to what it knew at the last commit.
      mapper = source.open(context, journal.memory());
      note('feed', error instanceof Error ? error.message : String(error));
      return { read: 0, isMore: false };
    }
  };

  /** One body at a time, so that what was taken is known; what the intake refuses stays in the spool too, since it is a matter of keys or addresses. */
  const sendOnce = async (): Promise<number> => {
    const lines = journal.oldest(batchBytes);
    if (lines.length === 0) return 0;
    let refusal: string | undefined;
    const sink = httpSink({
      ...options.intake,
      flushAfterMs: 3_600_000,
      maxBatchBytes: batchBytes * 2,
      later: () => {},
      onRefusal: text => {
        refusal = text;
      },
    });
    for (const line of lines) sink.write(line);
    await sink.close();
    const { sent } = sink.counts();
    if (sent === lines.length) {
      journal.drop(lines);
      if (refusal !== undefined) say(`of what the intake took: ${refusal}`);
      note('intake', undefined);
      return sent;
    }
    if (refusal === undefined) note('intake', 'the intake cannot be reached; events wait on disk');
    else note('intake', `the intake does not take the events, which wait on disk: ${refusal}`, refusal.split(':')[0]);
    return 0;
  };

  return {
    turn: async () => {
      const { read, isMore } = await readOnce();
      const sent = await sendOnce();
      return { read, sent, isBusy: isMore || (sent > 0 && journal.waiting() > 0) };
    },
    isDegraded: () => Object.keys(trouble).length > 0,
  };
}
