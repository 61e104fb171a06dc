import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { type Routing, routingOf } from '../../core/incidents/routing.ts';
import type { Io } from '../command.ts';
import { readConfig } from '../start/open-stack.ts';

const usual = ['nightdesk.config.ts', 'nightdesk.config.mjs', 'nightdesk.config.json'];

/** The routing of the named config, or of the one that lies here; without any, that of a stack with a Slack and a PagerDuty stub. */
export const loadRouting = async (config: string | undefined, io: Io): Promise<Routing> => routingFrom(await loadConfig(config, io));

export const routingFrom = (config: NightdeskConfig | undefined): Routing =>
  routingOf(config ?? { routes: { critical: ['slack', 'pagerduty'], warning: ['slack'], info: ['slack'] } });

/** The named config, or the one that lies here; undefined without any. */
export async function loadConfig(config: string | undefined, io: Io): Promise<NightdeskConfig | undefined> {
  const found = config ?? usual.find(name => existsSync(resolve(io.cwd, name)));
  return found === undefined ? undefined : readConfig(found, io);
}
