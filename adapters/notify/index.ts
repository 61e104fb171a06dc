import type { ChannelConfig, SecretReference } from '../../core/config/types.ts';
import type { Page } from '../../core/incidents/page.ts';
import type { Answer, ChannelKind, HttpRequest, Verdict } from './channel.ts';
import { pagerDuty } from './pagerduty/index.ts';
import { slack } from './slack/index.ts';

type KindsOf<C extends ChannelConfig> = { readonly [K in C['kind']]: ChannelKind<Extract<C, { readonly kind: K }>> };

/** Every kind of channel, one line each; a config of a kind that is missing here does not compile. */
const kinds: KindsOf<ChannelConfig> = {
  slack,
  pagerduty: pagerDuty,
};

/** A configured channel, bound to its kind: what the notifier and the dry run need of it. */
export interface BoundChannel {
  readonly secret: SecretReference;
  readonly render: (page: Page, secret: string) => HttpRequest;
  /** The request with everything secret masked. */
  readonly renderMasked: (page: Page) => HttpRequest;
  readonly judge: (answer: Answer) => Verdict;
}

export function bindChannel(config: ChannelConfig): BoundChannel {
  return bind(kinds[config.kind] as ChannelKind<ChannelConfig>, config);
}

function bind<C>(kind: ChannelKind<C>, config: C): BoundChannel {
  return {
    secret: kind.secretOf(config),
    render: (page, secret) => kind.render(page, config, secret),
    renderMasked: page => kind.render(page, config, kind.maskedSecret),
    judge: kind.judge,
  };
}
