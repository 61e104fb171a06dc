/** `npx cdk --app "npx tsx examples/ecs/app.ts" deploy`; the bot's own log group and Nightdesk's stacks exist before. */
import { parseConfig } from '../../core/config/parse.ts';
import { ConfigError } from '../../core/config/problem.ts';
import { monitorApp } from '../../lib/synth.ts';
import nightdeskConfig from '../nightdesk.config.ts';
import { BotService } from './stack.ts';

const config = parseConfig(nightdeskConfig);
if (!config.ok) throw new ConfigError(config.error);
const app = monitorApp();
new BotService(app, 'MomentumBtc', {
  config: config.value,
  botId: 'momentum-btc',
  image: 'registry.example/momentum-btc:1.0.0',
  intakeUrl: 'https://REPLACE-WITH-OUTPUT-IntakeUrl',
});
app.synth();
