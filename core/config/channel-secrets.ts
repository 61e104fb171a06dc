import { unreachable } from '../result.ts';
import type { ChannelConfig } from './types.ts';

/** Whether something comes back from the channel: it has the secret that proves its requests. */
export function isInteractive(channel: ChannelConfig): boolean {
  switch (channel.kind) {
    case 'slackApp':
      return channel.signingSecret !== undefined;
    case 'pagerduty':
    case 'telegram':
      return channel.webhookSecret !== undefined;
    case 'slack':
    case 'email':
    case 'discord':
    case 'teams':
    case 'webhook':
    case 'amazonQ':
      return false;
    default:
      return unreachable(channel);
  }
}
