import type { ChannelConfig } from '../../core/config/types.ts';

const secretName = (name: string) => ({ secretName: name });

/** One config of each kind, with everything that it can have; a new kind without one does not compile. */
const byKind: { readonly [K in ChannelConfig['kind']]: Extract<ChannelConfig, { readonly kind: K }> } = {
  slack: { kind: 'slack', webhook: secretName('slack-webhook') },
  slackApp: { kind: 'slackApp', botToken: secretName('slack-token'), channel: 'C0123456789', signingSecret: secretName('slack-signing') },
  pagerduty: { kind: 'pagerduty', routingKey: secretName('pd'), region: 'us', webhookSecret: secretName('pd-webhook') },
  telegram: { kind: 'telegram', botToken: secretName('tg'), chatId: '-1001234567890', webhookSecret: secretName('tg-webhook') },
  email: { kind: 'email', addresses: [], topicArn: 'arn:aws:sns:eu-west-1:111122223333:mail' },
  discord: { kind: 'discord', webhook: secretName('discord') },
  teams: { kind: 'teams', webhook: secretName('teams') },
  webhook: { kind: 'webhook', url: secretName('hook-url'), signingSecret: secretName('hook-secret') },
  amazonQ: { kind: 'amazonQ', topicArn: 'arn:aws:sns:eu-west-1:111122223333:chat' },
};

export const everyChannel = Object.entries(byKind) as readonly (readonly [ChannelConfig['kind'], ChannelConfig])[];
export const channelOf = <K extends ChannelConfig['kind']>(kind: K): Extract<ChannelConfig, { readonly kind: K }> => byKind[kind];
