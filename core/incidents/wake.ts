import { asObject, asText } from '../cloudwatch/loose-json.ts';

/** Asks the notifier to look at one incident now, beyond any signal: a person acted, or a wait is over. */
export interface Wake {
  readonly nightdesk: 1;
  readonly kind: 'wake';
  readonly key: string;
}

export const wakeFor = (key: string): Wake => ({ nightdesk: 1, kind: 'wake', key });

/** The key of a wake; undefined when the event is something else. */
export function readWake(event: unknown): Wake | undefined {
  const object = asObject(event);
  const key = asText(object?.['key']);
  return object?.['nightdesk'] === 1 && object['kind'] === 'wake' && key !== undefined ? wakeFor(key) : undefined;
}

/** The notifier's own minute: groups whose time has come. */
export const sweepEvent = { nightdesk: 1, kind: 'sweep' } as const;

export function isSweep(event: unknown): boolean {
  const object = asObject(event);
  return object?.['nightdesk'] === 1 && object['kind'] === 'sweep';
}

/** Asks for the page of each week that is marked TEST. */
export const testPageEvent = { nightdesk: 1, kind: 'test-page' } as const;

export function isTestPage(event: unknown): boolean {
  const object = asObject(event);
  return object?.['nightdesk'] === 1 && object['kind'] === 'test-page';
}
