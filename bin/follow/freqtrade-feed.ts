/** freqtrade's REST API as a feed: open trades at each look, and closed ones since the last. */
import { parseExactJson } from '../../adapters/sources/exact-json.ts';
import { decimalOf, isFields, listOf } from '../../adapters/sources/field-reader.ts';
import type { RawRecord } from '../../adapters/sources/source.ts';
import type { Feed } from './feed.ts';

export interface FreqtradeFeedOptions {
  /** Address of the bot, such as `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  readonly authorization?: string;
  readonly fetch?: typeof fetch;
}

const pageSize = 100;
const timeoutMs = 10_000;
/** Closed trades are looked at again for this long: fees and funding may still be corrected. */
const overlapMs = 3_600_000;

export function freqtradeFeed({ baseUrl, authorization, fetch: send = fetch }: FreqtradeFeedOptions): Feed {
  const get = async (path: string): Promise<unknown> => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await send(`${baseUrl.replace(/\/+$/, '')}/api/v1/${path}`, { headers, signal: AbortSignal.timeout(timeoutMs) });
    const text = await response.text();
    if (!response.ok) throw new Error(`freqtrade answered ${response.status} to /api/v1/${path.replace(/\?.*/, '')}`);
    const parsed = parseExactJson(text);
    if (!parsed.ok) throw new Error(`freqtrade's answer to /api/v1/${path.replace(/\?.*/, '')} ${parsed.error}`);
    return parsed.value;
  };

  /** Newest closings first, page by page, back to what was seen before. */
  const closedSince = async (fromMs: number): Promise<unknown[]> => {
    const trades: unknown[] = [];
    for (let offset = 0; ; offset += pageSize) {
      const page = await get(`trades?limit=${pageSize}&offset=${offset}&order_by_id=false`);
      const found = isFields(page) ? listOf(page['trades']) : [];
      trades.push(...found);
      if (found.length < pageSize || found.some(trade => closedAt(trade) < fromMs))
        return trades.filter(trade => closedAt(trade) >= fromMs);
    }
  };

  return {
    read: async place => {
      const seenMs = Number(place?.['closedMs'] ?? 0);
      const open = await get('status');
      const closed = (await closedSince(seenMs - overlapMs)).sort((a, b) => closedAt(a) - closedAt(b));
      const records: RawRecord[] = [...closed, ...listOf(open)].map((value, at) => ({ place: `trade ${at + 1} of this look`, value }));
      const closedMs = closed.reduce<number>((newest, trade) => Math.max(newest, closedAt(trade)), seenMs);
      return { records, place: { closedMs }, isMore: false, problems: [] };
    },
    close: () => {},
  };
}

const closedAt = (trade: unknown): number => (isFields(trade) ? Number(decimalOf(trade['close_timestamp']) ?? '0') : 0);

/** A token wins over a name with a password; both come from the environment. */
export function authorizationOf(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const token = env['NIGHTDESK_FREQTRADE_TOKEN'];
  if (token !== undefined && token !== '') return `Bearer ${token}`;
  const user = env['NIGHTDESK_FREQTRADE_USER'];
  const password = env['NIGHTDESK_FREQTRADE_PASSWORD'];
  if (user === undefined || password === undefined) return undefined;
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
