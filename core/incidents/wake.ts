import { asObject, asText } from '../cloudwatch/loose-json.ts';
import type { Sent } from './duties.ts';
import type { Signal } from './signal.ts';

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

/**
 * A signal whose page went out while nothing could be stored, to be folded in later: `sent` says who was told by then, so that nobody is told
 * twice. `tries` counts how often that failed.
 */
export interface Again {
  readonly nightdesk: 1;
  readonly kind: 'again';
  readonly signal: Signal;
  readonly sent: readonly Sent[];
  readonly tries: number;
}

export function readAgain(event: unknown): Again | undefined {
  const object = asObject(event);
  return object?.['nightdesk'] === 1 && object['kind'] === 'again' && asObject(object['signal']) !== undefined
    ? (object as unknown as Again)
    : undefined;
}

/** Seconds until the n-th try to fold it in. */
export const againSeconds = (tries: number): number => Math.min(900, 30 * 2 ** tries);
