import { spawn } from 'node:child_process';
import type { Health, HealthCheck } from './health-server.ts';

export interface WatchdogOptions {
  /** Is it well? Anything but true, also a check that throws, keeps silent, and silence makes systemd restart the process. */
  readonly check?: HealthCheck;
  /** Absent means the environment of the process, where systemd says how it wants to be told. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Tells systemd; absent means its own program `systemd-notify`, since Node speaks no datagrams to local sockets. */
  readonly notify?: (state: string) => void;
  /** Runs a function again and again and returns how to end it; absent means a timer that does not keep the process alive. */
  readonly every?: (run: () => void, ms: number) => () => void;
}

export interface RunningWatchdog {
  /** Says `STOPPING=1` and ends. */
  readonly stop: () => void;
}

function everyTimer(run: () => void, ms: number): () => void {
  const timer = setInterval(run, ms);
  timer.unref();
  return () => clearInterval(timer);
}

const isWell = (health: Health): boolean => (typeof health === 'boolean' ? health : health.ok);

function systemdNotify(state: string): void {
  spawn('systemd-notify', [state], { stdio: 'ignore' }).on('error', () => undefined);
}

/**
 * Says `READY=1`, and `WATCHDOG=1` at half the time that the unit allows (WatchdogSec; sd_watchdog_enabled(3)). Does nothing where
 * systemd did not start the process. The unit needs Type=notify and NotifyAccess=all.
 */
export function startWatchdog(options: WatchdogOptions = {}): RunningWatchdog {
  const { check = () => true, env = process.env, notify = systemdNotify, every = everyTimer } = options;
  if (env['NOTIFY_SOCKET'] === undefined) return { stop: () => undefined };
  const allowedMs = Number(env['WATCHDOG_USEC'] ?? 0) / 1000;
  const beat = () =>
    void Promise.resolve()
      .then(check)
      .then(health => {
        if (isWell(health)) notify('WATCHDOG=1');
      })
      .catch(() => undefined);
  notify('READY=1');
  const end = allowedMs > 0 ? every(beat, allowedMs / 2) : undefined;
  return {
    stop: () => {
      end?.();
      notify('STOPPING=1');
    },
  };
}
