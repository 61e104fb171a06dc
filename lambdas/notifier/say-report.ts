/** Summaries after the close: an info for the channels of info, that opens no incident and that nobody is paged for. */
import { deliver } from '../../adapters/notify/deliver.ts';
import { type ReportMessage, reportPage } from '../../core/report/message.ts';
import type { Advanced } from './advance.ts';
import type { NotifierTools } from './tools.ts';

/** @throws Error when a channel did not take it and may later: the delivery comes again, and others hear it twice rather than one never. */
export async function sayReport(report: ReportMessage, tools: NotifierTools): Promise<readonly Advanced[]> {
  const page = reportPage(report);
  const results = await Promise.all(
    tools.config.routes.info.map(async channelId => {
      const config = tools.config.channels[channelId];
      if (config === undefined) return { channelId, again: false };
      const delivered = await deliver({ page, channelId, config }, { ...tools.extras, secrets: tools.secrets, send: tools.send });
      if (delivered.ok) tools.output.info('report sent', { channel: channelId, days: report.days, tries: delivered.tries });
      else tools.output.error('report not sent', { channel: channelId, kind: delivered.kind, detail: delivered.detail });
      return { channelId, again: !delivered.ok && delivered.retry === 'later' };
    }),
  );
  const failed = results.filter(({ again }) => again).map(({ channelId }) => channelId);
  if (failed.length > 0) throw new Error(`the report did not reach ${failed.join(', ')}`);
  return [];
}
