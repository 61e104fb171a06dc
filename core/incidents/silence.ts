/** Silences: while one is active, alerts whose labels match all of its matchers are not announced. They are kept for a while after they end. */
import type { EpochMs } from '../time/instant.ts';
import { fingerprint } from './key.ts';
import { type Labels, type Matcher, matcherProblem, matchesAll, showMatcher, showMatchers } from './matcher.ts';

export interface Silence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly author: string;
  readonly comment: string;
  readonly createdAt: EpochMs;
  readonly startsAt: EpochMs;
  /** Exclusive. */
  readonly endsAt: EpochMs;
}

export type SilenceState = 'pending' | 'active' | 'expired';

export interface SilenceStore {
  /** Writes it whole; the same id again replaces it. */
  put(silence: Silence): Promise<void>;
  /** Those that end after `now`, pending ones included, the last to end first. */
  current(now: EpochMs): Promise<readonly Silence[]>;
  /** Also expired ones that are still kept, the last to end first, at most `limit`. */
  list(limit: number): Promise<readonly Silence[]>;
}

/** Longest silence: what must stay quiet for longer is a rule, and belongs into the config. */
export const SILENCE_LIMIT_MS = 90 * 86_400_000;

export type SilenceInput = Omit<Silence, 'id'>;

/** A silence with its id, made of its content; equal input has the same id. */
export const createSilence = (input: SilenceInput): Silence => ({ ...input, id: `silence-${fingerprint(JSON.stringify(input))}` });

/** Problems of a silence before it is stored. One that matches everything is refused: it would hide every page. */
export function silenceProblem({ matchers, startsAt, endsAt, author }: SilenceInput): string | undefined {
  if (matchers.length === 0) return 'needs at least one matcher';
  if (matchers.every(matcher => matchesAll([matcher], {}))) return 'needs a matcher that does not match an empty label';
  if (author.trim() === '') return 'needs an author';
  if (!(endsAt > startsAt)) return 'must end after it starts';
  if (endsAt - startsAt > SILENCE_LIMIT_MS) return 'must end within 90 days';
  const wrong = matchers.find(matcher => matcherProblem(matcher) !== undefined);
  return wrong === undefined ? undefined : `${showMatcher(wrong)} ${matcherProblem(wrong)}`;
}

export function silenceState({ startsAt, endsAt }: Silence, now: EpochMs): SilenceState {
  if (now >= endsAt) return 'expired';
  return now < startsAt ? 'pending' : 'active';
}

/** The active silences that cover these labels. */
export function silencesOf(silences: readonly Silence[], labels: Labels, now: EpochMs): readonly Silence[] {
  return silences.filter(silence => silenceState(silence, now) === 'active' && matchesAll(silence.matchers, labels));
}

/** Ends now; one that is pending never starts. */
export function expired(silence: Silence, now: EpochMs): Silence {
  return { ...silence, startsAt: Math.min(silence.startsAt, now), endsAt: Math.min(silence.endsAt, now) };
}

export const showSilence = ({ matchers, author, comment }: Silence): string =>
  `${showMatchers(matchers)} by ${author}${comment === '' ? '' : `: ${comment}`}`;
