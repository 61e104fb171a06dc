import type { ChannelConfig, SecretReference } from '../../core/config/types.ts';
import type { SecretValues } from './channel.ts';
import type { Inbound, InboundKind, Incoming } from './inbound.ts';
import { pagerDutyInbound } from './pagerduty/inbound.ts';
import { slackInbound } from './slack-app/inbound.ts';
import { telegramInbound } from './telegram/inbound.ts';

type KindsOf<C extends ChannelConfig> = { readonly [K in C['kind']]?: InboundKind<Extract<C, { readonly kind: K }>> };

/** Kinds of channel that something comes back from, one line each. */
const kinds: KindsOf<ChannelConfig> = { slackApp: slackInbound, pagerduty: pagerDutyInbound, telegram: telegramInbound };

/** What a channel's requests are proven and read with. */
export interface BoundInbound {
  readonly secrets: Readonly<Record<string, SecretReference>>;
  readonly read: (incoming: Incoming, secrets: SecretValues) => Inbound;
}

/** Undefined for channels that nothing comes back from, or whose config has no secret to prove it. */
export function bindInbound(config: ChannelConfig): BoundInbound | undefined {
  const kind = kinds[config.kind] as InboundKind<ChannelConfig> | undefined;
  const secrets = kind?.secretsOf(config);
  return kind === undefined || secrets === undefined
    ? undefined
    : { secrets, read: (incoming, values) => kind.read(incoming, config, values) };
}
