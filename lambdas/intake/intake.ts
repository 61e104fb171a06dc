import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { BatchMemory } from '../../adapters/aws/batch-memory.ts';
import type { EventQueue } from '../../adapters/aws/event-queue.ts';
import type { Journal } from '../../adapters/aws/journal.ts';
import { errorFields, type Output } from '../../adapters/aws/output.ts';
import type { Quarantine } from '../../adapters/aws/quarantine.ts';
import { type ReadBatch, readBatch } from '../../core/intake/batch.ts';
import { type Accepted, maxLines, type Refusal, refusals } from '../../core/intake/refusal.ts';
import { judgeContent, judgeTime, readSignedHeaders, type SignedHeaders } from '../../core/intake/signed-request.ts';
import type { Buckets } from '../../core/intake/token-bucket.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { queuedLines, queueRefusal } from '../queued-lines.ts';
import { plainBody, sentBody } from './body.ts';
import type { Verifier } from './keys.ts';

/** A bot that may send here. */
export interface IntakeBot {
  readonly id: string;
  readonly secretName: string;
  readonly strategies: ReadonlySet<string>;
  readonly requestsPerSecond: number;
  /** Log group that keeps its lines. */
  readonly journalGroup: string;
}

export interface IntakeTools {
  readonly bots: ReadonlyMap<string, IntakeBot>;
  readonly verifier: Verifier;
  readonly buckets: Buckets;
  readonly memory: BatchMemory;
  readonly queue: EventQueue;
  readonly journal: Journal;
  readonly quarantine: Quarantine;
  readonly output: Output;
  readonly now: () => number;
  /** Metric lines of what was counted. */
  readonly metricLines: (counted: IntakeCounts, nowMs: number) => readonly string[];
}

export interface IntakeCounts {
  readonly intakeAccepted?: number;
  readonly rejectedLines?: number;
  /** Requests by how they ended, each 0 or 1. */
  readonly intakeUnproven?: number;
  readonly intakeRefused?: number;
  readonly intakeThrottled?: number;
  readonly intakeRepeated?: number;
}

/** Seconds' worth of requests that may come at once. */
const BURST_SECONDS = 5;
/** Lines of one batch that the quarantine keeps; all are named in the answer and counted. */
const KEPT_LINES = 100;
/** What a sender waits before it tries again what could not be stored. */
const UNAVAILABLE_SECONDS = 5;

type Answer = Result<{ readonly accepted: Accepted; readonly repeated: boolean }, Refusal>;

/** Answers one request. Whatever goes wrong on our side is a 503: the sender keeps the batch and sends it again. */
export async function intake(event: APIGatewayProxyEventV2, tools: IntakeTools): Promise<APIGatewayProxyStructuredResultV2> {
  const answer = await answerOf(event, tools).catch((error: unknown): Answer => {
    tools.output.error('intake is unavailable', errorFields(error));
    return err({ code: 'UNAVAILABLE', message: 'nothing was decided; send the same batch again', retryAfterSeconds: UNAVAILABLE_SECONDS });
  });
  if (!answer.ok && answer.error.code !== 'UNAVAILABLE')
    tools.output.warn('request refused', { path: event.rawPath, code: answer.error.code, detail: answer.error.message });
  const nowMs = tools.now();
  tools.output.metrics(tools.metricLines(countsOf(answer), nowMs));
  return responseOf(answer, nowMs);
}

async function answerOf(event: APIGatewayProxyEventV2, tools: IntakeTools): Promise<Answer> {
  const signed = readSignedHeaders(event.headers);
  if (!signed.ok) return signed;
  const late = judgeTime(signed.value.timeSeconds, tools.now());
  if (late !== undefined) return err(late);
  const sent = sentBody(event);
  const bot = tools.bots.get(signed.value.bot);
  if (!(await tools.verifier.verify(signed.value, bot?.secretName, sent)) || bot === undefined)
    return err({ code: 'BAD_SIGNATURE', message: 'no valid key of this bot signed this body, time and batch' });
  if (event.rawPath.split('/').at(-1) !== bot.id)
    return err({ code: 'WRONG_BOT', message: `this address is another bot’s; ${bot.id} sends to its own` });
  const throttled = takeTurn(bot, tools);
  if (throttled !== undefined) return err(throttled);
  const content = judgeContent(event.headers);
  if (content !== undefined) return err(content);
  return accept(bot, signed.value, sent, event.headers['content-encoding'], tools);
}

function takeTurn(bot: IntakeBot, { buckets, now }: IntakeTools): Refusal | undefined {
  const limits = { perSecond: bot.requestsPerSecond, burst: Math.max(1, bot.requestsPerSecond * BURST_SECONDS) };
  const taken = buckets.take(bot.id, limits, now());
  if (taken.ok) return undefined;
  const message = `at most ${limits.perSecond} requests a second, ${limits.burst} at once; put more lines into each`;
  return { code: 'TOO_MANY_REQUESTS', message, retryAfterSeconds: Math.max(1, Math.ceil(taken.retryAfterMs / 1000)) };
}

async function accept(
  bot: IntakeBot,
  { batchId }: SignedHeaders,
  sent: Buffer,
  encoding: string | undefined,
  tools: IntakeTools,
): Promise<Answer> {
  const bodyHash = createHash('sha256').update(sent).digest('hex');
  const known = await tools.memory.find(bot.id, batchId);
  if (known !== undefined && known !== bodyHash) return err(reused(batchId));
  const plain = plainBody(sent, encoding);
  if (!plain.ok) return plain;
  const batch = withinQueue(readBatch(plain.value, bot.strategies));
  const refusal = judgeBatch(batch);
  if (known === bodyHash) return ok({ accepted: acceptedOf(batch), repeated: true });
  if (refusal !== undefined && batch.rejected.length < batch.lines) return err(refusal);
  await store(bot, batchId, batch, tools);
  if (refusal !== undefined) return err(refusal);
  if ((await tools.memory.remember(bot.id, batchId, bodyHash)) === 'conflict' && (await tools.memory.find(bot.id, batchId)) !== bodyHash)
    return err(reused(batchId));
  return ok({ accepted: acceptedOf(batch), repeated: false });
}

const reused = (batchId: string): Refusal => ({
  code: 'BATCH_REUSED',
  message: `another body was accepted as batch ${batchId}; each batch needs an id of its own`,
});

/** Lines that the queue could not carry are refused like any other. */
function withinQueue(batch: ReadBatch): ReadBatch {
  const judged = batch.good.map(line => ({ line, refusal: line.strategyId === undefined ? undefined : queueRefusal(line.text) }));
  if (judged.every(({ refusal }) => refusal === undefined)) return batch;
  const refused = judged.flatMap(({ line, refusal }) => (refusal === undefined ? [] : [{ ...refusal, line: line.line, text: line.text }]));
  return {
    lines: batch.lines,
    good: judged.filter(({ refusal }) => refusal === undefined).map(({ line }) => line),
    rejected: [...batch.rejected, ...refused].sort((a, b) => a.line - b.line),
  };
}

function judgeBatch({ lines, good, rejected }: ReadBatch): Refusal | undefined {
  if (lines === 0) return { code: 'EMPTY_BATCH', message: 'the body must have at least one line that is not blank' };
  if (lines > maxLines) return { code: 'BODY_TOO_LARGE', message: `a body must have at most ${maxLines} lines; had ${lines}` };
  if (good.length > 0) return undefined;
  return { code: 'NO_USABLE_LINE', message: `none of ${lines} lines can be used`, rejected: rejected.map(told) };
}

/** Queue, journal and quarantine at the same time: a heartbeat waits for the slowest of them only. All must succeed. */
async function store(bot: IntakeBot, batchId: string, batch: ReadBatch, tools: IntakeTools): Promise<void> {
  const { good } = batch;
  const nowMs = tools.now();
  const idOf = (line: number) => `${bot.id}/${batchId}/${line}`;
  const events = good.flatMap(({ line, text, strategyId }) => (strategyId === undefined ? [] : [{ id: idOf(line), strategyId, text }]));
  const kept = batch.rejected.slice(0, KEPT_LINES).map(({ line, code, message, text }) => ({
    code,
    message,
    line: text,
    logGroup: bot.journalGroup,
    logStream: bot.id,
    atMs: nowMs,
    eventId: idOf(line),
  }));
  const texts = good.map(({ text }) => text);
  const done = await Promise.allSettled([
    events.length === 0 ? undefined : tools.queue.send(queuedLines(events, nowMs)),
    texts.length === 0 ? undefined : tools.journal.append(bot.journalGroup, bot.id, texts, nowMs),
    kept.length === 0 ? undefined : tools.quarantine.keep(kept),
  ]);
  const failed = done.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

const told = ({ line, code, message }: ReadBatch['rejected'][number]) => ({ line, code, message });

const acceptedOf = ({ good, rejected }: ReadBatch): Accepted => {
  const events = good.filter(({ strategyId }) => strategyId !== undefined).length;
  return { accepted: events, logs: good.length - events, rejected: rejected.map(told) };
};

/** Failures and the time to an answer are counted by the gateway. */
function countsOf(answer: Answer): IntakeCounts {
  if (answer.ok) {
    const { accepted, repeated } = answer.value;
    return repeated ? { intakeRepeated: 1 } : { intakeAccepted: accepted.accepted, rejectedLines: accepted.rejected.length };
  }
  const { code, rejected } = answer.error;
  const { status } = refusals[code];
  if (status === 503) return {};
  if (status === 429) return { intakeThrottled: 1 };
  if (status === 401 || status === 403 || code === 'BAD_HEADER') return { intakeUnproven: 1 };
  return { intakeRefused: 1, rejectedLines: rejected?.length ?? 0 };
}

function responseOf(answer: Answer, nowMs: number): APIGatewayProxyStructuredResultV2 {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  if (answer.ok) return { statusCode: 200, headers, body: JSON.stringify(answer.value.accepted) };
  const { code, message, retryAfterSeconds, rejected } = answer.error;
  const error = { code, message, ...(code === 'TIME_OUT_OF_WINDOW' ? { now: Math.floor(nowMs / 1000) } : {}) };
  return {
    statusCode: refusals[code].status,
    headers: { ...headers, ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }) },
    body: JSON.stringify({ error, ...(rejected === undefined ? {} : { accepted: 0, logs: 0, rejected }) }),
  };
}
