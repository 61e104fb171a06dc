/** Arguments that `import` and `follow` share. */
import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { sources } from '../../adapters/sources/index.ts';
import type { SourceContext, SourceFormat } from '../../adapters/sources/source.ts';
import type { Environment } from '../../core/events/types.ts';
import { type Io, UsageError } from '../command.ts';
import type { OptionTable } from '../options.ts';

export const contextOptions: OptionTable = [
  ['--strategy ID', 'strategy of the events, where the records do not name one (or to override it)'],
  ['--account ID', 'account of the events, likewise'],
  ['--venue NAME', 'venue of the events, likewise'],
  ['--currency CODE', 'currency of money that comes without one'],
  ['--environment NAME', 'live, paper or backtest'],
  ['--map FILE|MAP', "columns of a CSV: a JSON file, or text such as 'side=B/S,lastQty=Qty' (source csv)"],
];

/** @throws UsageError that lists the sources. */
export function findSource(command: string, name: string | undefined): SourceFormat {
  const found = sources.find(source => source.name === name);
  if (found !== undefined) return found;
  const names = sources.map(source => source.name).join(', ');
  throw new UsageError(
    name === undefined ? `${command}: name a source: ${names}` : `${command}: unknown source "${name}"; known are ${names}`,
  );
}

const environments: readonly Environment[] = ['live', 'paper', 'backtest'];

export function contextOf(command: string, io: Io, values: ReadonlyMap<string, string>): SourceContext {
  const environment = values.get('environment');
  if (environment !== undefined && !environments.includes(environment as Environment)) {
    throw new UsageError(`${command}: --environment must be one of ${environments.join(', ')}; was "${environment}"`);
  }
  const map = values.get('map');
  const given = {
    strategyId: values.get('strategy'),
    accountId: values.get('account'),
    venue: values.get('venue'),
    currency: values.get('currency'),
    environment: environment as Environment | undefined,
    columns: map === undefined ? undefined : columnsText(command, io, map),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as SourceContext;
}

/** The text of a map file, or the map itself where it holds an equals sign. */
function columnsText(command: string, io: Io, map: string): string {
  if (map.includes('=') || map.trimStart().startsWith('{')) return map;
  try {
    return readFileSync(resolvePath(io, map), 'utf8');
  } catch {
    throw new UsageError(`${command}: --map ${map} cannot be read`);
  }
}

export function resolvePath(io: Io, path: string): string {
  return isAbsolute(path) ? path : join(io.cwd, path);
}
