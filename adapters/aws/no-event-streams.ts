/**
 * Stands in for `@smithy/core/event-streams`, which the SDK loads for operations that stream events (live tails, Kinesis subscriptions). Only
 * the client of CloudWatch Logs has any, and the codec is 12 KB of a bundle (docs/decisions/lambda-bundles.md).
 */
export class EventStreamSerde {
  constructor() {
    throw new Error('NoEventStreams: this bundle was made without operations that stream events (bin/lambda-bundle.mjs)');
  }
}

export const eventStreamSerdeProvider = (): undefined => undefined;
