/**
 * Text in Slack's mrkdwn. Only `&`, `<` and `>` are encoded; nothing else may be (https://docs.slack.dev/messaging/formatting-message-text).
 * Formatting characters cannot be escaped, so text of strangers stands in code spans, where it neither formats nor links.
 */
import { fitted } from '../text.ts';

/** Escaped and cut so that the encoded text fits into `max` characters; an entity is never cut in two. */
export const escaped = (text: string, max: number): string =>
  fitted(text, max, point => (point === '&' ? '&amp;' : point === '<' ? '&lt;' : point === '>' ? '&gt;' : point));

/** A code span: back-ticks become apostrophes, since they would end it. */
export const code = (text: string, max: number): string => `\`${escaped(text.replaceAll('`', "'"), max - 2)}\``;

/** A block of several lines in fixed width. */
export const codeBlock = (text: string, max: number): string => `\`\`\`\n${escaped(text.replaceAll('`', "'"), max - 8)}\n\`\`\``;
