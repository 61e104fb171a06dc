import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';

export interface AlarmNow {
  readonly state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  /** Epoch milliseconds. */
  readonly sinceMs?: number;
  /** Why a composite alarm's actions are held back; absent when they are not. */
  readonly suppressedBy?: string;
}

/** States of all alarms whose name begins with a prefix. */
export interface AlarmStates {
  readonly read: (prefix: string) => Promise<ReadonlyMap<string, AlarmNow>>;
}

/** Alarms on one page. Source: DescribeAlarms, MaxRecords. */
const PAGE = 100;
/** Pages that are read at most: ten thousand alarms. */
const PAGES = 100;
/** A dashboard of several widgets asks once: DescribeAlarms has a quota of nine calls a second. */
const FRESH_MS = 10_000;

/** Composite alarms come only when they are asked for. `now` in epoch milliseconds ages what was read. */
export function createAlarmStates(client: CloudWatchClient, now: () => number): AlarmStates {
  let known: { readonly prefix: string; readonly atMs: number; readonly states: Promise<ReadonlyMap<string, AlarmNow>> } | undefined;
  return {
    read: prefix => {
      const age = known === undefined ? Number.POSITIVE_INFINITY : now() - known.atMs;
      if (known !== undefined && known.prefix === prefix && age >= 0 && age < FRESH_MS) return known.states;
      const states = readAll(client, prefix);
      known = { prefix, atMs: now(), states };
      // A failure is not remembered.
      states.catch(() => {
        known = undefined;
      });
      return states;
    },
  };
}

async function readAll(client: CloudWatchClient, prefix: string): Promise<ReadonlyMap<string, AlarmNow>> {
  const states = new Map<string, AlarmNow>();
  let token: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const answer = await client.send(
      new DescribeAlarmsCommand({
        AlarmNamePrefix: prefix,
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: PAGE,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    for (const alarm of answer.MetricAlarms ?? []) note(states, alarm);
    for (const alarm of answer.CompositeAlarms ?? []) note(states, alarm, alarm.ActionsSuppressedBy);
    token = answer.NextToken;
    if (token === undefined) break;
  }
  return states;
}

function note(
  states: Map<string, AlarmNow>,
  alarm: {
    readonly AlarmName?: string | undefined;
    readonly StateValue?: string | undefined;
    readonly StateUpdatedTimestamp?: Date | undefined;
  },
  suppressedBy?: string,
): void {
  const { AlarmName: name, StateValue: state, StateUpdatedTimestamp: since } = alarm;
  if (name === undefined || (state !== 'ALARM' && state !== 'OK' && state !== 'INSUFFICIENT_DATA')) return;
  states.set(name, {
    state,
    ...(since === undefined ? {} : { sinceMs: since.getTime() }),
    ...(suppressedBy === undefined ? {} : { suppressedBy }),
  });
}
