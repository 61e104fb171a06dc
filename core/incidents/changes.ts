/** Deployments, halts and other changes that bots report, as lines in the timelines of the trouble around them. */
import type { NightdeskConfig } from '../config/types.ts';
import { CONTROLS_MS, type Control } from '../health/pulse.ts';
import { botOf } from './bot-signal.ts';
import { type Incident, isOpen, type TimelineEntry } from './incident.ts';
import { plainText } from './plain-text.ts';

export interface StrategyChange extends Control {
  readonly strategyId: string;
}

/** So long before an incident a change still belongs to its story. */
export const CHANGE_LEAD_MS = CONTROLS_MS;

/** The same change gives the same line, so that it can be written again. */
export const changeLine = ({ strategyId, at, action, actor, reason }: StrategyChange): TimelineEntry => ({
  at,
  reason: 'changed',
  text: plainText(`${strategyId}: ${action} by ${actor}: ${reason}`, 300),
});

/** Whether an open incident is about the strategy that changed, or about its whole bot. */
export function isTouchedBy(incident: Incident, { strategyId, at }: StrategyChange, config: Pick<NightdeskConfig, 'bots'>): boolean {
  if (!isOpen(incident) || at < incident.openedAt - CHANGE_LEAD_MS) return false;
  const about = { ...incident.signal.dimensions, ...incident.groupLabels };
  const { Strategy } = about;
  if (Strategy === undefined) {
    const ofBot = botOf(about, config)?.strategies.some(({ id }) => id === strategyId) === true;
    return ofBot || incident.firing.some(key => strategyOf(key) === strategyId);
  }
  return Strategy === strategyId || incident.firing.some(key => strategyOf(key) === strategyId);
}

/** From an alert's key, such as `v1:drawdown:Strategy=s1,Venue=v`. */
const strategyOf = (key: string): string | undefined => /[:,]Strategy=([^,]+)/.exec(key)?.[1];
