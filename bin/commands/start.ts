import type { Command } from '../command.ts';
import { live } from '../start/live.ts';
import { help, options, readOptions } from '../start/options.ts';
import { replay } from '../start/replay.ts';

export const command: Command = {
  name: 'start',
  summary: 'the whole stack on this machine: simulated bots, your own bots, or a replay',
  help,
  options,
  run: async (args, io) => {
    const options = readOptions(args);
    return options.input === undefined ? live(options, io) : replay({ ...options, input: options.input }, io);
  },
};
