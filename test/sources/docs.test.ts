import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sourcesPage } from '../../adapters/sources/docs-page.ts';
import { sources } from '../../adapters/sources/index.ts';

it('docs/sources.md says what each source maps and loses', () => {
  expect(readFileSync(join(import.meta.dirname, '../../docs/sources.md'), 'utf8')).toBe(sourcesPage(sources));
});
