/**
 * What people do to an incident, from any channel or command. Each loads, changes under the version it read, and leaves what the channels
 * still have to show as open duties; `wake` asks the notifier to fulfil them at once (its sweep does within a minute otherwise).
 */
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';
import type { Incident, KeyState, Reason } from './incident.ts';
import { labelsOf, matchersFor } from './labels.ts';
import { acknowledge, close, measured, type Step, silenced } from './life-cycle.ts';
import type { Matcher } from './matcher.ts';
import { createSilence, expired, type Silence, type SilenceStore, silenceState, silencesOf } from './silence.ts';
import type { IncidentStore } from './store.ts';

export interface ActionTools {
  readonly incidents: Pick<IncidentStore, 'load' | 'save'>;
  readonly silences: SilenceStore;
  /** Asks the notifier to look at the incident of this key. Failing is harmless. */
  readonly wake: (key: string) => Promise<void>;
}

export interface Acted {
  /** `acknowledged`, `alreadyAcknowledged`, `closed`, `silenced`, `unsilenced`, `restart`, `signalled`, or `notOpen`. */
  readonly reason: Reason;
  /** As it is now; absent when there never was one. */
  readonly incident?: Incident;
  readonly silence?: Silence;
}

/** `via` names the channel in which the person acted, when that channel shows it by itself already. */
export interface By {
  readonly who: string;
  readonly now: EpochMs;
  readonly via?: string;
}

/** The key of an incident's id (`2026-03-09T03:00:00.000Z#v1:…`); a key stays what it is. */
export const keyOfIncident = (reference: string): string => /^\d{4}-\d\d-\d\dT[\d:.]+Z#([\s\S]+)$/.exec(reference)?.[1] ?? reference;

export const acknowledgeIncident = (reference: string, { who, now, via }: By, tools: ActionTools): Promise<Acted> =>
  change(reference, state => acknowledge(state, who, now, via), tools);

/** Ends it for all channels, although its sources may still fire. */
export const resolveIncident = (reference: string, { who, now, via }: By, tools: ActionTools): Promise<Acted> =>
  change(reference, state => close(state, who, now, via), tools);

/** Matchers for the trouble of an incident: the labels of its group; where they tell nothing apart, the alert that opened it. */
export function matchersOf({ groupLabels = {}, signal }: Pick<Incident, 'groupLabels' | 'signal'>): readonly Matcher[] {
  const ofGroup = Object.entries(groupLabels).map(([label, value]): Matcher => ({ label, operator: '=', value }));
  return ofGroup.every(({ value }) => value === '') ? matchersFor(signal) : ofGroup;
}

/** Silences the trouble of an incident for `durationMs` from now: while it is open all of its alerts, afterwards those of its group. */
export async function silenceIncident(
  reference: string,
  { who, now, durationMs, comment = '' }: By & { readonly durationMs: number; readonly comment?: string },
  tools: ActionTools,
): Promise<Acted> {
  const stored = await tools.incidents.load(keyOfIncident(reference));
  const incident = stored?.state.incident;
  if (incident === undefined) return { reason: 'notOpen' };
  const silence = createSilence({
    matchers: matchersOf(incident),
    author: who,
    comment,
    createdAt: now,
    startsAt: now,
    endsAt: now + durationMs,
  });
  await tools.silences.put(silence);
  const text = `${who}, until ${isoFromMs(silence.endsAt)}${comment === '' ? '' : ` (${comment})`}`;
  return { ...(await change(reference, state => silenced(state, silence.endsAt, text, now, silence.id), tools)), silence };
}

/** Ends every active silence that covers the incident, the one of its group among them. */
export async function unsilenceIncident(reference: string, { who, now }: By, tools: ActionTools): Promise<Acted> {
  const incident = (await tools.incidents.load(keyOfIncident(reference)))?.state.incident;
  if (incident === undefined) return { reason: 'notOpen' };
  const current = await tools.silences.current(now);
  const covering = new Set(silencesOf(current, labelsOf(incident.signal, incident.severity), now));
  for (const silence of current) if (silence.id === incident.silenceId && silenceState(silence, now) === 'active') covering.add(silence);
  for (const silence of covering) await tools.silences.put(expired(silence, now));
  return change(reference, state => silenced(state, undefined, who, now), tools);
}

/** Tells in the incident what was done to a bot, or why nothing was; channels show it, and tell it without paging again. */
export const tellMeasure = (
  reference: string,
  measure: Parameters<typeof measured>[1],
  tools: Omit<ActionTools, 'silences'>,
): Promise<Acted> => change(reference, state => measured(state, measure), tools);

const TRIES = 8;

async function change(reference: string, step: (state: KeyState) => Step, tools: Omit<ActionTools, 'silences'>): Promise<Acted> {
  const key = keyOfIncident(reference);
  for (let tries = 0; tries < TRIES; tries++) {
    const stored = await tools.incidents.load(key);
    if (stored === undefined) return { reason: 'notOpen' };
    if (reference !== key && stored.state.incident?.id !== reference) return { reason: 'notOpen' };
    const { state, reason, changed } = step(stored.state);
    const incident = state.incident === undefined ? {} : { incident: state.incident };
    if (!changed) return { reason, ...incident };
    if ((await tools.incidents.save(state, stored.version)) !== 'saved') continue;
    await tools.wake(key).catch(() => undefined);
    return { reason, ...incident };
  }
  throw new Error(`incident ${key} could not be saved in ${TRIES} tries`);
}
