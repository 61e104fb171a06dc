/**
 * Nightdesk's own anomaly detector: a series against its usual value at the time of day, in units of its usual largest deviation.
 * Pure and causal: a verdict depends on the points up to its own and on nothing else. The method and what it reaches: docs/anomaly.md.
 */
import type { EpochMs } from '../time/instant.ts';
import { type CycleHour, type SessionOf, utcDays } from './cycle.ts';
import { type PresetName, presets, type Sensitivity } from './presets.ts';
import { type Expectation, expectationAt, median, type Profile, withHour } from './profile.ts';
import { emptyTail, summaryOf, type Tail, withDeviation } from './tail.ts';

export interface DetectorSettings {
  readonly preset: PresetName;
  /** Which side of the band is worth an alarm. Default: both. */
  readonly is?: 'above' | 'below' | 'outside';
  /** Default: days of UTC, always open. */
  readonly sessionOf?: SessionOf;
}

export interface Point {
  readonly at: EpochMs;
  /** Finite, in any unit. */
  readonly value: number;
}

/** Why a verdict is what it is. */
export type VerdictReason =
  /** Within the band. */
  | 'usual'
  /** Outside the band. */
  | 'above'
  | 'below'
  /** Outside the band, but less than twelve hours after an episode began that is already over. */
  | 'echo'
  /** Too little history for a band. */
  | 'learning'
  /** The market is closed: the point is not judged and not learnt from. */
  | 'closed'
  /** Not newer than the last one: not judged and not learnt from. */
  | 'late';

export interface Verdict {
  readonly at: EpochMs;
  readonly anomalous: boolean;
  readonly reason: VerdictReason;
  /** The first point of an episode. */
  readonly onset: boolean;
  /** Smoothed deviation to the watched side over half the width of the band: 0 to `LARGEST_SCORE`, outside above 1. Absent without a band. */
  readonly score?: number;
  /** The series' unit. The band is for the value averaged over the preset's window. */
  readonly expected?: number;
  readonly lower?: number;
  readonly upper?: number;
}

/** Plain data, about ten kilobytes as text, however long the series. A preset reads its own only. */
export interface DetectorState {
  readonly version: 1;
  readonly lastAt?: EpochMs;
  readonly hour?: RunningHour;
  readonly profile: Profile;
  readonly season: ModelState;
  readonly level: ModelState;
  /** When the newest episode began, and whether the last point was in it. A gap longer than the preset's window ends it. */
  readonly episodeAt?: EpochMs;
  readonly inEpisode: boolean;
}

export interface RunningHour extends CycleHour {
  readonly expectation: Expectation;
  /** Sum and count of values by five-minute step; undefined steps had no point. */
  readonly steps: readonly Step[];
}

/** `[step, sum, count]`; a step is five minutes of UTC. */
type Step = readonly [step: number, sum: number, count: number];

/** Each expectation is judged by its own past deviations: those of the other one, or of a time when it did not know, would mislead. */
export interface ModelState {
  /** Deviations within the window; the sum is of deviations here. */
  readonly recent: readonly Step[];
  /** Where points began after the last pause that was longer than the window. */
  readonly since?: number;
  /** Steps with points in the last whole window. */
  readonly full: number;
  readonly tail: Tail;
}

const emptyModel: ModelState = { recent: [], full: 0, tail: emptyTail };

export const emptyDetector: DetectorState = { version: 1, profile: [], season: emptyModel, level: emptyModel, inEpisode: false };

export const LARGEST_SCORE = 100;
const STEP_MS = 300_000;
/** A new episode begins at the earliest this long after the last one began: what comes sooner is the same trouble. */
export const EPISODE_GUARD_MS = 12 * 3_600_000;
/** History of deviations that a band needs: a whole day, and enough points for one in a hundred to be one of them. */
const FEWEST_HOURS = 24;
const FEWEST_POINTS = 100;
/** Narrowest band as a share of the expected value, so that rounding in a constant series is no anomaly. */
const NARROWEST_SHARE = 0.001;

/** The next state and the verdict on the point. @throws RangeError when time or value is not finite. */
export function detect(
  state: DetectorState,
  { at, value }: Point,
  { preset, is = 'outside', sessionOf = utcDays }: DetectorSettings,
): { readonly state: DetectorState; readonly verdict: Verdict } {
  if (!Number.isFinite(at) || !Number.isFinite(value)) throw new RangeError(`NotFinite: point at ${at} with value ${value}`);
  const unjudged = (reason: 'late' | 'closed') => ({ state, verdict: { at, anomalous: false, onset: false, reason } });
  if (state.lastAt !== undefined && at <= state.lastAt) return unjudged('late');
  const now = sessionOf(at);
  if (now === undefined) return unjudged('closed');

  const sensitivity = presets[preset];
  const step = Math.floor(at / STEP_MS);
  const startsHour = state.hour?.day !== now.day || state.hour.slot !== now.slot;
  const { hour, profile } = startsHour ? nextHour(state, now) : { hour: state.hour, profile: state.profile };
  const { season, level } = hour.expectation;

  const place = { step, startsHour, day: now.day, sensitivity };
  const bySeason = season === undefined ? undefined : deviate(state.season, value, season, place);
  const byLevel = level === undefined ? undefined : deviate(state.level, value, level, place);
  const lasts = state.inEpisode && at - state.lastAt! <= sensitivity.smoothSteps * STEP_MS;
  const judged = judge(chosen(bySeason, byLevel), at, is, { episodeAt: state.episodeAt, lasts });
  return {
    state: {
      version: 1,
      lastAt: at,
      hour: { ...hour, steps: withStep(hour.steps, step, value) },
      profile,
      season: bySeason?.next ?? state.season,
      level: byLevel?.next ?? state.level,
      inEpisode: judged.anomalous,
      ...(judged.onset ? { episodeAt: at } : state.episodeAt === undefined ? {} : { episodeAt: state.episodeAt }),
    },
    verdict: judged,
  };
}

/** Closes the running hour into the profile, and expects the new one from what is complete. */
function nextHour({ hour, profile }: DetectorState, now: CycleHour): { readonly hour: RunningHour; readonly profile: Profile } {
  const complete = hour === undefined ? profile : withHour(profile, hour, median(hour.steps.map(([, sum, count]) => sum / count)));
  return { hour: { ...now, expectation: expectationAt(complete, now.slot), steps: [] }, profile: complete };
}

function withStep(steps: readonly Step[], step: number, value: number): readonly Step[] {
  const last = steps.at(-1);
  return last?.[0] === step ? [...steps.slice(0, -1), [step, last[1] + value, last[2] + 1]] : [...steps, [step, value, 1]];
}

interface Deviation {
  readonly expected: number;
  /** Signed, averaged over the window. */
  readonly smoothed: number;
  /** Half the width of the band; undefined while learning. */
  readonly width?: number;
  /** How far off the expectation usually is. */
  readonly meanError: number;
  readonly next: ModelState;
}

interface Place {
  readonly step: number;
  readonly startsHour: boolean;
  readonly day: number;
  readonly sensitivity: Sensitivity;
}

function deviate(model: ModelState, value: number, expected: number, { step, startsHour, day, sensitivity }: Place): Deviation {
  const window = windowAt(model, step, value - expected, sensitivity.smoothSteps);
  const sum = window.recent.reduce((total, [, deviations, count]) => total + deviations / count, 0);
  const smoothed = sum / Math.max(window.recent.length, window.full);
  const { points, hours, mean, usual } = summaryOf(model.tail, sensitivity.usualShare);
  const isKnown = points >= FEWEST_POINTS && hours >= FEWEST_HOURS;
  const width = sensitivity.times * Math.max(usual, NARROWEST_SHARE * Math.abs(expected), Number.EPSILON);
  // An anomaly teaches that the band was too narrow, not how far off it was: else one great one would hide the next for days.
  // Where nothing ever deviated, the first deviation is all that is known of their size.
  const learnt = isKnown && usual > 0 ? Math.min(Math.abs(smoothed), width) : Math.abs(smoothed);
  return {
    expected,
    smoothed,
    ...(isKnown ? { width } : {}),
    meanError: mean,
    next: { ...window, tail: withDeviation(model.tail, day, learnt, { startsHour }) },
  };
}

/**
 * The window with one more deviation. After a pause the window fills again; until then its sum is shared by as many steps as it had
 * before, since the mean of one or two points is noise that the band, which is for a whole window, does not know.
 */
function windowAt(model: ModelState, step: number, deviation: number, smoothSteps: number) {
  const within = model.recent.filter(([at]) => at > step - smoothSteps);
  const recent = withStep(within, step, deviation);
  const since = within.length === 0 || model.since === undefined ? step : model.since;
  const isWhole = step - since >= smoothSteps - 1;
  return { recent, since, full: isWhole ? recent.length : model.full };
}

/** The expectation that has been nearer to the truth, among those that have a band; the time of day when they are equal. */
function chosen(season: Deviation | undefined, level: Deviation | undefined): Deviation | undefined {
  if (season?.width === undefined) return level;
  return level?.width === undefined || season.meanError <= level.meanError ? season : level;
}

function judge(
  deviation: Deviation | undefined,
  at: EpochMs,
  is: NonNullable<DetectorSettings['is']>,
  { episodeAt, lasts }: { readonly episodeAt: EpochMs | undefined; readonly lasts: boolean },
): Verdict {
  if (deviation?.width === undefined) return { at, anomalous: false, onset: false, reason: 'learning' };
  const { expected, smoothed, width } = deviation;
  const excess = is === 'outside' ? Math.abs(smoothed) : is === 'above' ? smoothed : -smoothed;
  const score = Math.min(Math.max(excess, 0) / width, LARGEST_SCORE);
  const isOutside = score > 1;
  const isEcho = isOutside && !lasts && episodeAt !== undefined && at - episodeAt < EPISODE_GUARD_MS;
  const anomalous = isOutside && !isEcho;
  const direction = smoothed > 0 ? 'above' : 'below';
  return {
    at,
    anomalous,
    onset: anomalous && !lasts,
    reason: isEcho ? 'echo' : isOutside ? direction : 'usual',
    score,
    expected,
    lower: expected - width,
    upper: expected + width,
  };
}
