import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, it, vi } from 'vitest';
import { main } from '../bench/anomaly.ts';
import { readCorpus } from './nab-corpus.ts';
import { DAY, dailyWave, HOUR, pointsOf, START } from './series.ts';

const folders: string[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function printed() {
  const said: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation(text => {
      said.push(String(text));
      return true;
    });
  return () => said.join('');
}

/** Two files of ten days; in the first, exposure doubles within the labelled window on day 8. The published answer flags its start. */
function corpus(publishedScore: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'nightdesk-nab-'));
  folders.push(folder);
  for (const path of ['data/made', 'labels', 'published']) mkdirSync(join(folder, path), { recursive: true });
  const from = START + 8 * DAY;
  const points = pointsOf({ days: 10, valueAt: (at, noise) => dailyWave(at, noise) * (at >= from && at < from + 3 * HOUR ? 2 : 1) });
  const text = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ');
  const csv = `timestamp,value\n${points.map(({ at, value }) => `${text(at)},${value}`).join('\n')}\n`;
  writeFileSync(join(folder, 'data/made/doubled.csv.gz'), gzipSync(csv));
  writeFileSync(join(folder, 'data/made/empty-labels.csv'), csv);
  const window = [`${text(from - 6 * HOUR)}.000000`, `${text(from + 6 * HOUR)}.000000`];
  writeFileSync(join(folder, 'labels/combined_windows.json'), JSON.stringify({ 'made/doubled.csv': [window] }));
  const scores = points.map(({ at }) => (at === from - 6 * HOUR ? 1 : 0));
  writeFileSync(
    join(folder, 'published/byHand-anomaly-scores.json'),
    JSON.stringify({
      detector: 'byHand',
      threshold_standard: 0.5,
      per_file_standard_score: { 'made/doubled.csv': publishedScore },
      anomaly_scores: { 'made/doubled.csv': scores },
    }),
  );
  return folder;
}

it('reads compressed and plain files, with and without windows', () => {
  const { files, profiles } = readCorpus(corpus(1));
  expect(files.map(({ name, points, windows }) => [name, points.length, windows])).toEqual([
    ['made/doubled.csv', 2880, [[2232, 2376]]],
    ['made/empty-labels.csv', 2880, []],
  ]);
  expect(profiles.standard.fpWeight).toBe(0.11);
});

it('prints both presets and checks its scorer against published scores', () => {
  const text = printed();
  expect(main(corpus(1))).toBe(0);
  expect(text()).toContain('byHand             100.00   1 of 1 files equal the published score');
  expect(text()).toMatch(/\nsensitive +\d/);
  expect(text()).toMatch(/\nquiet +\d/);
});

it('exits 1 when a published score is not what the scorer says', () => {
  const text = printed();
  expect(main(corpus(0.5))).toBe(1);
  expect(text()).toContain('0 of 1 files equal');
});

it.each([[undefined], ['/nowhere']])('exits 2 and says what it needs when the folder is %s', folder => {
  const text = printed();
  expect(main(folder)).toBe(2);
  expect(text()).toMatch(/give the folder of the Numenta Anomaly Benchmark as argument or in NIGHTDESK_NAB/);
});
