/** Fixtures of the sources: NAME.in.EXT is what another program wrote, NAME.out.ndjson the events, NAME.context.json the options. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Imported, importBytes } from '../../adapters/sources/import-bytes.ts';
import { sources } from '../../adapters/sources/index.ts';
import type { SourceContext, SourceFormat } from '../../adapters/sources/source.ts';

const root = join(import.meta.dirname, 'fixtures');

export interface FixturePair {
  readonly source: SourceFormat;
  readonly name: string;
  readonly context: SourceContext;
  readonly input: Uint8Array;
  readonly expectedPath: string;
}

export function fixturePairs(): readonly FixturePair[] {
  return sources.flatMap(source => {
    const folder = join(root, source.name);
    const files = existsSync(folder) ? readdirSync(folder).sort() : [];
    return files
      .filter(file => file.includes('.in.'))
      .map(file => {
        const name = file.slice(0, file.indexOf('.in.'));
        const contextPath = join(folder, `${name}.context.json`);
        return {
          source,
          name,
          context: existsSync(contextPath) ? (JSON.parse(readFileSync(contextPath, 'utf8')) as SourceContext) : {},
          input: readFileSync(join(folder, file)),
          expectedPath: join(folder, `${name}.out.ndjson`),
        };
      });
  });
}

export const importPair = ({ source, context, input }: FixturePair): Imported => importBytes(source, context, input);

/** Events, then what was said of the rest, as log lines: the whole of what an import says. */
export function textOfImport({ lines, problems, notes }: Imported): string {
  const said = [...problems.map(({ place, message }) => `# ${place}: ${message}`), ...notes.map(note => `# ${note}`)];
  return `${[...lines, ...said].join('\n')}\n`;
}
