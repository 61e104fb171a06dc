/**
 * SQS: standard and FIFO queues on virtual time, with visibility, delays, deduplication (five minutes, as SQS documents),
 * message groups and redrive to a dead-letter queue.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { EpochMs } from '../../core/time/instant.ts';
import { AwsError } from '../endpoint/errors.ts';
import type { Authorize, Caller, Input, Service } from '../endpoint/service.ts';
import { list, record, text } from '../endpoint/service.ts';

export interface QueueDefinition {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly isFifo: boolean;
  readonly hasContentDeduplication: boolean;
  readonly visibilitySeconds: number;
  readonly delaySeconds: number;
  readonly retentionSeconds: number;
  readonly redrive?: { readonly queueArn: string; readonly maxReceiveCount: number };
}

export interface Message {
  readonly messageId: string;
  readonly body: string;
  readonly md5: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly sequence: number;
  readonly sentAtMs: EpochMs;
  readonly attributes: Readonly<Record<string, unknown>>;
  visibleAtMs: EpochMs;
  receiveCount: number;
  firstReceivedAtMs?: EpochMs;
  receiptHandle?: string;
}

export interface SendRequest {
  readonly body: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly delaySeconds?: number;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export interface Queue {
  readonly definition: QueueDefinition;
  readonly send: (request: SendRequest) => Message;
  readonly receive: (max: number, visibilitySeconds?: number) => readonly Message[];
  readonly delete: (receiptHandle: string) => void;
  readonly changeVisibility: (receiptHandle: string, seconds: number) => void;
  readonly counts: () => {
    readonly visible: number;
    readonly inFlight: number;
    readonly delayed: number;
    readonly oldestAgeSeconds: number;
  };
  readonly purge: () => void;
}

export interface QueueHooks {
  readonly now: () => EpochMs;
  /** Something may be received at that time. */
  readonly onVisible: (queue: Queue, atMs: EpochMs) => void;
  readonly queueByArn: (arn: string) => Queue | undefined;
}

const dedupWindowMs = 300_000;

/** Longest delay of a message, in seconds. Source: SQS API, SendMessage. */
const longestDelay = 900;

/** What the service refuses to delay: more than 15 minutes, or one message of a FIFO queue, which has the queue's own delay only. */
function checkDelay(definition: QueueDefinition, delaySeconds: number | undefined): void {
  if (delaySeconds === undefined) return;
  const refuse = (reason: string) => {
    throw new AwsError('InvalidParameterValue', `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: ${reason}.`);
  };
  if (definition.isFifo && delaySeconds !== 0) refuse('The request include parameter that is not valid for this queue type');
  if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > longestDelay)
    refuse(`DelaySeconds must be >= 0 and <= ${longestDelay}`);
}

export function createQueue(definition: QueueDefinition, hooks: QueueHooks): Queue {
  const messages: Message[] = [];
  const seen = new Map<string, { readonly message: Message; readonly untilMs: EpochMs }>();
  let sequence = 0;

  function duplicateOf(id: string | undefined, nowMs: EpochMs): Message | undefined {
    if (id === undefined) return undefined;
    const known = seen.get(id);
    if (known !== undefined && known.untilMs > nowMs) return known.message;
    if (seen.size > 2_000) for (const [key, { untilMs }] of seen) if (untilMs <= nowMs) seen.delete(key);
    return undefined;
  }

  function deadLetter(message: Message): void {
    const target = hooks.queueByArn(definition.redrive!.queueArn);
    target?.send({
      body: message.body,
      attributes: message.attributes,
      ...(message.groupId === undefined ? {} : { groupId: message.groupId, deduplicationId: message.messageId }),
    });
  }

  const queue: Queue = {
    definition,
    send(request) {
      const nowMs = hooks.now();
      checkDelay(definition, request.delaySeconds);
      if (definition.isFifo && request.groupId === undefined)
        throw new AwsError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
      const id = request.deduplicationId ?? (definition.isFifo && definition.hasContentDeduplication ? sha256(request.body) : undefined);
      if (definition.isFifo && id === undefined) {
        throw new AwsError(
          'InvalidParameterValue',
          'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
        );
      }
      const twin = definition.isFifo ? duplicateOf(id, nowMs) : undefined;
      if (twin !== undefined) return twin;
      sequence += 1;
      const message: Message = {
        messageId: randomUUID(),
        body: request.body,
        md5: md5(request.body),
        ...(request.groupId === undefined ? {} : { groupId: request.groupId }),
        ...(id === undefined ? {} : { deduplicationId: id }),
        sequence,
        sentAtMs: nowMs,
        attributes: request.attributes ?? {},
        visibleAtMs: nowMs + (request.delaySeconds ?? definition.delaySeconds) * 1_000,
        receiveCount: 0,
      };
      if (id !== undefined) seen.set(id, { message, untilMs: nowMs + dedupWindowMs });
      messages.push(message);
      hooks.onVisible(queue, message.visibleAtMs);
      return message;
    },
    receive(max, visibilitySeconds = definition.visibilitySeconds) {
      const nowMs = hooks.now();
      const blocked = new Set<string>();
      const taken: Message[] = [];
      for (let index = 0; index < messages.length && taken.length < max; index += 1) {
        const message = messages[index]!;
        const group = definition.isFifo ? message.groupId! : undefined;
        if (group !== undefined && blocked.has(group)) continue;
        if (message.visibleAtMs > nowMs) {
          if (group !== undefined) blocked.add(group);
          continue;
        }
        if (nowMs - message.sentAtMs > definition.retentionSeconds * 1_000) {
          messages.splice(index, 1);
          index -= 1;
          continue;
        }
        if (definition.redrive !== undefined && message.receiveCount >= definition.redrive.maxReceiveCount) {
          messages.splice(index, 1);
          index -= 1;
          deadLetter(message);
          continue;
        }
        message.receiveCount += 1;
        message.firstReceivedAtMs ??= nowMs;
        message.visibleAtMs = nowMs + visibilitySeconds * 1_000;
        message.receiptHandle = `${message.messageId}:${message.receiveCount}`;
        taken.push(message);
      }
      if (taken.length > 0) hooks.onVisible(queue, nowMs + visibilitySeconds * 1_000);
      return taken;
    },
    delete(receiptHandle) {
      const index = messages.findIndex(message => message.receiptHandle === receiptHandle);
      if (index >= 0) messages.splice(index, 1);
    },
    changeVisibility(receiptHandle, seconds) {
      const message = messages.find(candidate => candidate.receiptHandle === receiptHandle);
      if (message === undefined) throw new AwsError('InvalidParameterValue', 'The receipt handle is not valid');
      message.visibleAtMs = hooks.now() + seconds * 1_000;
      hooks.onVisible(queue, message.visibleAtMs);
    },
    counts() {
      const nowMs = hooks.now();
      let visible = 0;
      let inFlight = 0;
      let delayed = 0;
      for (const message of messages) {
        if (message.visibleAtMs <= nowMs) visible += 1;
        else if (message.receiveCount > 0) inFlight += 1;
        else delayed += 1;
      }
      const oldest = messages[0];
      return { visible, inFlight, delayed, oldestAgeSeconds: oldest === undefined ? 0 : Math.max(0, (nowMs - oldest.sentAtMs) / 1_000) };
    },
    purge() {
      messages.length = 0;
    },
  };
  return queue;
}

/** The record that a function receives for a message (Lambda's SQS event). */
export function toEventRecord(message: Message, queue: QueueDefinition, region: string): unknown {
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: {},
    md5OfBody: message.md5,
    eventSource: 'aws:sqs',
    eventSourceARN: queue.arn,
    awsRegion: region,
  };
}

function systemAttributes(message: Message): Readonly<Record<string, string>> {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAtMs),
    SenderId: 'AIDALOCAL',
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs ?? message.sentAtMs),
    ...(message.groupId === undefined
      ? {}
      : { MessageGroupId: message.groupId, SequenceNumber: String(message.sequence).padStart(20, '0') }),
    ...(message.deduplicationId === undefined ? {} : { MessageDeduplicationId: message.deduplicationId }),
  };
}

export function createSqs(queues: readonly Queue[], authorize: Authorize): Service {
  const byName = new Map(queues.map(queue => [queue.definition.name, queue]));

  function queueFor(input: Input, caller: Caller, action: string): Queue {
    const url = text(input['QueueUrl']) ?? '';
    const queue = byName.get(url.slice(url.lastIndexOf('/') + 1));
    if (queue === undefined) {
      throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.', {
        members: { queryCode: 'AWS.SimpleQueueService.NonExistentQueue' },
      });
    }
    authorize(caller, `sqs:${action}`, queue.definition.arn);
    return queue;
  }

  const send = (queue: Queue, input: Input) => {
    const message = queue.send({
      body: text(input['MessageBody']) ?? '',
      attributes: record(input['MessageAttributes']),
      ...optional('groupId', text(input['MessageGroupId'])),
      ...optional('deduplicationId', text(input['MessageDeduplicationId'])),
      ...optional('delaySeconds', typeof input['DelaySeconds'] === 'number' ? input['DelaySeconds'] : undefined),
    });
    return {
      MessageId: message.messageId,
      MD5OfMessageBody: message.md5,
      ...(queue.definition.isFifo ? { SequenceNumber: String(message.sequence).padStart(20, '0') } : {}),
    };
  };

  return {
    target: 'AmazonSQS',
    jsonVersion: '1.0',
    operations: {
      SendMessage: (input, caller) => send(queueFor(input, caller, 'SendMessage'), input),
      SendMessageBatch(input, caller) {
        const queue = queueFor(input, caller, 'SendMessage');
        const entries = list(input['Entries']).map(record);
        if (entries.length > 10)
          throw new AwsError('AWS.SimpleQueueService.TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.');
        const bytes = entries.reduce((sum, entry) => sum + Buffer.byteLength(text(entry['MessageBody']) ?? ''), 0);
        if (bytes > 1_048_576)
          throw new AwsError('AWS.SimpleQueueService.BatchRequestTooLong', 'Batch requests cannot be longer than 1048576 bytes.');
        return { Successful: entries.map(entry => ({ Id: entry['Id'], ...send(queue, entry) })), Failed: [] };
      },
      ReceiveMessage(input, caller) {
        const queue = queueFor(input, caller, 'ReceiveMessage');
        const visibility = typeof input['VisibilityTimeout'] === 'number' ? input['VisibilityTimeout'] : undefined;
        const taken = queue.receive(typeof input['MaxNumberOfMessages'] === 'number' ? input['MaxNumberOfMessages'] : 1, visibility);
        return {
          Messages: taken.map(message => ({
            MessageId: message.messageId,
            ReceiptHandle: message.receiptHandle,
            Body: message.body,
            MD5OfBody: message.md5,
            Attributes: systemAttributes(message),
          })),
        };
      },
      DeleteMessage(input, caller) {
        queueFor(input, caller, 'DeleteMessage').delete(text(input['ReceiptHandle']) ?? '');
        return {};
      },
      DeleteMessageBatch(input, caller) {
        const queue = queueFor(input, caller, 'DeleteMessage');
        const entries = list(input['Entries']).map(record);
        for (const entry of entries) queue.delete(text(entry['ReceiptHandle']) ?? '');
        return { Successful: entries.map(entry => ({ Id: entry['Id'] })), Failed: [] };
      },
      ChangeMessageVisibility(input, caller) {
        queueFor(input, caller, 'ChangeMessageVisibility').changeVisibility(
          text(input['ReceiptHandle']) ?? '',
          Number(input['VisibilityTimeout']),
        );
        return {};
      },
      GetQueueUrl(input, caller) {
        return { QueueUrl: queueFor({ QueueUrl: text(input['QueueName']) ?? '' }, caller, 'GetQueueUrl').definition.url };
      },
      ListQueues(_input, caller) {
        authorize(caller, 'sqs:ListQueues', '*');
        return { QueueUrls: queues.map(queue => queue.definition.url) };
      },
      PurgeQueue(input, caller) {
        queueFor(input, caller, 'PurgeQueue').purge();
        return {};
      },
      GetQueueAttributes(input, caller) {
        const queue = queueFor(input, caller, 'GetQueueAttributes');
        const counts = queue.counts();
        const all: Record<string, string> = {
          QueueArn: queue.definition.arn,
          ApproximateNumberOfMessages: String(counts.visible),
          ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
          ApproximateNumberOfMessagesDelayed: String(counts.delayed),
          VisibilityTimeout: String(queue.definition.visibilitySeconds),
          ...(queue.definition.isFifo ? { FifoQueue: 'true' } : {}),
        };
        const names = list(input['AttributeNames']);
        const isWanted = (name: string) => names.includes('All') || names.includes(name);
        return { Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => isWanted(name))) };
      },
    },
  };
}

function optional<K extends string, V>(name: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [name]: value } as Record<K, V>);
}

const md5 = (body: string) => createHash('md5').update(body).digest('hex');
const sha256 = (body: string) => createHash('sha256').update(body).digest('hex');
