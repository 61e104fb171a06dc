/**
 * What comes back from a channel: a pressed button, a command, a change made there. Each kind proves who sent it (signature over the raw
 * bytes, with its clock), reads it, and knows how to answer its sender. Nothing of an unproven request is looked at.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SecretReference } from '../../core/config/types.ts';
import type { BotSignal } from '../../core/incidents/page.ts';
import type { RawRequest, SecretValues } from './channel.ts';

export interface Incoming {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body's exact bytes. */
  readonly body: Uint8Array;
  readonly nowMs: number;
}

/** What a person wants done. `key` is an incident's key, its fingerprint, or its place in the list that /status shows. */
export type Command =
  | { readonly do: 'acknowledge' | 'resolve'; readonly incident: IncidentName }
  | { readonly do: 'silence'; readonly incident: IncidentName; readonly durationMs: number }
  | { readonly do: 'signal'; readonly signal: BotSignal; readonly incident: IncidentName; readonly confirmed?: Confirmed }
  | { readonly do: 'status' }
  | { readonly do: 'help'; readonly because?: string };

/** The second step of a signal: when the first one was, and which bot it named (`confirmationOf`). */
export interface Confirmed {
  readonly askedAtMs: number;
  readonly about: string;
}

export type IncidentName =
  | { readonly by: 'key'; readonly key: string }
  | { readonly by: 'fingerprint'; readonly fingerprint: string }
  | { readonly by: 'number'; readonly number: number }
  /** The only one that is open. */
  | { readonly by: 'only' };

/** A command with who gave it, whether that person may, and how to answer. */
export interface Requested {
  readonly command: Command;
  /** As shown to others, such as `ana (Slack)`. */
  readonly who: string;
  /** Why the person may not, in words for that person; absent when allowed. */
  readonly refused?: string;
  /** The channel knows of the change already, since it was made there. */
  readonly isKnownThere?: boolean;
  /** When it was done; what is about an earlier incident of the same key changes no later one. */
  readonly doneAtMs?: number;
  /** The request that answers its sender; undefined when nothing can or need be answered. */
  readonly reply: (answer: Reply) => RawRequest | undefined;
}

export interface Reply {
  readonly text: string;
  /** Asks for the second step of a signal. */
  readonly confirm?: { readonly signal: BotSignal; readonly botId: string; readonly key: string; readonly askedAtMs: number };
}

export type Inbound =
  | { readonly ok: true; readonly requests: readonly Requested[] }
  /** `status` is what the sender gets; the reason is for our log alone. */
  | { readonly ok: false; readonly status: 400 | 401; readonly reason: string };

export interface InboundKind<Config> {
  /** Secrets by role: what proves the sender, and what answers it. Undefined when the config has no secret that could prove it. */
  readonly secretsOf: (config: Config) => Readonly<Record<string, SecretReference>> | undefined;
  readonly read: (incoming: Incoming, config: Config, secrets: SecretValues) => Inbound;
}

/** Two texts in a time that does not tell where they differ. */
export function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

export const hmacHex = (secret: string, ...parts: readonly (string | Uint8Array)[]): string =>
  parts.reduce((hmac, part) => hmac.update(part), createHmac('sha256', secret)).digest('hex');

/** How long a first step waits for its second. */
export const CONFIRM_WITHIN_MS = 60_000;
