/**
 * A detector's state as two JSON texts for a table: `now` changes with every point and is small, `past` changes once an hour. A writer
 * that leaves out an unchanged `past` pays for the small one only.
 */
import type { DetectorState, ModelState, RunningHour } from './detector.ts';
import type { PresetName } from './presets.ts';
import { type TailDay, tailOf } from './tail.ts';

export interface EncodedDetector {
  readonly now: string;
  readonly past: string;
}

interface Now {
  readonly version: 1;
  readonly preset: PresetName;
  readonly lastAt?: number;
  readonly hour?: RunningHour;
  readonly season: ModelNow;
  readonly level: ModelNow;
  readonly episodeAt?: number;
  readonly inEpisode: boolean;
}

interface ModelNow extends Omit<ModelState, 'tail'> {
  readonly today?: TailDay;
}

interface Past {
  readonly profile: DetectorState['profile'];
  readonly season: readonly TailDay[];
  readonly level: readonly TailDay[];
}

/** What a preset has learnt means nothing to another, so its name is stored with it. */
export function encodeDetector({ profile, season, level, ...rest }: DetectorState, preset: PresetName): EncodedDetector {
  const now: Now = { ...rest, preset, season: nowOf(season), level: nowOf(level) };
  const past: Past = { profile, season: season.tail.past, level: level.tail.past };
  return { now: JSON.stringify(now), past: JSON.stringify(past) };
}

/** Undefined when the texts are of another version or preset: then the detector learns anew. @throws SyntaxError when they are not JSON. */
export function decodeDetector(encoded: EncodedDetector, preset: PresetName): DetectorState | undefined {
  const { preset: storedPreset, season, level, ...rest } = JSON.parse(encoded.now) as Now;
  if (rest.version !== 1 || storedPreset !== preset) return undefined;
  const past = JSON.parse(encoded.past) as Past;
  return { ...rest, profile: past.profile, season: modelOf(season, past.season), level: modelOf(level, past.level) };
}

const nowOf = ({ tail, ...window }: ModelState): ModelNow => ({ ...window, ...(tail.today === undefined ? {} : { today: tail.today }) });
const modelOf = ({ today, ...window }: ModelNow, past: readonly TailDay[]): ModelState => ({ ...window, tail: tailOf(past, today) });
