/** The intake function over memory, with a bot that signs as ours do: requests in, answers and effects out, on a fake clock. */
import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { createBatchMemory } from '../../adapters/aws/batch-memory.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { createQuarantine } from '../../adapters/aws/quarantine.ts';
import { createSecrets } from '../../adapters/aws/secrets.ts';
import { createMemoryQueue } from '../../adapters/memory/event-queue.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { createSigner } from '../../bot/sign.ts';
import { functionValues, gaugesToEmf } from '../../core/catalogue/emit.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { createBuckets } from '../../core/intake/token-bucket.ts';
import { intakeBots } from '../../lambdas/intake/bots.ts';
import { intake } from '../../lambdas/intake/intake.ts';
import { createVerifier } from '../../lambdas/intake/keys.ts';

export const startMs = Date.parse('2026-03-09T13:30:00Z');
export const keyOf = (bot: string) => createHash('sha256').update(`key of ${bot}`).digest('hex');

export interface Sent {
  readonly bot?: string;
  readonly key?: string;
  readonly batchId?: string;
  /** Seconds by which the sender's clock is off. */
  readonly off?: number;
  readonly path?: string;
  readonly encoding?: 'gzip';
  /** Headers that replace those of the sender; undefined takes one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export function intakeStory(bots: readonly unknown[] = [{ id: 's1', intake: { key: { secretName: 'intake/s1' } } }]) {
  const parsed = parseConfig({ bots });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const config = parsed.value;
  let nowMs = startMs;
  const now = () => nowMs;
  const table = createMemoryTable();
  const queue = createMemoryQueue();
  const journal: { readonly group: string; readonly stream: string; readonly lines: readonly string[] }[] = [];
  const output: Record<string, unknown>[] = [];
  const secrets = new Map(config.bots.map(({ id }) => [`intake/${id}`, keyOf(id)]));
  let secretReads = 0;
  let failing: 'queue' | 'journal' | 'table' | undefined;
  let batches = 0;
  const fails = (what: typeof failing) => {
    if (failing === what) throw new Error(`${what} is out of reach`);
  };
  const client = {
    send: async (command: { readonly input: { readonly SecretId?: string } }) => {
      secretReads += 1;
      return { SecretString: secrets.get(command.input.SecretId ?? '') };
    },
  };
  const tools = {
    bots: intakeBots(config),
    verifier: createVerifier(createSecrets(client as never, now), now),
    buckets: createBuckets(),
    memory: createBatchMemory(table, now),
    queue: {
      send: async (messages: Parameters<typeof queue.send>[0]) => {
        fails('queue');
        await queue.send(messages);
      },
    },
    journal: {
      append: async (group: string, stream: string, lines: readonly string[]) => {
        fails('journal');
        journal.push({ group, stream, lines });
      },
    },
    quarantine: createQuarantine(table),
    output: createOutput(line => void output.push(JSON.parse(line) as Record<string, unknown>)),
    now,
    metricLines: (counts: object, atMs: number) => gaugesToEmf('Nightdesk/demo', functionValues({ ...counts }, config), {}, atMs),
  };
  const self = {
    config,
    table,
    queue,
    journal,
    secrets,
    output,
    secretReads: () => secretReads,
    at: (seconds: number) => {
      nowMs = startMs + seconds * 1000;
      return self;
    },
    fail: (what: typeof failing) => {
      failing = what;
      table.failure = what === 'table' ? new Error('table is out of reach') : undefined;
    },
    /** What the gateway would hand over for a request of a bot. */
    request: (body: string | Uint8Array, sent: Sent = {}): APIGatewayProxyEventV2 => {
      const bot = sent.bot ?? 's1';
      batches += 1;
      const signed = createSigner({ bot, key: sent.key ?? keyOf(bot) })(
        body,
        nowMs + (sent.off ?? 0) * 1000,
        sent.batchId ?? `batch-${String(batches).padStart(4, '0')}`,
      );
      const headers = {
        'content-type': 'application/x-ndjson',
        ...(sent.encoding === undefined ? {} : { 'content-encoding': sent.encoding }),
        ...signed,
        ...sent.headers,
      };
      return {
        rawPath: sent.path ?? `/events/${bot}`,
        headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
        body: Buffer.from(body).toString('base64'),
        isBase64Encoded: true,
      } as unknown as APIGatewayProxyEventV2;
    },
    handle: async (event: APIGatewayProxyEventV2) => {
      const { statusCode, headers, body } = await intake(event, tools);
      return { status: statusCode, headers, body: JSON.parse(String(body)) as Record<string, unknown> };
    },
    send: (body: string | Uint8Array, sent?: Sent) => self.handle(self.request(body, sent)),
    queued: () => queue.messages.flatMap(({ body }) => (JSON.parse(body) as { readonly lines: readonly string[] }).lines),
    journaled: () => journal.flatMap(({ lines }) => lines),
    quarantined: () => [...table.items.values()].filter(({ pk }) => pk.startsWith('QUARANTINE#')),
    counted: (name: string) => output.reduce((sum, line) => sum + (line['_aws'] === undefined ? 0 : Number(line[name] ?? 0)), 0),
  };
  return self;
}
