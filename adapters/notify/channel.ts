import type { SecretReference } from '../../core/config/types.ts';
import type { Page } from '../../core/incidents/page.ts';

export interface HttpRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a channel's answer means. `later` can succeed when repeated, `never` cannot. */
export type Verdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly retry: 'later' | 'never';
      readonly kind: 'rate' | 'server' | 'client' | 'auth' | 'gone';
      readonly detail: string;
    };

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One kind of channel: how a page looks there, and how its answers are judged. Pure; sending is shared (send.ts). */
export interface ChannelKind<Config> {
  readonly secretOf: (config: Config) => SecretReference;
  /** `secret` is the value behind the reference, or its stand-in for a dry run. */
  readonly render: (page: Page, config: Config, secret: string) => HttpRequest;
  readonly judge: (answer: Answer) => Verdict;
  /** Stands for the secret where nothing may be revealed. */
  readonly maskedSecret: string;
}
