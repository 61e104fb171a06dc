/** `npm run conformance -- FILES`: runs recorded cases against the pure functions. Exit code 1 on any failure, 2 without files. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CaseResult, ConformanceKind } from './kind.ts';

async function loadKinds(): Promise<readonly ConformanceKind[]> {
  const directory = join(dirname(fileURLToPath(import.meta.url)), 'kinds');
  const files = readdirSync(directory)
    .filter(name => name.endsWith('.ts'))
    .sort();
  const modules = await Promise.all(files.map(name => import(join(directory, name)) as Promise<{ readonly kind?: ConformanceKind }>));
  return modules.flatMap(module => (module.kind === undefined ? [] : [module.kind]));
}

function runFile(file: string, kinds: readonly ConformanceKind[]): readonly CaseResult[] {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return [{ id: file, outcome: 'fail', expected: 'a JSON file', got: error instanceof Error ? error.message : String(error) }];
  }
  const kind = kinds.find(candidate => candidate.recognises(json));
  if (kind === undefined) {
    return [
      {
        id: file,
        outcome: 'fail',
        expected: `one of the kinds ${kinds.map(each => each.name).join(', ')}`,
        got: 'a file of another shape',
      },
    ];
  }
  const dataset = (path: string) => readFileSync(resolve(dirname(file), path));
  return kind.run(json, { file, dataset });
}

async function main(files: readonly string[]): Promise<number> {
  if (files.length === 0) {
    process.stderr.write('usage: npm run conformance -- FILES\n');
    return 2;
  }
  const kinds = await loadKinds();
  const count = { pass: 0, fail: 0, skip: 0 };
  for (const file of files) {
    for (const result of runFile(resolve(file), kinds)) {
      count[result.outcome]++;
      if (result.outcome === 'fail') process.stdout.write(`FAIL ${result.id}: expected ${result.expected}, got ${result.got}\n`);
      if (result.outcome === 'skip') process.stdout.write(`SKIP ${result.id}: ${result.reason}\n`);
    }
  }
  process.stdout.write(`${count.pass} passed, ${count.fail} failed, ${count.skip} skipped\n`);
  return count.fail > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
