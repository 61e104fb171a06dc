/** Writes the golden files. Run it on purpose (`npm run golden`), and read the difference before you commit it. */
import { writeFileSync } from 'node:fs';
import { goldenFiles } from './golden-files.ts';

process.env['CDK_VALIDATION'] = 'false';
for (const { path, text } of await goldenFiles()) writeFileSync(path, text);
