/**
 * The virtual clock: every delivery, retry, schedule and evaluation of the local stack is a timer on it.
 * Time stands still while work is due: a timer fires only when everything that earlier ones started has settled, so a
 * replay is deterministic and no alarm is judged on half-delivered data.
 */
import type { EpochMs } from '../core/time/instant.ts';

/** Virtual seconds per real second, or as fast as the machine allows. */
export type Speed = number | 'max';

/** Order of timers that are due at the same instant, lowest first. */
export const rank = {
  /** Recorded or simulated events arrive. */
  input: 0,
  /** Log subscriptions deliver, messages become visible, retries run. */
  delivery: 1,
  /** EventBridge schedules. */
  schedule: 2,
  /** Measurements that the platform takes each minute. */
  sample: 3,
  /** Alarms are evaluated. */
  evaluation: 4,
  /** Observers: the viewer's tick. */
  observer: 5,
} as const;

export type Rank = (typeof rank)[keyof typeof rank];

export interface Timer {
  readonly cancel: () => void;
}

export interface VirtualClock {
  readonly speed: Speed;
  readonly now: () => EpochMs;
  /** Calls `run` once at `atMs` (at once when that has passed). A promise that it returns holds the clock. */
  readonly at: (atMs: EpochMs, order: Rank, run: () => unknown) => Timer;
  /** Keeps time from moving until the returned function is called. */
  readonly hold: () => () => void;
  /** Resolves when nothing holds the clock. */
  readonly idle: () => Promise<void>;
  /** Fires timers in order until `untilMs` (inclusive), or until `stop`, which does not wait for what holds the clock. */
  readonly run: (untilMs?: EpochMs) => Promise<void>;
  readonly stop: () => void;
}

interface Entry {
  readonly atMs: EpochMs;
  readonly order: number;
  readonly sequence: number;
  run: (() => unknown) | undefined;
}

const isBefore = (a: Entry, b: Entry) =>
  a.atMs < b.atMs || (a.atMs === b.atMs && (a.order < b.order || (a.order === b.order && a.sequence < b.sequence)));

/** Real milliseconds that a paced clock may fall behind before it gives up catching up. At speed 1 it always catches up. */
const maxLagMs = 2_000;

export function createClock(options: { readonly startMs: EpochMs; readonly speed: Speed }): VirtualClock {
  const { speed } = options;
  const heap: Entry[] = [];
  let sequence = 0;
  let current = options.startMs;
  let holds = 0;
  let idleWaiters: (() => void)[] = [];
  let wake: (() => void) | undefined;
  let stopped = false;
  let anchorReal = performance.now();
  let anchorVirtual = options.startMs;
  let running = false;
  /** A timer that fires late still sees its own time. */
  let firing = false;

  function push(entry: Entry): void {
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  function pop(): Entry {
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) {
      let index = 0;
      for (;;) {
        let child = 2 * index + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
        if (!isBefore(heap[child]!, last)) break;
        heap[index] = heap[child]!;
        index = child;
      }
      heap[index] = last;
    }
    return top;
  }

  function next(): Entry | undefined {
    while (heap.length > 0 && heap[0]!.run === undefined) pop();
    return heap[0];
  }

  function now(): EpochMs {
    if (speed !== 'max' && running && !firing) {
      const flowing = Math.floor(anchorVirtual + (performance.now() - anchorReal) * speed);
      const bound = next()?.atMs ?? flowing;
      current = Math.max(current, Math.min(flowing, bound));
    }
    return current;
  }

  function hold(): () => void {
    holds += 1;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      holds -= 1;
      if (holds === 0) resumeWaiters();
    };
  }

  const settled = (): Promise<void> => new Promise(resolve => idleWaiters.push(resolve));

  async function idle(): Promise<void> {
    while (holds > 0) await settled();
  }

  function resumeWaiters(): void {
    const waiters = idleWaiters;
    idleWaiters = [];
    for (const resume of waiters) resume();
  }

  function pause(realMs: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(done, realMs);
      function done() {
        clearTimeout(timer);
        wake = undefined;
        resolve();
      }
      wake = done;
    });
  }

  /** Real milliseconds until the timer may fire. */
  function waitFor(entry: Entry): number {
    if (speed === 'max') return 0;
    const due = anchorReal + (entry.atMs - anchorVirtual) / speed;
    const wait = due - performance.now();
    if (wait < -maxLagMs && speed !== 1) {
      anchorReal = performance.now();
      anchorVirtual = entry.atMs;
    }
    return wait;
  }

  function fire(entry: Entry): unknown {
    try {
      return entry.run!();
    } finally {
      entry.run = undefined;
      firing = false;
    }
  }

  async function run(untilMs = Number.POSITIVE_INFINITY): Promise<void> {
    stopped = false;
    running = true;
    anchorReal = performance.now();
    anchorVirtual = current;
    let sinceYield = 0;
    while (!stopped) {
      while (holds > 0 && !stopped) await settled();
      if (stopped) break;
      const entry = next();
      const target = entry !== undefined && entry.atMs <= untilMs ? entry : undefined;
      if (target === undefined) {
        if (speed === 'max' || (untilMs !== Number.POSITIVE_INFINITY && entry === undefined)) break;
        await pause(entry === undefined ? 60_000 : Math.max(1, Math.min(waitFor(entry), 60_000)));
        if (now() >= untilMs) break;
        continue;
      }
      const wait = waitFor(target);
      if (wait > 0.5) {
        await pause(wait);
        continue;
      }
      pop();
      current = Math.max(current, target.atMs);
      firing = true;
      const result = fire(target);
      if (result instanceof Promise) {
        const release = hold();
        result.finally(release).catch(() => undefined);
      }
      sinceYield += 1;
      if (sinceYield >= 5_000) {
        sinceYield = 0;
        await new Promise(resolve => setImmediate(resolve));
      }
    }
    if (untilMs !== Number.POSITIVE_INFINITY && !stopped) current = Math.max(current, untilMs);
    running = false;
  }

  return {
    speed,
    now,
    hold,
    idle,
    run,
    at(atMs, order, action) {
      const entry: Entry = { atMs: Math.max(atMs, current), order, sequence, run: action };
      sequence += 1;
      push(entry);
      wake?.();
      return {
        cancel: () => {
          entry.run = undefined;
        },
      };
    },
    stop() {
      stopped = true;
      wake?.();
      resumeWaiters();
    },
  };
}
