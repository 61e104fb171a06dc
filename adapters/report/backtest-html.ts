import type { BacktestHistory } from '../../core/backtest/history.ts';
import type { BacktestReport } from '../../core/backtest/report.ts';

export const backtestHtml = (report: BacktestReport, _history: BacktestHistory): string => `<title>${report.source}</title>`;
