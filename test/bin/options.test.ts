import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../bin/command.ts';
import { UsageError } from '../../bin/command.ts';
import { type OptionTable, optionLines, optionsIn, parseArguments } from '../../bin/options.ts';
import { nightdesk } from '../run-nightdesk.ts';

const folder = join(import.meta.dirname, '../../bin/commands');
const loaded = await Promise.all(
  readdirSync(folder).map(async file => (await import(join(folder, file))) as { readonly command?: Command }),
);
const commands = new Map(loaded.flatMap(({ command }) => (command === undefined ? [] : [[command.name, command] as const])));
const read = (name: string, ...args: readonly string[]) => parseArguments(name, args, commands.get(name)!.options);

describe('every command', () => {
  it.each([...commands.values()])('$name shows all of its options in its help, and refuses any other', ({ name, help, options }) => {
    const known = [...optionsIn(options).keys()];
    expect(known.length).toBeGreaterThan(0);
    for (const option of known) expect(help).toMatch(new RegExp(`^  .*--${option}\\b`, 'm'));
    // What a help writes anywhere is an option of its own, or of another command that it quotes.
    const written = new Set([...help.matchAll(/(?<=[\s[|(])--([a-z][a-z-]+)/g)].map(([, option = '']) => option));
    const all = [...commands.values()].flatMap(command => [...optionsIn(command.options).keys()]);
    expect([...written].filter(option => !all.includes(option))).toEqual([]);
    for (const stranger of [
      '--nonsense',
      '--nonsense=1',
      '-x',
      ...all.filter(option => !known.includes(option)).map(option => `--${option}`),
    ])
      expect(() => read(name, stranger), stranger).toThrow(`${name}: unknown option "${stranger}"; see nightdesk ${name} --help`);
  });
});

describe('what CONTRACTS.md lists', () => {
  it.each([
    ['score', 'events.ndjson --config nightdesk.config.ts --json --strict'],
    ['score', '-'],
    ['start', '--input - --speed max --headless --until-end --drain PT5M --port 0 --json'],
    ['start', '--config nightdesk.config.ts --fresh --send'],
    ['notify', 'alarm.json --dry-run --json'],
    ['check', 'nightdesk.config.ts template.json --json'],
    ['test', 'a.test.yaml b.test.yaml --json'],
    [
      'import',
      'freqtrade trades.json --out events.ndjson --strategy s1 --account a --venue v --currency USDT --environment paper --map side=B/S',
    ],
    ['follow', 'ndjson bot.log --url https://intake.example/events/bot-1 --once'],
    ['why', 'demo-drawdown-s1 --at 2026-11-22T03:00:00Z --table T --json'],
    ['route', 'severity=critical Strategy=s1 --at now --json'],
    ['incident', 'v1:drawdown --markdown --stage prod --port 4399'],
    ['silence', 'add alertname=drawdown --for 2h --author ana --comment why'],
    ['market', 'close XNYS --for 2h --reason storm'],
    ['probe', 'bot-1 --config nightdesk.config.ts --json'],
    ['report', '- --day --at 2026-01-05 --strategy s1 --out reports'],
    ['rebuild', 'journal.ndjson --table T --endpoint http://127.0.0.1:4399 --replace --json'],
    [
      'backtest',
      '--events e.ndjson --from 2026-01-01T00:00:00Z --to 2026-02-01T00:00:00Z --max-pages-per-week 3 --must-catch a --must-catch b',
    ],
    ['rehearse', 'session-loss --topic arn:aws:sns:eu-west-1:111122223333:t --dry-run'],
  ])('%s takes %s', (name, line) => {
    expect(() => read(name, ...line.split(' '))).not.toThrow();
  });
});

describe('arguments', () => {
  const table: OptionTable = [
    ['--from T --to T', 'a span,\nboth ends'],
    ['--kept [DIR]', 'compares'],
    ['--json, --all', 'two flags'],
  ];
  const parse = (...args: readonly string[]) => {
    const { positional, values, flags } = parseArguments('it', args, table);
    return { positional, values: Object.fromEntries(values), flags: [...flags] };
  };

  it.each([
    [['a', '--from', '1', '-', '--json'], { positional: ['a', '-'], values: { from: '1' }, flags: ['json'] }],
    [['--from=1', '--to=a=b', '--all'], { positional: [], values: { from: '1', to: 'a=b' }, flags: ['all'] }],
    [['--from', '-5', '-7'], { positional: ['-7'], values: { from: '-5' }, flags: [] }],
    [['--to', '-'], { positional: [], values: { to: '-' }, flags: [] }],
    [['--from', '1', '--from', '2'], { positional: [], values: { from: '2' }, flags: [] }],
    [['--kept'], { positional: [], values: {}, flags: ['kept'] }],
    [['--kept', '--json'], { positional: [], values: {}, flags: ['kept', 'json'] }],
    [['--kept', 'there', 'x'], { positional: ['x'], values: { kept: 'there' }, flags: [] }],
    [['--from=--to'], { positional: [], values: { from: '--to' }, flags: [] }],
  ])('%j', (args, expected) => {
    expect(parse(...args)).toEqual(expected);
  });

  it.each([
    [['--from'], 'it: --from needs a value; see nightdesk it --help'],
    [['--from', ''], 'it: --from needs a value; see nightdesk it --help'],
    [['--from='], 'it: --from needs a value; see nightdesk it --help'],
    [['--from', '--json'], 'it: --from needs a value; see nightdesk it --help'],
    [['--json=yes'], 'it: --json takes no value; see nightdesk it --help'],
    [['--jso'], 'it: unknown option "--jso"; see nightdesk it --help'],
    [['-j'], 'it: unknown option "-j"; see nightdesk it --help'],
    [['--__proto__'], 'it: unknown option "--__proto__"; see nightdesk it --help'],
  ])('%j is refused in one line', (args, message) => {
    expect(() => parse(...args)).toThrow(new UsageError(message));
  });

  it('stand in the help as they are written', () => {
    expect(optionLines(table, 16)).toBe(
      ['  --from T --to T  a span,', '                  both ends', '  --kept [DIR]    compares', '  --json, --all   two flags'].join('\n'),
    );
  });
});

describe('an option that means nothing', () => {
  it.each([
    [['route', '--strategy', 's1'], 'nightdesk: route: unknown option "--strategy"; see nightdesk route --help\n'],
    [['score', '--config', '--json'], 'nightdesk: score: --config needs a value; see nightdesk score --help\n'],
    [['silence', 'list', '--for', '1h'], 'nightdesk: silence: --for means nothing for list; it is for add\n'],
    [['market', 'list', '--for', '1h'], 'nightdesk: market: --for means nothing for list; it is for close\n'],
    [['silence', 'add', '--incident', 'x', '--from', 'now'], 'nightdesk: silence: --from means nothing with --incident: it begins now\n'],
    [
      ['import', 'alertmanager', 'alertmanager.yml', '--strategy', 's1'],
      'nightdesk: import: alertmanager knows no --strategy: its file becomes a routing, printed as JSON\n',
    ],
  ])('%j ends with 2 and one line', async (args, stderr) => {
    expect(await nightdesk(...args)).toMatchObject({ code: 2, stdout: '', stderr });
  });
});
