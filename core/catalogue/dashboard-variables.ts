/**
 * What a reader of our dashboards can choose: strategy, bot and venue. Charts find their lines with searches that hold one of the tokens
 * below as an exact term, `"every-strategy"`. "All" puts the namespace in its place, which every metric of ours matches; a choice puts
 * an id there, which only the metrics with that dimension match. Custom widgets get the same tokens as parameters.
 */
import type { NightdeskConfig } from '../config/types.ts';
import { namespaceOf } from './names.ts';

export const tokens = { Strategy: 'every-strategy', Bot: 'every-bot', venue: 'every-venue' } as const;

/** Names that a variable may have as its values; CloudWatch names no limit, a drop-down has one. */
const CHOICES = 200;

export interface PatternVariable {
  readonly type: 'pattern';
  readonly pattern: string;
  readonly inputType: 'select';
  readonly id: string;
  readonly label: string;
  readonly defaultValue: string;
  readonly visible: true;
  readonly values: readonly { readonly label: string; readonly value: string }[];
}

const titled = (id: string): string => `${id.charAt(0).toUpperCase()}${id.slice(1)}`;

/** Those that leave a choice; one strategy alone needs no drop-down but its token a value. */
export function variablesOf(config: NightdeskConfig): readonly PatternVariable[] {
  const strategies = config.bots.flatMap(bot => bot.strategies);
  const all = namespaceOf(config.stage);
  const variable = (id: string, pattern: string, everything: string, options: readonly string[], label = titled(id)): PatternVariable => ({
    type: 'pattern',
    pattern,
    inputType: 'select',
    id,
    label,
    defaultValue: everything,
    visible: true,
    values: [{ label: `All (${options.length})`, value: everything }, ...options.slice(0, CHOICES).map(value => ({ label: value, value }))],
  });
  const venues = [...new Set(strategies.flatMap(({ venue }) => venue ?? []))].sort();
  return [
    variable(
      'strategy',
      tokens.Strategy,
      all,
      strategies.map(({ id }) => id),
    ),
    variable(
      'bot',
      tokens.Bot,
      all,
      config.bots.map(({ id }) => id),
    ),
    ...(venues.length === 0 ? [] : [variable('venue', tokens.venue, all, venues, 'Venue (tables, curves)')]),
  ];
}

/** Parameters of custom widgets that follow the variables. */
export const chosen = { strategy: tokens.Strategy, bot: tokens.Bot, venue: tokens.venue } as const;

/** Does a parameter mean everything: left out, "All", or a token that nobody put a value in. */
export const meansAll = (parameter: string | undefined, stage: string): boolean =>
  parameter === undefined ||
  parameter === '' ||
  parameter === namespaceOf(stage) ||
  (Object.values(tokens) as string[]).includes(parameter);
