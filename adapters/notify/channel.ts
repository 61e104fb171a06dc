import type { SecretReference } from '../../core/config/types.ts';
import type { MessageReference } from '../../core/incidents/incident.ts';
import type { Page } from '../../core/incidents/page.ts';

export interface HttpRequest {
  readonly url: string;
  /** Default `POST`. */
  readonly method?: 'POST' | 'PATCH';
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Values behind a channel's secret references, by their role in its config. */
export type SecretValues = Readonly<Record<string, string>>;

/** Stands for a secret where nothing may be revealed. */
export const MASK = '***';

/**
 * What a channel's answer means. `later` can succeed when repeated, `never` cannot, `anew` can as a new message, since the one to edit is
 * gone.
 */
export type Verdict =
  | { readonly ok: true; readonly reference?: MessageReference }
  | {
      readonly ok: false;
      readonly retry: 'later' | 'never' | 'anew';
      readonly kind: 'rate' | 'server' | 'client' | 'auth' | 'gone';
      readonly detail: string;
      /** How long the channel asks to wait, where it says so in the body. */
      readonly waitMs?: number;
    };

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A page on its way to one channel. */
export interface Message<Config> {
  readonly page: Page;
  readonly config: Config;
  readonly secrets: SecretValues;
  /** When it is sent: part of signatures. */
  readonly nowMs: number;
  /** The message that is to be edited; absent when there is none yet. */
  readonly previous?: MessageReference;
}

export type FailureKind = Extract<Verdict, { readonly ok: false }>['kind'];

/** Makes one more request of the same delivery, within the same limits. */
export type Call = (
  request: RawRequest,
  judge: (answer: Answer) => Verdict,
) => Promise<{ readonly verdict: Verdict; readonly answer?: Answer }>;

/** A request whose body is no JSON object. */
export interface RawRequest {
  readonly url: string;
  readonly method?: 'POST' | 'PATCH';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** What may follow an accepted message, such as its chart. */
export interface FollowUp<Config> extends Message<Config> {
  /** As the accepted message left it. */
  readonly reference: MessageReference;
  readonly call: Call;
  /** The chart of the page's series as PNG; undefined when there is none. */
  readonly chart: () => Promise<Uint8Array | undefined>;
}

/** One kind of channel: how a page looks there, and how its answers are judged. Sending is shared (deliver.ts). */
export interface ChannelKind<Config> {
  /** Secrets that sending needs, by role. */
  readonly secretsOf: (config: Config) => Readonly<Record<string, SecretReference>>;
  /** The role whose secret an incident is bound to: its end must go the way that its beginning went. */
  readonly routedBy?: string;
  /** Stand-ins for a dry run, by role; `***` for roles that are not named. */
  readonly masked?: SecretValues;
  /** Undefined when there is nothing to say here: not every channel tells every change. */
  readonly render: (message: Message<Config>) => HttpRequest | undefined;
  readonly judge: (answer: Answer) => Verdict;
  /** Requests to `sns:` addresses are published by the AWS SDK instead of posted. */
  readonly transport?: 'sns';
  /**
   * Tells what must ring where the message itself was only edited, which rings nowhere. Asked for after an accepted edit with news; the
   * delivery of a trigger has failed when this has, and a repetition makes the same edit again. Undefined when there is nothing to reply to.
   */
  readonly tellNews?: (after: FollowUp<Config>, news: string) => Promise<Verdict | undefined>;
  /** Best effort after the message was accepted; returns what is to be remembered instead. A failure here is no failure of the page. */
  readonly followUp?: (after: FollowUp<Config>) => Promise<MessageReference>;
}
