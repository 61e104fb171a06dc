import type { EcsRestartConfig } from '../../core/config/types.ts';
import { emptyRestartLog, type RestartLog } from '../../core/incidents/restart.ts';
import { saveVersioned, type Versioned, versioned } from './fired-store.ts';
import type { Table } from './table.ts';

type Target = Pick<EcsRestartConfig, 'cluster' | 'service' | 'arn'>;

/** What was done about each ECS service. One writer wins, so that one incident is one restart, and the limit per hour holds. */
export interface RestartStore {
  load(target: Target): Promise<Versioned<RestartLog>>;
  save(target: Target, version: number, log: RestartLog): Promise<'saved' | 'conflict'>;
}

export function createRestartStore(table: Table): RestartStore {
  const keyOf = ({ cluster, service, arn }: Target) => ({ pk: `RESTARTS#${arn ?? `${cluster}/${service}`}`, sk: 'LOG' });
  return {
    load: async target => versioned(await table.get(keyOf(target)), emptyRestartLog),
    save: (target, version, log) => saveVersioned(table, keyOf(target), version, log),
  };
}
