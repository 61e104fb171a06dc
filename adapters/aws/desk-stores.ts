import type { SilenceStore } from '../../core/incidents/silence.ts';
import type { AlertStore, IncidentStore } from '../../core/incidents/store.ts';
import { createAlertStore } from './alert-store.ts';
import { type ClosureStore, createClosureStore } from './closure-store.ts';
import { createIncidentStore } from './incident-store.ts';
import { createSilenceStore } from './silence-store.ts';
import type { Table } from './table.ts';

export interface AlertStoreTools {
  readonly alerts: AlertStore;
  readonly incidents: IncidentStore;
  readonly silences: SilenceStore;
  readonly closures: ClosureStore;
}

/** Everything that the notifier remembers, over one table. */
export const createDeskStores = (table: Table, now: () => number): AlertStoreTools => ({
  alerts: createAlertStore(table, now),
  incidents: createIncidentStore(table, now),
  silences: createSilenceStore(table),
  closures: createClosureStore(table),
});
