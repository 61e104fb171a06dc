/** docs/sources.md, made from what each source says of itself. */
import type { SourceFormat } from './source.ts';

const introduction = `# Sources

\`nightdesk import SOURCE FILE\` turns the records of another program into [events](events.md); \`nightdesk follow\` does the same while they
are being written. The same records give the same events with the same ids, so importing or sending them twice counts nothing twice.

Decimals keep the digits of the source's text; JSON numbers are read from their text and never pass through a double. What is computed (estimated
fees, prices between two looks at an order) is rounded half-even at 1e-16. Records that cannot be used are named with their place on standard
error. Exit codes of \`import\`: 0 fine · 1 some records could not be used · 2 none could.

Where records do not say who traded, say it: \`--strategy\`, \`--account\`, \`--venue\`, \`--currency\`, \`--environment\`.
`;

const follow = `## Following

\`nightdesk follow ndjson FILE\`, \`nightdesk follow fix FILE\` and \`nightdesk follow freqtrade URL\` run beside a bot and send its events to the intake
(\`--url\`, or NIGHTDESK_URL). Any other source that has a line of text or JSON for each record can be followed as a file too.

- **Place.** How far the source was read, and what its mapping remembers, stand in a small state file that is replaced by an atomic rename. Events are
  appended to a spool on disk before the place moves on, and leave the spool when the intake has taken them. After a crash between the two the same
  records are read again and give the same ids, so nothing is lost and nothing counts twice. The folder (\`--state\`) belongs to one file or address: beside
  two bots, each follower has its own.
- **Rotation.** A file is known by its inode and first bytes. When the name points to a new file, the old one is read to its end first; when the
  file was cut short, it is read from its beginning.
- **Intake away.** Events wait in the spool, oldest first, up to \`--spool-mb\` (64); beyond it reading stops and the source waits, so nothing is dropped.
  Why the intake takes nothing (its code), and which lines it refused of what it took, is told.
- **Own heartbeat.** Component \`follow\`, every 10 s, with the number of events that wait as queue depth; degraded while the source or the intake cannot be reached.
  With NIGHTDESK_KEY only where \`--heartbeat-as\` names a strategy of the bot: the intake refuses others.
- **Secrets.** NIGHTDESK_FREQTRADE_TOKEN, or NIGHTDESK_FREQTRADE_USER and NIGHTDESK_FREQTRADE_PASSWORD, from the environment, never from arguments.
  NIGHTDESK_KEY signs each batch for the bot whose id ends the address, or for NIGHTDESK_BOT ([intake](intake.md)).
`;

const csvMap = `A map is JSON, in a file or as it is, or the short form \`field=Column,field=Column\`:

\`\`\`json
{
  "columns": { "execId": "Trade ID", "instrumentId": "Symbol", "side": "B/S", "lastQty": "Qty", "lastPx": "Price", "transactTime": "Time", "fee": "Commission" },
  "constants": { "settlCurrency": "EUR" },
  "values": { "side": { "K": "buy", "V": "sell" } },
  "delimiter": ";", "decimal": ",", "time": "iso", "feeSign": "cash", "header": true
}
\`\`\`

\`time\` is \`iso\`, \`s\`, \`ms\`, \`us\` or \`ns\`; \`feeSign\` is \`cost\` (a cost is positive) or \`cash\` (a cost is negative); without a header, columns are
numbered from 1. In place of \`side\` and \`lastQty\`, \`signedQty\` is negative for a sale.
`;

const winRate = `Freqtrade's win rate and ours differ on purpose. Freqtrade counts a trade with \`profit_ratio\` above zero as a win and divides by all trades; drawn
trades, which are many with a minimal return of zero, lower it. Here a round trip that ends at zero net of fees, at the precision of the currency, is breakeven and
stands outside of the rate. The import prints both. Gross P&L equals the sum of \`profit_abs\` where that is before fees; net P&L equals the sum of stake ×
(1 + \`fee_open\`) × \`profit_ratio\` to the eight digits of \`profit_ratio\`.
`;

const extra: Readonly<Record<string, string>> = { csv: csvMap, freqtrade: winRate };

function sectionOf({ name, reads, mapping, lost }: SourceFormat): string {
  const rows = mapping.map(([event, from]) => `| ${event} | ${from} |`);
  const table = `| Event | From |\n| --- | --- |\n${rows.join('\n')}\n`;
  const losses = lost.map(each => `- ${each}`).join('\n');
  const more = extra[name];
  return `## ${name}\n\nReads: ${reads}.\n\n${table}\nLost in the mapping:\n\n${losses}\n${more === undefined ? '' : `\n${more}`}`;
}

export function sourcesPage(sources: readonly SourceFormat[]): string {
  return [introduction, ...sources.map(sectionOf), follow].join('\n');
}
