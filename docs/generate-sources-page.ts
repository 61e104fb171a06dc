/** Writes docs/sources.md: `npx tsx docs/generate-sources-page.ts`. */
import { writeFileSync } from 'node:fs';
import { sourcesPage } from '../adapters/sources/docs-page.ts';
import { sources } from '../adapters/sources/index.ts';

writeFileSync(new URL('sources.md', import.meta.url), sourcesPage(sources));
