import { intakeLogGroup } from '../../core/catalogue/names.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import type { IntakeBot } from './intake.ts';

/** The bots of a config that send here, by id. */
export const intakeBots = (config: NightdeskConfig): ReadonlyMap<string, IntakeBot> =>
  new Map(
    config.bots.flatMap(({ id, intake, strategies, logGroup }) =>
      intake === undefined
        ? []
        : [
            [
              id,
              {
                id,
                secretName: intake.key.secretName,
                strategies: new Set(strategies.map(strategy => strategy.id)),
                requestsPerSecond: intake.requestsPerSecond,
                journalGroup: intake.everything ? logGroup.name : intakeLogGroup(config.stage),
              },
            ] as const,
          ],
    ),
  );
