/** Runs the built command line the way a person would, and always ends what it started. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const cli = join(root, 'dist/bin/nightdesk.js');

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function nightdesk(...args: readonly string[]): Promise<Finished> {
  return new Promise(resolve => {
    execFile(process.execPath, [cli, ...args], { cwd: root, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr });
    });
  });
}

export function paperBot(...args: readonly string[]): Promise<Finished> {
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [join(root, 'dist/examples/paper-bot/main.js'), ...args],
      { cwd: root, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr });
      },
    );
  });
}

export interface Running {
  readonly url: string;
  readonly output: () => string;
  /** Resolves when the text stands in the output; rejects when the process ends before. */
  readonly says: (text: string) => Promise<void>;
  readonly stop: () => Promise<number | null>;
}

/** Starts `nightdesk start` on a free port in a folder of its own and waits for the printed address. */
export async function startNightdesk(...args: readonly string[]): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'nightdesk-e2e-'));
  const child = spawn(process.execPath, [cli, 'start', '--port', '0', ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      output += chunk.toString();
      // Whole only when something follows: a chunk may end within it.
      const address = /http:\/\/(?:127\.0\.0\.1|localhost):\d+(?=\s)/.exec(output);
      if (address !== null) resolve(address[0]);
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.on('exit', code => reject(new Error(`start ended with ${code}:\n${output}`)));
  });
  let stopped: Promise<number | null> | undefined;
  const stop = () => {
    stopped ??= end(child, folder);
    return stopped;
  };
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (output.includes(text)) resolve();
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.on('exit', code => reject(new Error(`start ended with ${code} before it said "${text}":\n${output}`)));
      look();
    });
  return { url, output: () => output, says, stop };
}

async function end(child: ChildProcess, folder: string): Promise<number | null> {
  const isOver = child.exitCode !== null || child.signalCode !== null;
  const exited = isOver ? Promise.resolve(child.exitCode) : new Promise<number | null>(resolve => child.on('exit', resolve));
  child.kill('SIGINT');
  const code = await exited;
  rmSync(folder, { recursive: true, force: true });
  return code;
}

/**
 * Whether a bot of the demo has sent more than the heartbeat of its start. One that dies before is given the time of a deploy: how long it takes
 * until somebody is paged, and what else is by then, would depend on how fast this machine opened the page.
 */
export async function isUnderWay({ url }: Pick<Running, 'url'>, botId: string): Promise<boolean> {
  const { startedAt, bots } = (await (await fetch(`${url}/api/status`)).json()) as {
    readonly startedAt: string;
    readonly bots: readonly { readonly id: string; readonly lastHeartbeat?: string }[];
  };
  const last = bots.find(({ id }) => id === botId)?.lastHeartbeat;
  return last !== undefined && Date.parse(last) > Date.parse(startedAt);
}
