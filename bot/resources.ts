import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Resources } from '../core/events/types.ts';

/** Where the numbers come from; tests give their own. */
export interface ResourcePort {
  /** Monotonic milliseconds. */
  readonly monotonicMs: () => number;
  /** Processor time of the process so far, µs. */
  readonly cpuMicroseconds: () => number;
  readonly residentBytes: () => number;
  /** Memory of the machine, or of the container when it has less. */
  readonly limitBytes: () => number;
  /** Text of a file of /proc, or undefined where there is none. */
  readonly readProc: (path: string) => string | undefined;
}

interface Totals {
  readonly atMs: number;
  readonly cpu: number;
  readonly disk?: { readonly read: number; readonly written: number };
  readonly network?: { readonly received: number; readonly sent: number };
}

/** Bytes from and to storage; https://man7.org/linux/man-pages/man5/proc_pid_io.5.html. */
export function readDiskTotals(io: string): Totals['disk'] {
  const read = /^read_bytes: (\d+)$/m.exec(io)?.[1];
  const written = /^write_bytes: (\d+)$/m.exec(io)?.[1];
  return read === undefined || written === undefined ? undefined : { read: Number(read), written: Number(written) };
}

/** Bytes over all interfaces but the loopback; https://man7.org/linux/man-pages/man5/proc_pid_net.5.html. */
export function readNetworkTotals(dev: string): Totals['network'] {
  const rows = [...dev.matchAll(/^\s*([^\s:]+):\s*(\d+)(?:\s+\d+){7}\s+(\d+)/gm)].filter(row => row[1] !== 'lo');
  if (rows.length === 0) return undefined;
  const sum = (column: 2 | 3) => rows.reduce((total, row) => total + Number(row[column]), 0);
  return { received: sum(2), sent: sum(3) };
}

function readTotals(port: ResourcePort): Totals {
  const io = port.readProc('/proc/self/io');
  const dev = port.readProc('/proc/self/net/dev');
  const disk = io === undefined ? undefined : readDiskTotals(io);
  const network = dev === undefined ? undefined : readNetworkTotals(dev);
  return {
    atMs: port.monotonicMs(),
    cpu: port.cpuMicroseconds(),
    ...(disk === undefined ? {} : { disk }),
    ...(network === undefined ? {} : { network }),
  };
}

const round = (value: number) => Math.round(value * 100) / 100;

/** Rates between two readings; those that either reading lacks are absent, and all are when no time passed. */
function ratesBetween(from: Totals, to: Totals): Resources {
  const seconds = (to.atMs - from.atMs) / 1000;
  if (seconds <= 0) return {};
  const rate = (later: number, earlier: number) => Math.max(0, Math.round((later - earlier) / seconds));
  return {
    cpuPercent: round(((to.cpu - from.cpu) / 1e6 / seconds) * 100),
    ...(from.disk && to.disk
      ? { diskReadBytesPerSecond: rate(to.disk.read, from.disk.read), diskWriteBytesPerSecond: rate(to.disk.written, from.disk.written) }
      : {}),
    ...(from.network && to.network
      ? {
          networkReceiveBytesPerSecond: rate(to.network.received, from.network.received),
          networkTransmitBytesPerSecond: rate(to.network.sent, from.network.sent),
        }
      : {}),
  };
}

const thisProcess: ResourcePort = {
  monotonicMs: () => performance.now(),
  cpuMicroseconds: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  residentBytes: () => process.memoryUsage.rss(),
  limitBytes: () => {
    const constrained = process.constrainedMemory?.() ?? 0;
    return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  },
  readProc: path => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
};

/** Returns a meter; each call gives what was used since the call before, or since the meter was made. */
export function createResourceMeter(port: ResourcePort = thisProcess): () => Resources {
  let last = readTotals(port);
  return () => {
    const totals = readTotals(port);
    const rates = ratesBetween(last, totals);
    last = totals;
    const memoryBytes = port.residentBytes();
    return { ...rates, memoryBytes, memoryPercent: round((memoryBytes / port.limitBytes()) * 100) };
  };
}

const lagResolutionMs = 10;

export interface LoopLagMeter {
  /** 99th percentile since the last call of how late timers ran, ms; undefined before the first sample. */
  readonly read: () => number | undefined;
  readonly stop: () => void;
}

/** Watches the event loop of this process. The histogram of Node holds the whole interval, so the resolution is taken off. */
export function startLoopLagMeter(): LoopLagMeter {
  const histogram = monitorEventLoopDelay({ resolution: lagResolutionMs });
  histogram.enable();
  return {
    read: () => {
      const value = histogram.percentile(99) / 1e6 - lagResolutionMs;
      const isEmpty = histogram.max === 0;
      histogram.reset();
      return isEmpty ? undefined : Math.max(0, round(value));
    },
    stop: () => histogram.disable(),
  };
}
