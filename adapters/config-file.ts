/** Reads a config file: TypeScript, JavaScript or JSON. Whatever is wrong comes back as problems, never as a stack trace. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { build, type Message, type Plugin, transform } from 'esbuild';
import { parseConfig } from '../core/config/parse.ts';
import type { ConfigProblem } from '../core/config/problem.ts';
import type { NightdeskConfig } from '../core/config/types.ts';
import { err, ok, type Result } from '../core/result.ts';

type Read<T> = Result<T, readonly ConfigProblem[]>;

/**
 * The validated config of a file. TypeScript and JavaScript export it as default; their imports are bundled, so the file
 * needs no build and no installed `nightdesk`. Syntax errors name file and line.
 */
export async function loadConfigFile(path: string): Promise<Read<NightdeskConfig>> {
  const written = await readConfigFile(path);
  return written.ok ? parseConfig(written.value) : written;
}

/** What the file says, before validation. */
export async function readConfigFile(path: string): Promise<Read<unknown>> {
  const file = resolve(path);
  if (!existsSync(file) || !statSync(file).isFile()) return err([unreadable(path, 'the file does not exist')]);
  if (extname(file) === '.json') return readJson(path, readFileSync(file, 'utf8'));
  if (/\.[cm]?[jt]s$/.test(file)) return readModule(path, file);
  return err([unreadable(path, 'a config is a .ts, .mts, .js, .mjs or .json file')]);
}

async function readJson(path: string, text: string): Promise<Read<unknown>> {
  try {
    return ok(JSON.parse(text));
  } catch {
    // JSON.parse tells no line on every version of Node; esbuild does.
    const failure = await transform(text, { loader: 'json', logLevel: 'silent' }).then(
      () => [unreadable(path, 'is not JSON')],
      (error: unknown) => failuresOf(path, error),
    );
    return err(failure);
  }
}

async function readModule(path: string, file: string): Promise<Read<unknown>> {
  let code: string;
  try {
    const built = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      logLevel: 'silent',
      plugins: [defineConfigOnly],
    });
    code = built.outputFiles[0]!.text;
  } catch (error) {
    return err(failuresOf(path, error));
  }
  try {
    const module: unknown = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
    const value = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
    return value === undefined
      ? err([unreadable(path, 'must export the config as default: export default defineConfig({ … })')])
      : ok(value);
  } catch (error) {
    return err([unreadable(path, `threw while it was read: ${error instanceof Error ? error.message : String(error)}`)]);
  }
}

/** A config needs one function of the library and not the CDK behind it. */
const defineConfigOnly: Plugin = {
  name: 'define-config-only',
  setup(chain) {
    chain.onResolve({ filter: /^nightdesk$/ }, ({ path }) => ({ path, namespace: 'nightdesk' }));
    chain.onLoad({ filter: /.*/, namespace: 'nightdesk' }, () => ({ contents: 'export const defineConfig = config => config;' }));
  },
};

const unreadable = (path: string, rule: string): ConfigProblem => ({ code: 'NOT_READABLE', path, value: '', rule });

function failuresOf(path: string, error: unknown): readonly ConfigProblem[] {
  const messages = typeof error === 'object' && error !== null && 'errors' in error ? (error.errors as readonly Message[]) : [];
  if (messages.length === 0) return [unreadable(path, error instanceof Error ? error.message : String(error))];
  return messages.map(({ text, location }) => ({
    code: 'NOT_PARSABLE',
    path: location === null ? path : `${location.file === '<stdin>' ? path : location.file}:${location.line}`,
    value: location === null ? '' : location.lineText.trim(),
    rule: text,
  }));
}
