import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

type Logger = NonNullable<DynamoDBClientConfig['logger']>;

/**
 * How each function calls AWS. The SDK itself waits without end for an answer, so a service that hangs instead of refusing would take the
 * whole function with it, before the page that goes out without that service. Two tries of at most three seconds end any call within
 * seven: inside the ten seconds that intake's gateway waits, and early enough in the notifier's sixty for a page without memory. Answers
 * take milliseconds; what fails here is repeated by the queue, topic or schedule that woke the function.
 */
export const clientSettings = {
  maxAttempts: 2,
  requestHandler: {
    connectionTimeout: 1_000,
    /** From the request to the end of its answer. */
    requestTimeout: 3_000,
    /** Without it a breach is only a warning in the log. */
    throwOnRequestTimeout: true,
  },
  /** Nobody adds middleware between calls: its order is settled once for each kind of call. A fifth of what a call computes. */
  cacheMiddleware: true,
  /** One that has no `info`: the default takes every request and answer apart, for a log that nobody keeps. */
  logger: { warn: () => undefined } as unknown as Logger,
};
