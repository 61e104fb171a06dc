#!/usr/bin/env node
import type { Command, ExitCode, Io } from './command.ts';
import { UsageError } from './command.ts';
import { nodeProblem } from './node-version.ts';
import { runCommand } from './options.ts';
import { outsideTrouble } from './outside-trouble.ts';

/** Commands load on demand, so that `score` does not pay for the CDK. */
const commands: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  score: () => import('./commands/score.ts'),
  start: () => import('./commands/start.ts'),
  notify: () => import('./commands/notify.ts'),
  view: () => import('./commands/view.ts'),
  route: () => import('./commands/route.ts'),
  why: () => import('./commands/why.ts'),
  incident: () => import('./commands/incident.ts'),
  silence: () => import('./commands/silence.ts'),
  market: () => import('./commands/market.ts'),
  report: () => import('./commands/report.ts'),
  rebuild: () => import('./commands/rebuild.ts'),
  import: () => import('./commands/import.ts'),
  follow: () => import('./commands/follow.ts'),
  check: () => import('./commands/check.ts'),
  test: () => import('./commands/test.ts'),
  backtest: () => import('./commands/backtest.ts'),
  rehearse: () => import('./commands/rehearse.ts'),
  probe: () => import('./commands/probe.ts'),
  grafana: () => import('./commands/grafana.ts'),
  'agent-config': () => import('./commands/agent-config.ts'),
};

async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  const old = nodeProblem(process.versions.node);
  if (old !== undefined) throw new UsageError(old);
  const [name, ...args] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    io.stdout(await overview());
    return name === undefined ? 2 : 0;
  }
  const load = commands[name];
  if (load === undefined) throw new UsageError(`unknown command "${name}"; run "nightdesk --help" for the list`);
  const { command } = await load();
  if (args.includes('--help') || args.includes('-h')) {
    io.stdout(`${command.help}\n`);
    return 0;
  }
  return runCommand(command, args, io);
}

async function overview(): Promise<string> {
  const loaded = await Promise.all(Object.values(commands).map(load => load()));
  const rows = loaded.map(({ command }) => `  ${command.name.padEnd(10)} ${command.summary}`);
  return `nightdesk: monitoring for production trading systems\n\n${rows.join('\n')}\n\nEvery command has --help.\n`;
}

const io: Io = {
  stdout: text => process.stdout.write(text),
  stderr: text => process.stderr.write(text),
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  isTty: process.stdout.isTTY === true,
};

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// The SDK warns each command about the Node.js of its coming releases; which ones this package takes stands in its `engines`.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

main(process.argv.slice(2), io).then(
  code => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const said = error instanceof UsageError ? error.message : outsideTrouble(error);
    if (said !== undefined) io.stderr(`nightdesk: ${said}\n`);
    else io.stderr(`nightdesk: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 2;
  },
);
