import { choice, type EventTable, type FieldsOf, integer, name, number, object, optional, required } from './field.ts';
import type { Envelope, HeartbeatEvent, Resources } from './types.ts';

const resourceFields = {
  cpuPercent: optional(number('Processor time used by the process; 100 is one core.', '%')),
  memoryPercent: optional(number('Resident memory of the process as a share of its machine or container.', '%')),
  memoryBytes: optional(number('Resident memory that the process holds.', 'bytes')),
  diskReadBytesPerSecond: optional(number('Bytes that the process read from storage.', 'bytes/s')),
  diskWriteBytesPerSecond: optional(number('Bytes that the process wrote to storage.', 'bytes/s')),
  networkReceiveBytesPerSecond: optional(number('Bytes that the machine or container received.', 'bytes/s')),
  networkTransmitBytesPerSecond: optional(number('Bytes that the machine or container sent.', 'bytes/s')),
  networkLatencyMs: optional(number('Round trip to the venue.', 'ms')),
} satisfies FieldsOf<Resources>;

const fields = {
  component: required(name('Part of the bot that beats.')),
  status: required(
    choice(
      ['starting', 'ok', 'degraded', 'failed', 'stopping'],
      'How it feels. A job says starting when a run begins and ok when it ends; failed means down at once; stopping is a goodbye.',
    ),
  ),
  intervalMs: required(number('When the next beat is due.', 'ms')),
  uptimeMs: optional(number('Since the process started.', 'ms')),
  loopLagMs: optional(number('How late the event loop runs its timers.', 'ms')),
  queueDepth: optional(number('Work that waits inside the bot.', 'count')),
  clockOffsetUs: optional(number('Local clock minus true time.', 'µs', Number.NEGATIVE_INFINITY)),
  gitSha: optional(name('Revision of the code that runs.')),
  configHash: optional(name('Hash of the configuration that runs.')),
  openOrders: optional(integer('Orders that are open.', 'count')),
  tradingState: optional(choice(['active', 'reducing', 'halted'], 'Whether the bot may trade.')),
  resources: optional(object(resourceFields, 'What the process uses; absent where the operating system does not tell.')),
  runId: optional(name('Identity of this run; a restart has another.')),
} satisfies FieldsOf<Omit<HeartbeatEvent, keyof Envelope | 'eventType'>>;

export const heartbeat: EventTable = { says: 'The bot is alive; its silence is an alarm.', fields };
