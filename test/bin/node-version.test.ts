import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeProblem } from '../../bin/node-version.ts';

it.each(['18.20.8', '20.18.3', '16.0.0'])('names Node.js %s as too old', version => {
  expect(nodeProblem(version)).toBe(`Node.js must be 20.19 or newer; was ${version}`);
});

it.each(['20.19.0', '20.20.2', '22.1.0', '26.0.0'])('runs on Node.js %s', version => {
  expect(nodeProblem(version)).toBeUndefined();
});

it('is what the package says', () => {
  const { engines } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { engines: { node: string } };
  expect(nodeProblem('0.0.0')).toContain(engines.node.replace('>=', ''));
});
