import type { HeartbeatEvent, Resources } from '../core/events/types.ts';
import type { Emitter, Report } from './emitter.ts';
import { createResourceMeter, type LoopLagMeter, startLoopLagMeter } from './resources.ts';

type Beat = Omit<Report<HeartbeatEvent>, 'component' | 'intervalMs' | 'status' | 'tsEvent'> & {
  readonly status?: HeartbeatEvent['status'];
};

export interface HeartbeatOptions {
  readonly emitter: Pick<Emitter, 'heartbeat'>;
  /** Milliseconds between beats; absent means 10,000. */
  readonly intervalMs?: number;
  /** Part of the bot that beats; absent means `bot`. */
  readonly component?: string;
  /** What only the bot knows: status, queue depth, open orders, trading state. Asked at each beat; throwing counts as degraded. */
  readonly describe?: () => Beat;
  /** Absent means those of this process. */
  readonly resources?: () => Resources;
  readonly loopLag?: LoopLagMeter;
}

export interface RunningHeartbeat {
  /** Beats now, outside the rhythm. */
  readonly beat: () => void;
  /** Says `stopping` once and ends, so that a stop on purpose is no death. */
  readonly stop: () => void;
}

function describeSafely(describe: HeartbeatOptions['describe']): Beat {
  try {
    return describe?.() ?? {};
  } catch {
    return { status: 'degraded' };
  }
}

/** Beats at once with `starting`, then on a timer that does not keep the process alive. */
export function startHeartbeat(options: HeartbeatOptions): RunningHeartbeat {
  const { emitter, intervalMs = 10_000, component = 'bot' } = options;
  const resources = options.resources ?? createResourceMeter();
  const loopLag = options.loopLag ?? startLoopLagMeter();
  const startedAt = performance.now();
  let isRunning = true;

  const emit = (status: HeartbeatEvent['status'] | undefined) => {
    const beat = describeSafely(options.describe);
    const loopLagMs = loopLag.read();
    emitter.heartbeat({
      uptimeMs: Math.round(performance.now() - startedAt),
      ...(loopLagMs === undefined ? {} : { loopLagMs }),
      resources: resources(),
      ...beat,
      component,
      intervalMs,
      status: status ?? beat.status ?? 'ok',
    });
  };

  emit('starting');
  const timer = setInterval(() => emit(undefined), intervalMs);
  timer.unref();
  return {
    beat: () => emit(undefined),
    stop: () => {
      if (!isRunning) return;
      isRunning = false;
      clearInterval(timer);
      loopLag.stop();
      emit('stopping');
    },
  };
}
