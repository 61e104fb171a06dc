/** `--from-account`: the metrics, alarms and alarm history of the account that the environment names. Only reads. */
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { accountAlarms, accountChanges } from '../../adapters/history/account-alarms.ts';
import { accountHistory } from '../../adapters/history/account-history.ts';
import { pieceFiles } from '../../adapters/history/piece-files.ts';
import type { AlarmSet } from '../../core/alarms/alarm-set.ts';
import type { AlarmDefinition } from '../../core/alarms/definition.ts';
import type { RecordedChange } from '../../core/backtest/check-history.ts';
import type { BacktestHistory } from '../../core/backtest/history.ts';
import { type Io, UsageError } from '../command.ts';
import type { BacktestOptions } from './options.ts';

export interface AccountInput {
  readonly alarms: () => Promise<AlarmSet>;
  readonly history: (alarms: readonly AlarmDefinition[]) => Promise<BacktestHistory>;
  readonly changes: () => Promise<readonly RecordedChange[]>;
}

const DAY = 86_400_000;
const MINUTE = 60_000;
/** One day less than points of a minute are kept. */
const USUAL_DAYS = 14;

/** @throws UsageError without a region; what the account refuses becomes one too. */
export function openAccount(options: BacktestOptions, io: Io): AccountInput {
  const region = options.region ?? io.env['AWS_REGION'] ?? io.env['AWS_DEFAULT_REGION'];
  if (region === undefined) throw new UsageError('--from-account needs a region: --region R or AWS_REGION');
  const client = new CloudWatchClient({ region, maxAttempts: 4 });
  const nowMs = Math.floor(Date.now() / MINUTE) * MINUTE;
  const toMs = Math.min(options.toMs ?? nowMs, nowMs);
  const span = { fromMs: options.fromMs ?? toMs - USUAL_DAYS * DAY, toMs };
  const tools = { pause: (ms: number) => pause(ms) };
  const name = `account in ${region}`;
  return {
    alarms: () => said(accountAlarms(client, name, tools, options.alarmPrefix)),
    history: alarms =>
      said(
        accountHistory(client, alarms, {
          ...span,
          nowMs,
          name,
          ...tools,
          ...(options.cache === undefined ? {} : { pieces: pieceFiles(resolve(io.cwd, options.cache)) }),
          ...(io.isTty ? { onProgress: (done, of) => io.stderr(`\r${done} of ${of} pieces of history${done === of ? '\n' : ''}`) } : {}),
        }),
      ),
    changes: () => said(accountChanges(client, span, tools)),
  };
}

async function said<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw new UsageError(`--from-account: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
  }
}
