import { account } from './account.ts';
import { cash } from './cash.ts';
import { control } from './control.ts';
import { error } from './error.ts';
import { execution } from './execution.ts';
import type { EventTable } from './field.ts';
import { heartbeat } from './heartbeat.ts';
import { marketData } from './market-data.ts';
import { order } from './order.ts';
import { position } from './position.ts';
import { reference } from './reference.ts';
import type { EventType } from './types.ts';

/** The ten event types by name. */
export const eventTables: Readonly<Record<EventType, EventTable>> = {
  order,
  execution,
  position,
  account,
  cash,
  marketData,
  heartbeat,
  error,
  control,
  reference,
};
