/** Words for states. A state is never told by colour alone. */
import type { AlarmStateName, AlarmView, BotStatus } from './api.ts';

export function stateWord(state: AlarmStateName | string): string {
  if (state === 'ALARM') return 'In alarm';
  if (state === 'OK') return 'OK';
  return state === 'INSUFFICIENT_DATA' ? 'Not enough data' : state;
}

export const botWords: Readonly<Record<BotStatus['state'], string>> = {
  new: 'waiting for its first heartbeat',
  up: 'up',
  late: 'late',
  down: 'down',
  paused: 'paused',
};

/** Alarms that people act on: not those that only feed a composite and page nobody themselves. */
export function ownAlarms(all: readonly AlarmView[]): readonly AlarmView[] {
  const rules = all.flatMap(each => each.rule ?? []);
  return all.filter(each => each.severity !== undefined || !rules.some(rule => rule.includes(each.name)));
}

/** An alarm's name without the stage, which the head of the page already says. */
export const shortName = (name: string, stage: string | undefined): string =>
  stage !== undefined && name.startsWith(`${stage}-`) ? name.slice(stage.length + 1) : name;

/** The person's part of an alarm's description: without the line that machines read. */
export const readableDescription = (description: string): string =>
  description
    .split('\n')
    .filter(line => !/^nightdesk \{/.test(line))
    .join('\n')
    .trim();

/** The sentence after "First:" or "First action:", when there is one. */
export function firstAction(description: string): { readonly before: string; readonly action?: string } {
  const whole = readableDescription(description);
  const match = /(?:^|\n|\s)(?:first(?: action)?|do (?:this )?first|now):\s*(?<action>[\s\S]+)$/i.exec(whole);
  if (match?.groups === undefined) {
    const lines = whole.split('\n');
    return lines.length > 1 ? { before: lines[0] ?? '', action: lines.slice(1).join('\n') } : { before: whole };
  }
  return { before: whole.slice(0, match.index).trim(), action: match.groups['action'] ?? '' };
}
