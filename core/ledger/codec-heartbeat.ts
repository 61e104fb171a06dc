import type { HeartbeatEvent } from '../events/types.ts';

/** A heartbeat as JSON has it: times as text, and without the strategy that the state belongs to. */
export type HeartbeatText = Omit<HeartbeatEvent, 'tsEvent' | 'tsSent' | 'strategyId'> & {
  readonly tsEvent: string;
  readonly tsSent: string;
};

export function writeHeartbeat(event: HeartbeatEvent): HeartbeatText {
  const { strategyId: _, ...rest } = event;
  return { ...rest, tsEvent: event.tsEvent.toString(), tsSent: event.tsSent.toString() };
}

export function readHeartbeat(text: HeartbeatText, strategyId: string): HeartbeatEvent {
  return { ...text, strategyId, tsEvent: BigInt(text.tsEvent), tsSent: BigInt(text.tsSent) };
}
