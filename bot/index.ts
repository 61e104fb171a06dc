/** What a bot imports: `import { createEmitter, startHeartbeat, stdoutSink } from 'nightdesk/bot'`. */
export type { LogLevel } from '../core/events/level.ts';
export type { Environment, Fee, NightdeskEvent, Resources, Side, Source } from '../core/events/types.ts';
export { createDirectEmitter, type DirectEmitterOptions } from './direct-emitter.ts';
export { createEmitter, type Emitter, type EmitterOptions, type Report } from './emitter.ts';
export { type Health, type HealthCheck, type HealthServer, type HealthServerOptions, startHealthServer } from './health-server.ts';
export { type HeartbeatOptions, type RunningHeartbeat, startHeartbeat } from './heartbeat.ts';
export { type HttpSink, type HttpSinkCounts, type HttpSinkOptions, httpSink } from './http-sink.ts';
export { createLog, type Log, type LogBindings } from './log.ts';
export { createResourceMeter, type LoopLagMeter, type ResourcePort, startLoopLagMeter } from './resources.ts';
export { createSigner, type Sign, type SignerOptions } from './sign.ts';
export { type BotSignalMessage, createSignalReceiver, readSignal, type SignalReceiverOptions } from './signal-receiver.ts';
export { type FileSink, fileSink, type Sink, stdoutSink, teeSink } from './sinks.ts';
export type { SpoolOptions } from './spool.ts';
export { isoTime, type Now, type TimeInput } from './time-input.ts';
export { type RunningWatchdog, startWatchdog, type WatchdogOptions } from './watchdog.ts';
