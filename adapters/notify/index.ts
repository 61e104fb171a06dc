import type { ChannelConfig, SecretReference } from '../../core/config/types.ts';
import type { MessageReference } from '../../core/incidents/incident.ts';
import type { Page } from '../../core/incidents/page.ts';
import { amazonQ } from './amazon-q/index.ts';
import type { Answer, ChannelKind, FollowUp, HttpRequest, Message, Verdict } from './channel.ts';
import { MASK } from './channel.ts';
import { discord } from './discord/index.ts';
import { email } from './email/index.ts';
import { pagerDuty } from './pagerduty/index.ts';
import { slack } from './slack/index.ts';
import { slackApp } from './slack-app/index.ts';
import { teams } from './teams/index.ts';
import { telegram } from './telegram/index.ts';
import { webhook } from './webhook/index.ts';

type KindsOf<C extends ChannelConfig> = { readonly [K in C['kind']]: ChannelKind<Extract<C, { readonly kind: K }>> };

/** Every kind of channel, one line each; a config of a kind that is missing here does not compile. */
const kinds: KindsOf<ChannelConfig> = {
  slack,
  slackApp,
  pagerduty: pagerDuty,
  telegram,
  email,
  discord,
  teams,
  webhook,
  amazonQ,
};

/** A configured channel, bound to its kind: what the notifier and the dry run need of it. */
export interface BoundChannel {
  readonly secrets: Readonly<Record<string, SecretReference>>;
  readonly render: (message: Omit<Message<never>, 'config'>) => HttpRequest | undefined;
  /** The request with everything secret masked. */
  readonly renderMasked: (page: Page, previous?: MessageReference) => HttpRequest | undefined;
  readonly judge: (answer: Answer) => Verdict;
  /** Role of the secret that an incident is bound to. */
  readonly routedBy?: string;
  readonly transport?: 'sns';
  readonly tellNews?: (after: Omit<FollowUp<never>, 'config'>, news: string) => Promise<Verdict | undefined>;
  readonly followUp?: (after: Omit<FollowUp<never>, 'config'>) => Promise<MessageReference>;
}

/** @param topicArn of the topic that the stack made for it, for channels over SNS that name none. */
export function bindChannel(config: ChannelConfig, topicArn?: string): BoundChannel {
  const known = topicArn !== undefined && !('topicArn' in config) && isOverSns(config) ? { ...config, topicArn } : config;
  return bind(kinds[config.kind] as ChannelKind<ChannelConfig>, known);
}

/** Channels whose requests SNS takes: the stack makes them a topic. */
export const isOverSns = (config: ChannelConfig): boolean => (kinds[config.kind] as ChannelKind<ChannelConfig>).transport === 'sns';

function bind<C>(kind: ChannelKind<C>, config: C): BoundChannel {
  const { tellNews, followUp, transport, routedBy } = kind;
  const secrets = kind.secretsOf(config);
  const masked = Object.fromEntries(Object.keys(secrets).map(role => [role, kind.masked?.[role] ?? MASK]));
  return {
    secrets,
    render: message => kind.render({ ...message, config }),
    renderMasked: (page, previous) =>
      kind.render({ page, config, secrets: masked, nowMs: page.atMs, ...(previous === undefined ? {} : { previous }) }),
    judge: kind.judge,
    ...(routedBy === undefined ? {} : { routedBy }),
    ...(transport === undefined ? {} : { transport }),
    ...(tellNews === undefined ? {} : { tellNews: (after, news) => tellNews({ ...after, config }, news) }),
    ...(followUp === undefined ? {} : { followUp: after => followUp({ ...after, config }) }),
  };
}
