import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { goldenFiles } from './golden-files.ts';

const files = await goldenFiles();

it.each(files.map(file => [basename(file.path), file] as const))(
  '%s says what is published; `npm run golden` accepts a change',
  (_, { path, text }) => {
    expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(text);
  },
);
