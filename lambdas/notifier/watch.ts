/** A watch on the watch: the call whose absence an outside service notices, and the page of each week that is marked TEST. */
import { breachMessage, type FastBreach } from '../../core/incidents/breach.ts';
import type { NotifierTools } from './tools.ts';

const CALL_TIMEOUT_MS = 5_000;

/** How long a test page stays open. */
export const TEST_MINUTES = 5;

/**
 * Tells the outside service that scheduler, function, table and the way out work. Called after a sweep that succeeded; a call that fails is
 * only logged, since its absence is the alarm.
 */
export async function callDeadMan({ config, secrets, send, output }: NotifierTools): Promise<void> {
  const reference = config.watch?.deadManUrl;
  if (reference === undefined) return;
  try {
    const url = await secrets.read(reference.secretName);
    const answer = await send.fetch(url, { method: 'GET', redirect: 'follow', signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
    await answer.body?.cancel();
    if (!answer.ok) output.warn('dead man’s switch refused the call', { status: answer.status });
  } catch (error) {
    // The message may hold the URL, which is a secret.
    output.warn('dead man’s switch not reached', { error: nameOf(error) });
  }
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'error');

/** Begins, or ends, the test page at the critical topic, where alarms begin. */
export async function publishTestPage(state: FastBreach['state'], tools: NotifierTools): Promise<void> {
  const publish = tools.extras?.publish;
  if (publish === undefined || tools.criticalTopic === undefined) return;
  const breach = testPageBreach(state, tools.send.now());
  await publish(tools.criticalTopic, breachMessage(breach), `TEST ${state}: weekly test page`);
}

export const testPageBreach = (state: FastBreach['state'], atMs: number): FastBreach => ({
  row: 'TEST weekly page',
  alarm: 'TEST-weekly-page',
  dimensions: {},
  state,
  severity: 'critical',
  atMs,
  sinceMs: atMs,
  reason:
    state === 'OK'
      ? 'TEST: the weekly test page is over.'
      : `TEST: the weekly test page. Nothing is wrong; it resolves by itself after ${TEST_MINUTES} minutes.`,
  firstAction: 'TEST: nothing. Whoever did not get this page should say so.',
});
