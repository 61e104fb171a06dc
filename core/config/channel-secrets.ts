import type { ChannelConfig, SecretReference } from './types.ts';

/** Every secret that a channel's config refers to, for sending and for what comes back, without repetition. */
export function secretNamesOf(channels: Readonly<Record<string, ChannelConfig>>): readonly string[] {
  const references = Object.values(channels).flatMap(channel => Object.values(channel).filter(isSecretReference));
  return [...new Set(references.map(({ secretName }) => secretName))];
}

const isSecretReference = (value: unknown): value is SecretReference =>
  typeof value === 'object' && value !== null && 'secretName' in value && typeof value.secretName === 'string';
