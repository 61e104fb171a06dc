/** Reads a folder of the Numenta Anomaly Benchmark: `data/<group>/<file>.csv` (or `.csv.gz`) and `labels/combined_windows.json`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type NabProfile, type NabProfiles, officialProfiles, type RowWindow } from './nab-score.ts';

export interface NabPoint {
  readonly atMs: number;
  readonly value: number;
}

export interface NabFile {
  /** `<group>/<file>.csv`, as in the labels. */
  readonly name: string;
  readonly group: string;
  readonly points: readonly NabPoint[];
  readonly windows: readonly RowWindow[];
}

export interface NabCorpus {
  readonly files: readonly NabFile[];
  readonly profiles: NabProfiles;
}

/** What a published detector answered: a score a row, the threshold that its authors chose, and the raw standard score per file. */
export interface PublishedScores {
  readonly detector: string;
  readonly threshold_standard: number;
  readonly per_file_standard_score: Readonly<Record<string, number>>;
  readonly anomaly_scores: Readonly<Record<string, readonly number[]>>;
}

const readText = (path: string): string =>
  path.endsWith('.gz') ? gunzipSync(readFileSync(path)).toString('utf8') : readFileSync(path, 'utf8');
const readJson = (path: string): unknown => JSON.parse(readText(path));

export function readCorpus(folder: string): NabCorpus {
  const windows = readJson(join(folder, 'labels/combined_windows.json')) as Record<string, readonly (readonly [string, string])[]>;
  const files = readdirSync(join(folder, 'data'), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(({ name: group }) => readdirSync(join(folder, 'data', group)).map(file => ({ group, file })))
    .filter(({ file }) => /\.csv(\.gz)?$/.test(file))
    .map(({ group, file }): NabFile => {
      const name = `${group}/${file.replace(/\.gz$/, '')}`;
      const points = parsePoints(readText(join(folder, 'data', group, file)));
      return { name, group, points, windows: (windows[name] ?? []).flatMap(span => rowsOf(span, points)) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { files, profiles: readProfiles(folder) };
}

/** The folder's own weights (beside the data, or in `config/` as in the benchmark's repository), else the official ones. */
function readProfiles(folder: string): NabProfiles {
  const path = ['profiles.json', 'config/profiles.json'].map(name => join(folder, name)).find(existsSync);
  if (path === undefined) return officialProfiles;
  const costs = readJson(path) as Record<keyof NabProfiles, { readonly CostMatrix: NabProfile }>;
  return {
    standard: costs.standard.CostMatrix,
    reward_low_FP_rate: costs.reward_low_FP_rate.CostMatrix,
    reward_low_FN_rate: costs.reward_low_FN_rate.CostMatrix,
  };
}

/** Detectors in `published/`; none when the folder has no such place. */
export function readPublished(folder: string): readonly PublishedScores[] {
  const published = join(folder, 'published');
  if (!existsSync(published)) return [];
  return readdirSync(published)
    .filter(name => /-anomaly-scores\.json(\.gz)?$/.test(name))
    .sort()
    .map(name => readJson(join(published, name)) as PublishedScores);
}

function parsePoints(csv: string): readonly NabPoint[] {
  const lines = csv.split('\n').slice(1);
  return lines.flatMap(line => {
    const [at, value] = line.trim().split(',');
    return at === undefined || value === undefined || value === '' ? [] : [{ atMs: parseTime(at), value: Number(value) }];
  });
}

/** `2014-04-10 07:15:00` with or without a fraction, without zone: read as UTC. */
const parseTime = (text: string): number => Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`);

/** None when the window has no row in it. */
function rowsOf([from, to]: readonly [string, string], points: readonly NabPoint[]): readonly RowWindow[] {
  const first = points.findIndex(({ atMs }) => atMs >= parseTime(from));
  const last = points.findLastIndex(({ atMs }) => atMs <= parseTime(to));
  return first < 0 || last < first ? [] : [[first, last]];
}
