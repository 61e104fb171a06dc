/** Plays recorded lines into the bots' log groups on the virtual clock. */
import type { NightdeskConfig } from '../core/config/types.ts';
import type { EpochMs } from '../core/time/instant.ts';
import { rank } from './clock.ts';
import type { ByteSource } from './event-file.ts';
import { arrivingLines } from './event-file.ts';
import type { LocalStack } from './stack.ts';

export interface Intake {
  /** Puts a line where the bot of this strategy logs; lines of nobody go where the newest line went. */
  readonly accept: (line: string, atMs: EpochMs, strategyId?: string) => void;
}

/** Strategies that the config does not name log where the first bot does. */
export function createIntake(stack: LocalStack, config: NightdeskConfig): Intake {
  const groupOf = new Map(config.bots.flatMap(bot => bot.strategies.map(({ id }) => [id, bot.logGroup.name] as const)));
  const first = config.bots[0]?.logGroup.name ?? '/nightdesk/unknown';
  let last = first;
  return {
    accept(line, atMs, strategyId) {
      if (strategyId !== undefined) last = groupOf.get(strategyId) ?? first;
      stack.logs.append(last, 'bot', atMs, line);
    },
  };
}

/** Arms the feed; the clock pulls line by line. `done` is called with the time of the last line. */
export function feed(stack: LocalStack, intake: Intake, source: ByteSource, firstMs: EpochMs): void {
  const lines = arrivingLines(source, firstMs);
  const { clock } = stack;
  const step = async (): Promise<void> => {
    for (;;) {
      const next = await lines.next();
      if (next.done === true) return;
      const { atMs, text, strategyId } = next.value;
      if (atMs > clock.now()) {
        clock.at(atMs, rank.input, () => {
          intake.accept(text, atMs, strategyId);
          return step();
        });
        return;
      }
      intake.accept(text, atMs, strategyId);
    }
  };
  clock.at(firstMs, rank.input, step);
}

const minuteMs = 60_000;

/** First whole minute after the last event, plus the drain. */
export const endOf = (lastMs: EpochMs, drainMs: number): EpochMs => Math.floor(lastMs / minuteMs) * minuteMs + minuteMs + drainMs;
