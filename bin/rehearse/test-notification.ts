/** One notification to a deployed stack that nobody can take for a real one. */
import { PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import type { CatalogueAlarm } from '../../core/catalogue/alarm-definitions.ts';
import { breachMessage, type FastBreach } from '../../core/incidents/breach.ts';
import { type ExitCode, type Io, UsageError } from '../command.ts';
import type { RehearseOptions } from './options.ts';

/**
 * The breach of a rehearsal. Its alarm id is the real one's with `TEST-` in front, so that it has an incident of its own and can neither
 * join nor resolve a real one.
 */
export function testBreach({ alarmId, dimensions, severity }: CatalogueAlarm, resolves: boolean, atMs: number): FastBreach {
  return {
    row: `TEST ${alarmId}`,
    alarm: `TEST-${alarmId}`,
    dimensions,
    state: resolves ? 'OK' : 'ALARM',
    severity,
    atMs,
    sinceMs: atMs,
    reason: resolves ? 'TEST: the rehearsal is over.' : 'TEST: a rehearsal of nightdesk. Nothing is wrong; nobody has to do anything.',
    firstAction: 'TEST: nothing. Make sure that the right people saw this.',
  };
}

export function testMessage(
  alarm: CatalogueAlarm,
  { topic, resolve }: { readonly topic: string; readonly resolve: boolean },
  atMs: number,
) {
  const breach = testBreach(alarm, resolve, atMs);
  return {
    TopicArn: topic,
    Subject: `TEST ${breach.state}: ${alarm.alarmId}`.replace(/[^\x20-\x7E]/g, '_').slice(0, 100),
    Message: breachMessage(breach),
  } satisfies PublishCommandInput;
}

/** @throws UsageError when the account refuses. */
export async function publishTest(
  alarm: CatalogueAlarm,
  options: RehearseOptions & { readonly topic: string },
  io: Io,
  client: Pick<SNSClient, 'send'> = new SNSClient({ region: options.topic.split(':')[3] ?? 'us-east-1' }),
): Promise<ExitCode> {
  const message = testMessage(alarm, options, Date.now());
  if (options.dryRun) {
    io.stdout(`${JSON.stringify({ ...message, Message: JSON.parse(message.Message) as unknown }, undefined, 2)}\n`);
    return 0;
  }
  try {
    const { MessageId } = await client.send(new PublishCommand(message));
    io.stdout(`published "${message.Subject}" to ${options.topic} (${MessageId ?? 'no id'})\n`);
    return 0;
  } catch (error) {
    throw new UsageError(`--topic ${options.topic}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
  }
}
