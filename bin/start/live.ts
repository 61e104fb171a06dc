/** `start` without recorded events: simulated bots, or one's own. */
import { resolve } from 'node:path';
import { httpApiName, intakePath } from '../../core/catalogue/names.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { settingsFor } from '../../core/ledger/settings.ts';
import { publishHistory, storeHistory } from '../../local/history-metrics.ts';
import { localSecret } from '../../local/outbound.ts';
import { createRebuilder, storeRebuilt } from '../../local/rebuild.ts';
import { createIntake } from '../../local/replay.ts';
import type { LocalStack } from '../../local/stack.ts';
import { clearState, createStateKeeper, restoreState, saveState } from '../../local/state-file.ts';
import { connectLines, createWebApi } from '../../local/web-api.ts';
import type { ExitCode, Io } from '../command.ts';
import { createDemoFleet, type DemoFleet, liveDemoConfig } from './demo-fleet.ts';
import { watchMemory } from './memory.ts';
import { onInterrupt, openStack, readConfig, usualPort, webDir } from './open-stack.ts';
import type { StartOptions } from './options.ts';
import { missingSecrets } from './real-secrets.ts';

const minuteMs = 60_000;

export async function live(options: StartOptions, io: Io): Promise<ExitCode> {
  const isDemo = options.config === undefined;
  const config = withOwnLinks(isDemo ? liveDemoConfig() : await readConfig(options.config, io), options.port ?? usualPort(io.env));
  const fleet = isDemo ? createDemoFleet(config) : undefined;
  const startMs = Math.floor(Date.now() / minuteMs) * minuteMs;
  const stateDir = resolve(io.cwd, '.nightdesk');
  if (options.fresh) clearState(stateDir);
  const intakes: { current?: ReturnType<typeof createIntake> } = {};
  const intakeOf = (stack: LocalStack) => {
    intakes.current ??= createIntake(stack, config);
    return intakes.current;
  };
  const stack = await openStack(
    {
      config,
      startMs: isDemo ? startMs : Date.now(),
      speed: options.speed ?? (isDemo ? 10 : 1),
      port: options.port ?? usualPort(io.env),
      routes: created =>
        createWebApi(created, {
          config,
          intake: intakeOf(created),
          isSimulated: isDemo,
          startedMs: startMs,
          webDir: webDir(),
          ...(fleet === undefined ? {} : { provocations: fleet.provocations }),
        }),
    },
    options,
    io,
  );
  const forget = onInterrupt(() => stack.clock.stop());
  try {
    if (fleet === undefined) restoreState(stack, stateDir);
    else await foldHistory(stack, fleet, config, startMs, io);
    fleet?.begin(stack, intakeOf(stack));
    stack.begin();
    io.stdout(banner(stack, config, isDemo));
    if (!isDemo) io.stdout(signedLines(stack, config, options.sends));
    if (options.sends) {
      for (const line of missingSecrets(config, io)) io.stderr(`nightdesk: ${line}\n`);
      watchMemory(stack, io);
    }
    if (fleet === undefined) await runKept(stack, stateDir, io);
    else await stack.clock.run();
    return 0;
  } finally {
    forget();
    await stack.close();
  }
}

/** Runs until somebody stops it; what it knows is kept each minute, and whole at the end. */
async function runKept(stack: LocalStack, stateDir: string, io: Io): Promise<void> {
  const keeper = createStateKeeper(stack, stateDir, {
    elapsed: () => performance.now(),
    onError: error => io.stderr(`nightdesk: ${stateDir} could not be written: ${error instanceof Error ? error.message : String(error)}\n`),
  });
  const forget = stack.observe({ onTick: () => void setImmediate(keeper.remind) });
  await stack.clock.run();
  forget();
  await keeper.stop();
  saveState(stack, stateDir);
}

/** Links in messages lead to this machine's dashboards, unless the config says where. A port that is yet to be found cannot be linked to. */
function withOwnLinks(config: NightdeskConfig, port: number): NightdeskConfig {
  return port === 0 || config.dashboardBaseUrl !== undefined ? config : { ...config, dashboardBaseUrl: `http://127.0.0.1:${port}` };
}

async function foldHistory(stack: LocalStack, fleet: DemoFleet, config: NightdeskConfig, nowMs: number, io: Io): Promise<void> {
  const began = performance.now();
  const lines = fleet.history(nowMs);
  const rebuilder = createRebuilder(id => settingsFor(config, id));
  const values = publishHistory(stack, config, rebuilder, lines, nowMs);
  const rebuilt = rebuilder.result();
  await storeRebuilt(stack, rebuilt, nowMs);
  await storeHistory(stack, values, rebuilt, nowMs);
  io.stderr(`folded ${lines.length} events of thirty simulated days in ${((performance.now() - began) / 1_000).toFixed(1)} s\n`);
}

/** Where bots with a key send, as in an account. A clock that is not the bots' own refuses their times, so the demo has only the plain address. */
function signedLines(stack: LocalStack, config: NightdeskConfig, hasRealSecrets: boolean): string {
  const lines = config.bots.flatMap(({ id, intake }) => {
    if (intake === undefined) return [];
    const key = hasRealSecrets ? 'as in your environment' : localSecret(intake.key.secretName);
    return [`  Signed          POST ${stack.endpoint.url}/execute-api/${httpApiName(config.stage)}${intakePath(id)}  (key: ${key})`];
  });
  return lines.length === 0 ? '' : `${lines.slice(0, 5).join('\n')}\n\n`;
}

function banner(stack: LocalStack, config: NightdeskConfig, isDemo: boolean): string {
  const { curl } = connectLines(stack, config);
  const speed = stack.clock.speed === 'max' ? 'as fast as possible' : `${stack.clock.speed} × real time`;
  return [
    '',
    `  Nightdesk       ${stack.endpoint.url}`,
    isDemo
      ? `  SIMULATED DATA  ${config.bots.length} paper bots on made-up markets; the clock runs at ${speed}`
      : `  Clock           ${speed}; state is kept in .nightdesk/`,
    `  Event intake    POST ${stack.endpoint.url}/events (newline-delimited JSON)`,
    `  Your own bot    ${curl}`,
    '  Stop            Ctrl-C',
    '',
    '',
  ].join('\n');
}
