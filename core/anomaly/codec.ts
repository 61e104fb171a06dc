/** A detector's state as text for a table: about ten kilobytes, whatever the series. */
import type { DetectorState, ModelState } from './detector.ts';
import type { PresetName } from './presets.ts';
import { type TailDay, tailOf } from './tail.ts';

interface StoredDetector extends Omit<DetectorState, 'season' | 'level'> {
  readonly preset: PresetName;
  readonly season: StoredModel;
  readonly level: StoredModel;
}

/** Without what follows from the rest. */
interface StoredModel extends Omit<ModelState, 'tail'> {
  readonly past: readonly TailDay[];
  readonly today?: TailDay;
}

/** What a preset has learnt means nothing to another, so its name is stored with it. */
export function encodeDetector({ season, level, ...rest }: DetectorState, preset: PresetName): string {
  const stored: StoredDetector = { ...rest, preset, season: storedOf(season), level: storedOf(level) };
  return JSON.stringify(stored);
}

/** Undefined when the text is of another version or preset: then the detector learns anew. @throws SyntaxError when it is not JSON. */
export function decodeDetector(text: string, preset: PresetName): DetectorState | undefined {
  const { preset: storedPreset, season, level, ...rest } = JSON.parse(text) as StoredDetector;
  if (rest.version !== 1 || storedPreset !== preset) return undefined;
  return { ...rest, season: modelOf(season), level: modelOf(level) };
}

const storedOf = ({ tail: { past, today }, ...window }: ModelState): StoredModel => ({
  ...window,
  past,
  ...(today === undefined ? {} : { today }),
});

const modelOf = ({ past, today, ...window }: StoredModel): ModelState => ({ ...window, tail: tailOf(past, today) });
