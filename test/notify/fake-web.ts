/** The world's side of every channel, for tests: answers in order by the part of the address that they name, and what was asked. */
import type { DeliveryTools } from '../../adapters/notify/deliver.ts';

export interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Reply = { readonly status?: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } | Error;

/** Replies by a part of the address; the last of a list repeats. Addresses that no part names answer 200. */
export function fakeWeb(replies: Readonly<Record<string, readonly Reply[]>> = {}, startMs = Date.parse('2026-11-22T03:03:42Z')) {
  const asked: Asked[] = [];
  const seen = new Map<string, number>();
  let nowMs = startMs;
  const forgotten: string[] = [];
  const published: unknown[] = [];
  const tools: DeliveryTools = {
    secrets: { read: async name => `value-of-${name}`, forget: name => void forgotten.push(name) },
    publish: async (topicArn, message, subject) => void published.push({ topicArn, message, subject }),
    send: {
      fetch: async (url, init) => {
        const { body } = init;
        const text = body instanceof Blob ? `${body.size} bytes` : String(body);
        asked.push({ url, method: init.method ?? 'GET', headers: init.headers as Record<string, string>, body: text });
        const part = Object.keys(replies).find(each => url.includes(each));
        if (part === undefined) return new Response('ok');
        const list = replies[part]!;
        const at = seen.get(part) ?? 0;
        seen.set(part, at + 1);
        const reply = list[Math.min(at, list.length - 1)]!;
        if (reply instanceof Error) throw reply;
        const { status = 200, body: said = { ok: true }, headers = {} } = reply;
        return new Response(typeof said === 'string' ? said : JSON.stringify(said), { status, headers });
      },
      sleep: async ms => {
        nowMs += ms;
      },
      now: () => nowMs,
      random: () => 0.5,
    },
  };
  return { tools, asked, forgotten, published };
}
