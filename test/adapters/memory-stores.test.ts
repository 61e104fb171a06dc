import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createSilenceStore } from '../../adapters/aws/silence-store.ts';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { incidentStoreSuite } from '../suites/incident-store.ts';
import { silenceStoreSuite } from '../suites/silence-store.ts';
import { stateStoreSuite } from '../suites/state-store.ts';
import { tableSuite } from '../suites/table.ts';

tableSuite('memory', async () => createMemoryTable());

stateStoreSuite('memory', async () => {
  const table = createMemoryTable();
  return () => createStrategyStore(table);
});

incidentStoreSuite('memory', async () => {
  const table = createMemoryTable();
  return () => createIncidentStore(table, () => 10_000);
});

silenceStoreSuite('memory', async () => {
  const table = createMemoryTable();
  return () => createSilenceStore(table);
});
