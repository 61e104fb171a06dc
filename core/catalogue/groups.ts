/** Which bots share a stack: 500 resources a stack and 100 children a composite are met from the start. */
import type { BotConfig, NightdeskConfig } from '../config/types.ts';

/** A bot of one strategy makes some 25 resources; ten of them stay far below CloudFormation's 500. */
export const BOTS_PER_GROUP = 10;

export interface BotGroup {
  readonly name: string;
  readonly bots: readonly BotConfig[];
}

/**
 * Groups in order of their first bot. A bot without a group goes, by its place in the config, to `bots-1`, `bots-2`, …:
 * append new bots at the end, or name groups, and no alarm changes its stack.
 */
export function botGroups(config: Pick<NightdeskConfig, 'bots'>): readonly BotGroup[] {
  const groups = new Map<string, BotConfig[]>();
  for (const [index, bot] of config.bots.entries()) {
    const name = bot.group ?? `bots-${Math.floor(index / BOTS_PER_GROUP) + 1}`;
    groups.set(name, [...(groups.get(name) ?? []), bot]);
  }
  return [...groups].map(([name, bots]) => ({ name, bots }));
}
