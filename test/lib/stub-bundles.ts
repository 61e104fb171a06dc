import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functionNames } from '../../core/catalogue/metric.ts';

/** A folder with an empty function for each name, so that a synth needs no build. */
export function stubBundles(): string {
  const dir = mkdtempSync(join(tmpdir(), 'nightdesk-bundles-'));
  for (const name of functionNames) {
    mkdirSync(join(dir, name));
    writeFileSync(join(dir, name, 'index.js'), 'exports.handler = async () => undefined;\n');
  }
  return dir;
}
