/** Every source; a new one is a folder and a line here. */
import { ccxt } from './ccxt/index.ts';
import { csv } from './csv/index.ts';
import { fix } from './fix/index.ts';
import { freqtrade } from './freqtrade/index.ts';
import { hummingbot } from './hummingbot/index.ts';
import { jesse } from './jesse/index.ts';
import { lean } from './lean/index.ts';
import { nautilus } from './nautilus/index.ts';
import type { SourceFormat } from './source.ts';

export const sources: readonly SourceFormat[] = [freqtrade, fix, ccxt, csv, nautilus, hummingbot, lean, jesse];
