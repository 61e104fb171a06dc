/**
 * What arrived: a Lambda event with SNS records, a bare message, an HTTP notification of SNS, an EventBridge event, an alarm
 * action, a list of any of these, or plain text. Each becomes signals; duplicates within one delivery are dropped by message id
 * and by what they say. Nothing throws: what is not understood becomes a raw signal.
 */
import { parseAwsTime } from '../cloudwatch/aws-time.ts';
import { asArray, asObject, asText, type JsonObject, parseJson } from '../cloudwatch/loose-json.ts';
import { readAlarmNotification } from '../cloudwatch/notification.ts';
import type { EpochMs } from '../time/instant.ts';
import { asSeverity, readBreach } from './breach.ts';
import { type Envelope, type Signal, signalOfAlarm, signalOfBreach, signalOfRaw } from './signal.ts';

/** Signals of a delivery in order, without duplicates. `input` is the decoded event, or the text of a file. */
export function readSignals(input: unknown, receivedAtMs: EpochMs): readonly Signal[] {
  const messages = unwrap(input, { receivedAtMs }, 0);
  const seen = new Set<string>();
  return messages.flatMap(({ id, signal }) => {
    const content = `${signal.source}|${signal.key}|${signal.state}|${signal.raw === undefined ? signal.atMs : ''}`;
    const known = seen.has(content) || (id !== undefined && seen.has(id));
    seen.add(content);
    if (id !== undefined) seen.add(id);
    return known ? [] : [signal];
  });
}

interface Arrived {
  readonly id?: string;
  readonly signal: Signal;
}

/** Envelopes inside envelopes stop here; what is deeper is shown raw. */
const MAX_DEPTH = 5;

function unwrap(input: unknown, envelope: Envelope, depth: number): readonly Arrived[] {
  const value = decoded(input);
  const rawText = () => readableText(value);
  if (depth > MAX_DEPTH) return [{ signal: signalOfRaw(rawText(), envelope) }];
  if (Array.isArray(value) && value.length > 0) return value.flatMap(entry => unwrap(entry, envelope, depth + 1));
  const object = asObject(value);
  if (object !== undefined) {
    const records = asArray(object['Records']);
    if (records.length > 0) return records.flatMap(record => unwrapRecord(record, envelope, depth));
    const inner = object['Message'];
    if (inner !== undefined && inner !== null && object['AlarmName'] === undefined) return unwrapSns(object, envelope, depth);
  }
  return [{ signal: understood(value, rawText, envelope) }];
}

/** A message as it came, without the members of JSON that say nothing: a reader cannot act on `null`. */
function readableText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, (_name, member: unknown) => withoutNulls(member));
  return text === undefined || text.trim() === '' || text.trim() === 'null' ? '(empty message)' : text;
}

function withoutNulls(member: unknown): unknown {
  if (Array.isArray(member)) return member.filter(entry => entry !== null);
  return member === null ? undefined : member;
}

function decoded(input: unknown): unknown {
  const value = parseJson(input);
  return value === undefined ? input : value;
}

function unwrapRecord(record: unknown, envelope: Envelope, depth: number): readonly Arrived[] {
  const object = asObject(record) ?? {};
  const sns = asObject(object['Sns']) ?? asObject(object['sns']);
  if (sns !== undefined) return unwrapSns(sns, envelope, depth);
  if (object['body'] !== undefined) return unwrap(object['body'], envelope, depth + 1);
  return unwrap(record, envelope, depth + 1);
}

function unwrapSns(sns: JsonObject, envelope: Envelope, depth: number): readonly Arrived[] {
  const id = asText(sns['MessageId']);
  const topic = asText(sns['TopicArn'])?.split(':').at(-1);
  const severity = topic
    ?.split(/[-_]/)
    .map(asSeverity)
    .findLast(found => found !== undefined);
  const subject = asText(sns['Subject']);
  const inner: Envelope = {
    receivedAtMs: parseAwsTime(sns['Timestamp']) ?? envelope.receivedAtMs,
    ...(severity === undefined ? {} : { severity }),
    ...(subject === undefined ? {} : { subject }),
  };
  const arrived = unwrap(sns['Message'] ?? subject ?? '', inner, depth + 1);
  return arrived.map(({ signal }, index) => ({ signal, ...(id === undefined ? {} : { id: `id:${id}:${index}` }) }));
}

function understood(value: unknown, rawText: () => string, envelope: Envelope): Signal {
  const breach = readBreach(value);
  if (breach !== undefined) return signalOfBreach(breach);
  const alarm = readAlarmNotification(value);
  return alarm === undefined ? signalOfRaw(rawText(), envelope) : signalOfAlarm(alarm, envelope);
}
