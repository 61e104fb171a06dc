import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { splitLinesAsync } from '../../core/events/lines.ts';
import { encodeState } from '../../core/ledger/codec.ts';
import type { StrategyState } from '../../core/ledger/state.ts';
import { fileSource } from '../../local/event-file.ts';
import { createRebuilder } from '../../local/rebuild.ts';
import { type Command, UsageError } from '../command.ts';
import { readConfig } from '../start/open-stack.ts';

const help = `nightdesk rebuild FILE [--config FILE] [--json]

Folds a journal (events, one JSON object per line; .gz too) again, as the ledger does, and prints for each strategy the
hash of its state, what was counted, and its net result. Two journals with the same facts give the same hash.

  --config FILE  calendars, capital and currencies of the strategies
  --json         one JSON document on standard output

Exit codes: 0 fine · 2 unusable input.`;

export const command: Command = {
  name: 'rebuild',
  summary: 'state of strategies from their journal',
  help,
  run: async (args, io) => {
    const { file, config, json } = readArguments(args);
    const path = resolve(io.cwd, file);
    if (!existsSync(path)) throw new UsageError(`${file}: there is no such file`);
    const rebuilder = createRebuilder(config === undefined ? undefined : await readConfig(config, io));
    for await (const line of splitLinesAsync(fileSource(path)())) if (line.kind === 'text') rebuilder.line(line.text);
    const strategies = Object.fromEntries(
      [...rebuilder.result()].map(([id, { state }]) => [id, { hash: hashOf(state), ...state.counts, fills: state.totals.fills }]),
    );
    if (Object.keys(strategies).length === 0) throw new UsageError(`${file}: there is no usable event in it`);
    io.stdout(
      json
        ? `${JSON.stringify({ strategies }, undefined, 2)}\n`
        : Object.entries(strategies)
            .map(([id, row]) => `${id}  ${row.hash}  ${row.accepted} events, ${row.fills} fills\n`)
            .join(''),
    );
    return 0;
  },
};

/** Of everything that the ledger would store, parts in the order of their names. */
function hashOf(state: StrategyState): string {
  const { head, parts } = encodeState(state);
  const hash = createHash('sha256').update(head);
  for (const name of Object.keys(parts).sort()) hash.update(`\n${name}\n`).update(parts[name]!);
  return hash.digest('hex').slice(0, 32);
}

function readArguments(args: readonly string[]): { readonly file: string; readonly config?: string; readonly json: boolean } {
  let file: string | undefined;
  let config: string | undefined;
  let json = false;
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!;
    if (arg === '--json') json = true;
    else if (arg === '--config') {
      config = args[at + 1];
      at += 1;
      if (config === undefined) throw new UsageError('--config needs a value');
    } else if (arg.startsWith('-') || file !== undefined) throw new UsageError(`unknown option "${arg}"; see nightdesk rebuild --help`);
    else file = arg;
  }
  if (file === undefined) throw new UsageError('rebuild needs a file; see nightdesk rebuild --help');
  return { file, json, ...(config === undefined ? {} : { config }) };
}
