/**
 * `npm run bench:anomaly -- FOLDER`: our detector on the Numenta Anomaly Benchmark. FOLDER, or NIGHTDESK_NAB, holds `data/`,
 * `labels/combined_windows.json` and, to check the scorer, `published/`. Exit 1 when the scorer disagrees with what was published.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { detect, emptyDetector } from '../../core/anomaly/detector.ts';
import { type PresetName, presets } from '../../core/anomaly/presets.ts';
import { type NabCorpus, type NabFile, type PublishedScores, readCorpus, readPublished } from '../anomaly/nab-corpus.ts';
import { type NabResult, resultsOf } from '../anomaly/nab-result.ts';
import { normalisedScore, rawScore } from '../anomaly/nab-score.ts';
import { gaussianFlags } from '../anomaly/windowed-gaussian.ts';

const say = (line = '') => process.stdout.write(`${line}\n`);

/** Published per-file scores have twelve digits. */
const EQUAL = 1e-9;

function onsets(file: NabFile, preset: PresetName): readonly boolean[] {
  let state = emptyDetector;
  return file.points.map(({ atMs: at, value }) => {
    const next = detect(state, { at, value }, { preset });
    state = next.state;
    return next.verdict.onset;
  });
}

function checkScorer({ files, profiles }: NabCorpus, published: PublishedScores): boolean {
  const isRounded = published.detector === 'windowedGaussian';
  const flags = (file: NabFile) =>
    isRounded ? gaussianFlags(file) : published.anomaly_scores[file.name]!.map(score => score >= published.threshold_standard);
  const known = files.filter(({ name }) => published.anomaly_scores[name] !== undefined);
  const raws = known.map(file => rawScore(flags(file), file.windows, profiles.standard));
  const equal = known.filter(({ name }, at) => Math.abs(raws[at]! - published.per_file_standard_score[name]!) < EQUAL);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const windows = sum(known.map(file => file.windows.length));
  const score = normalisedScore(sum(raws), windows, profiles.standard).toFixed(2);
  const how = isRounded ? 'detector run again, its published scores are rounded' : 'from its published anomaly scores';
  say(
    `scorer check  ${published.detector.padEnd(18)} ${score}   ${equal.length} of ${known.length} files equal the published score (${how})`,
  );
  return equal.length === known.length;
}

function row(name: string, { scores, windows, hits, falseAlarms, seriesWeeks }: NabResult): string {
  const points = (score: number) => (windows === 0 ? '–' : score.toFixed(1)).padStart(7);
  const share = (part: number, of: number) => (of === 0 ? '–' : (part / of).toFixed(2)).padStart(7);
  return [
    name.padEnd(28),
    points(scores.standard),
    points(scores.reward_low_FP_rate),
    points(scores.reward_low_FN_rate),
    share(hits, windows),
    share(hits, hits + falseAlarms),
    (falseAlarms / seriesWeeks).toFixed(3).padStart(16),
  ].join(' ');
}

function published(folder: string): string | undefined {
  const path = join(folder, 'published/standard-totals.json');
  if (!existsSync(path)) return undefined;
  const totals = JSON.parse(readFileSync(path, 'utf8')) as { readonly normalized_over_these_files: Readonly<Record<string, number>> };
  return Object.entries(totals.normalized_over_these_files)
    .map(([name, score]) => `${name} ${score.toFixed(1)}`)
    .join(', ');
}

export function main(folder: string | undefined): number {
  if (folder === undefined || !existsSync(join(folder, 'labels/combined_windows.json'))) {
    const what = folder === undefined ? 'no folder was given' : `${folder} has no labels/combined_windows.json`;
    process.stderr.write(`bench:anomaly: ${what}; give the folder of the Numenta Anomaly Benchmark as argument or in NIGHTDESK_NAB\n`);
    return 2;
  }
  const corpus = readCorpus(folder);
  const checks = readPublished(folder).map(detector => checkScorer(corpus, detector));
  if (checks.length === 0) say('scorer check  none: the folder has no published scores');
  say(`\n${corpus.files.length} series. One fixed setting per preset for all of them; an alarm is the first point of an episode.`);
  say(`${''.padEnd(28)} NAB std  low FP  low FN  recall  precis  false/series-wk`);
  for (const preset of Object.keys(presets) as PresetName[]) {
    const { all, groups } = resultsOf(corpus, file => onsets(file, preset));
    say(row(preset, all));
    for (const [group, result] of groups) say(row(`  ${group}`, result));
  }
  const others = published(folder);
  if (others !== undefined) say(`\nPublished, standard score over these files: ${others}`);
  return checks.every(Boolean) ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = main(process.argv[2] ?? process.env['NIGHTDESK_NAB']);
}
