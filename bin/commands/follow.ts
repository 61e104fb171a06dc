import { join } from 'node:path';
import { parseExactJson } from '../../adapters/sources/exact-json.ts';
import { sources } from '../../adapters/sources/index.ts';
import type { SourceFormat } from '../../adapters/sources/source.ts';
import { createSigner, type Sign } from '../../bot/sign.ts';
import { type Command, type Io, UsageError } from '../command.ts';
import type { Feed } from '../follow/feed.ts';
import { fileFeed } from '../follow/file-feed.ts';
import { createFollower } from '../follow/follower.ts';
import { authorizationOf, freqtradeFeed } from '../follow/freqtrade-feed.ts';
import { openJournal } from '../follow/journal.ts';
import { ndjson } from '../follow/ndjson.ts';
import { heartbeatStrategy, startOwnHeartbeat } from '../follow/own-heartbeat.ts';
import { type OptionTable, optionLines } from '../options.ts';
import { contextOf, contextOptions, resolvePath } from '../sources/options.ts';

const options: OptionTable = [
  ['--url INTAKE', 'where events go (default: NIGHTDESK_URL)'],
  ['--state DIR', 'place, memory and spool of this follower, of one file or address (default: .nightdesk/follow-SOURCE)'],
  ['--every MS', 'time between looks (default: 1000; freqtrade 5000)'],
  ['--spool-mb N', 'most that waits on disk while the intake is away (default: 64); then the source waits'],
  ['--once', 'one look, send what can be sent, and end'],
  [
    '--heartbeat-as ID',
    "strategy of the follower's own heartbeat (default: follow-SOURCE, so that it never stands in for the bot's;\nwith a key none: the intake takes only strategies of its bot)",
  ],
  ...contextOptions,
];

const help = `nightdesk follow SOURCE FILE|URL [--url INTAKE] [--state DIR] [--every MS] [--once] [--strategy ID] …

Runs beside a bot and sends its events to the intake while they are being written.

  nightdesk follow ndjson bot.log              a growing file of events (one JSON object per line)
  nightdesk follow fix FIX.4.4-A-B.messages.current.log
  nightdesk follow freqtrade http://127.0.0.1:8080
  nightdesk follow ccxt trades.ndjson          any source of import whose records stand one to a line

${optionLines(options, 21)}

Secrets come from the environment: NIGHTDESK_FREQTRADE_TOKEN, or NIGHTDESK_FREQTRADE_USER and NIGHTDESK_FREQTRADE_PASSWORD;
NIGHTDESK_KEY signs each batch for the bot whose id ends the address, or for NIGHTDESK_BOT (docs/intake.md).

A restart goes on where it stopped; rotated files are read to their end. See docs/sources.md.

Exit codes: 0 stopped, everything sent · 1 with --once, events still wait or the source cannot be read · 2 unusable arguments.`;

const longestWaitMs = 30_000;

export const command: Command = {
  name: 'follow',
  summary: 'send events of another program while it writes them',
  help,
  options,
  run: async ({ positional, values, flags }, io) => {
    const [name, target] = positional;
    const source = sourceOf(name);
    if (target === undefined || positional.length > 2)
      throw new UsageError('follow: name one file or address; see nightdesk follow --help');
    const url = values.get('url') ?? io.env['NIGHTDESK_URL'];
    if (url === undefined) throw new UsageError('follow: --url or NIGHTDESK_URL must be the address of the intake');
    if (!isAddress(url) || !URL.canParse(url))
      throw new UsageError(`follow: the address of the intake must begin with https:// or http://; was "${url}"`);
    const everyMs = positive('every', values.get('every') ?? (source.name === 'freqtrade' ? '5000' : '1000'));
    const maxSpoolBytes = positive('spool-mb', values.get('spool-mb') ?? '64') * 1_000_000;
    const context = contextOf('follow', io, values);
    const journal = openJournalOrFail(
      resolvePath(io, values.get('state') ?? join('.nightdesk', `follow-${source.name}`)),
      isAddress(target) ? target : resolvePath(io, target),
    );
    const sign = signerOf(io, url);
    const intake = { url, ...(sign === undefined ? {} : { sign }) };
    const feed = feedOf(source, target, io);
    const say = (text: string) => io.stderr(`nightdesk: ${text}\n`);
    const follower = createFollower({ source, context, feed, journal, intake, maxSpoolBytes, say });
    if (flags.has('once')) {
      while ((await follower.turn()).isBusy) {}
      const left = journal.waiting();
      journal.close();
      return left > 0 || follower.isDegraded() ? 1 : 0;
    }

    const speaksAs = heartbeatStrategy(values.get('heartbeat-as'), source.name, sign !== undefined);
    if (speaksAs === undefined) say('sends no heartbeat of its own; --heartbeat-as names the strategy of the bot that it may speak for');
    const stopBeating = speaksAs === undefined ? undefined : startOwnHeartbeat(speaksAs, { intake, context, follower, journal, say });
    const stop = new AbortController();
    const onSignal = () => stop.abort();
    process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
    let failures = 0;
    while (!stop.signal.aborted) {
      const { isBusy } = await follower.turn();
      failures = follower.isDegraded() ? failures + 1 : 0;
      if (!isBusy) await pause(Math.min(longestWaitMs, everyMs * 2 ** Math.min(failures, 5)), stop.signal);
    }
    await stopBeating?.();
    await follower.turn();
    feed.close();
    journal.close();
    return 0;
  },
};

function sourceOf(name: string | undefined): SourceFormat {
  const all = [ndjson, ...sources];
  const found = all.find(source => source.name === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `follow: ${name === undefined ? 'name a source' : `unknown source "${name}"`}: ${all.map(source => source.name).join(', ')}`,
  );
}

const isAddress = (target: string): boolean => /^https?:\/\//.test(target);

function feedOf(source: SourceFormat, target: string, io: Io): Feed {
  if (isAddress(target)) {
    if (source.name !== 'freqtrade') throw new UsageError(`follow: ${source.name} is followed as a file, not at an address`);
    const authorization = authorizationOf(io.env);
    return freqtradeFeed({ baseUrl: target, ...(authorization === undefined ? {} : { authorization }) });
  }
  const parse = (line: string): unknown => {
    const parsed = parseExactJson(line);
    return parsed.ok ? parsed.value : undefined;
  };
  return fileFeed({ path: resolvePath(io, target), toValue: source.framing === 'lines' ? line => line : parse });
}

function openJournalOrFail(folder: string, of: string) {
  try {
    return openJournal(folder, of);
  } catch (error) {
    throw new UsageError(`follow: --state ${folder} cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new UsageError(`follow: --${name} must be a number above 0; was "${text}"`);
  return value;
}

/** Undefined without a key: only the plain address of a local stack takes what is not signed. */
function signerOf(io: Io, url: string): Sign | undefined {
  const key = io.env['NIGHTDESK_KEY'];
  if (key === undefined || key === '') return undefined;
  const bot = io.env['NIGHTDESK_BOT'] ?? new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return createSigner({ bot, key });
  } catch (error) {
    throw new UsageError(`follow: NIGHTDESK_KEY: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
