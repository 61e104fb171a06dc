import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Routing, routingOf } from '../../core/incidents/routing.ts';
import type { Io } from '../command.ts';
import { readConfig } from '../start/open-stack.ts';

const usual = ['nightdesk.config.ts', 'nightdesk.config.mjs', 'nightdesk.config.json'];

/** The routing of the named config, or of the one that lies here; without any, that of a stack with a Slack and a PagerDuty stub. */
export async function loadRouting(config: string | undefined, io: Io): Promise<Routing> {
  const found = config ?? usual.find(name => existsSync(resolve(io.cwd, name)));
  if (found !== undefined) return routingOf(await readConfig(found, io));
  return routingOf({ routes: { critical: ['slack', 'pagerduty'], warning: ['slack'], info: ['slack'] } });
}
