/** The files with which a bot runs somewhere: one generator, so that examples, command and tests cannot drift apart. */
import type { NightdeskConfig } from '../config/types.ts';
import { ec2Files } from './ec2.ts';
import { ecsFiles } from './ecs.ts';
import { kubernetesFiles } from './kubernetes.ts';
import { type HostBot, type HostOptions, type HostTarget, hostBot } from './target.ts';

export interface HostFile {
  /** Name within the folder of the bot. */
  readonly name: string;
  readonly text: string;
}

const writers: Readonly<Record<HostTarget, (bot: HostBot) => readonly HostFile[]>> = {
  kubernetes: kubernetesFiles,
  ecs: ecsFiles,
  ec2: ec2Files,
};

/** The files of a bot for a target; undefined when the config has no such bot. */
export function hostFiles(
  config: NightdeskConfig,
  botId: string,
  target: HostTarget,
  options: HostOptions,
): readonly HostFile[] | undefined {
  const bot = config.bots.find(({ id }) => id === botId);
  return bot === undefined ? undefined : writers[target](hostBot(config, bot, options));
}
