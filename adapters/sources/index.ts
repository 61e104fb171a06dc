/** Every source; a new one is a folder and a line here. */
import { freqtrade } from './freqtrade/index.ts';
import type { SourceFormat } from './source.ts';

export const sources: readonly SourceFormat[] = [freqtrade];
