import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { armTimer, type DeathTools, judgeDeaths } from '../../adapters/aws/deaths.ts';
import { timerToken } from '../../adapters/aws/timer-queue.ts';

/** Judges all bots at the moment at which one may have died, and sends the message that wakes it next. */
export async function wake(tools: DeathTools, event: SQSEvent): Promise<SQSBatchResponse> {
  const { config } = tools;
  const nowMs = tools.now();
  const state = await tools.sweeps.read(
    config.bots.map(({ id }) => id),
    config.bots.flatMap(bot => bot.strategies.map(({ id }) => id)),
    nowMs,
  );
  // Only the newest message goes on: two chains would judge twice and cost twice, though they would say nothing twice.
  const token = state.chain.value?.token;
  if (token === undefined || !event.Records.some(({ body }) => timerToken(body) === token)) return { batchItemFailures: [] };
  const { verdict, failures } = await judgeDeaths(tools, state, nowMs, false);
  await armTimer(tools, state.chain, verdict.nextMs, tools.now());
  // The chain goes on; what failed was logged, is in the errors of the function, and the sweep tries it again.
  if (failures.length > 0) throw failures[0];
  return { batchItemFailures: [] };
}
