import { callQuery, type SignedCall } from './signed-call.ts';

/** Publishes any text to any topic that the function's role allows, in at most so many tries of at most so many milliseconds. */
export const createPublish =
  (call: SignedCall, tries = 3, timeoutMs = 5_000) =>
  async (topicArn: string, message: string, subject: string | undefined): Promise<void> => {
    const input = {
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: topicArn,
      Message: message,
      ...(subject === undefined ? {} : { Subject: subject }),
    };
    for (let left = tries; ; left--) {
      try {
        await callQuery(call, { signingName: 'sns', host: 'sns', region: topicArn.split(':')[3] ?? '' }, input, timeoutMs);
        return;
      } catch (error) {
        const name = error instanceof Error ? error.name : '';
        if (left <= 1 || /Authorization|AccessDenied|InvalidParameter|NotFound|Signature/.test(name)) throw error;
      }
    }
  };
