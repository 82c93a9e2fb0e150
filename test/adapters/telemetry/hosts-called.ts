// Run as a process of its own: sends one line and prints every host that was called. Nothing leaves this machine, and
// timers of minutes and hours fire at once, so that what a library does in the background is seen.
import { Socket } from 'node:net';
import { appInsights } from '../../../src/adapters/telemetry/app-insights.ts';
import { quietLibraries } from '../../../src/config.ts';

const hosts = new Set<string>();
const target = (args: unknown[]): string =>
  args
    .flat()
    .flatMap((one) => (one && typeof one === 'object' && 'host' in one ? [String(one.host)] : []))
    .join();
const connect = Socket.prototype.connect;
Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
  const host = target(args);
  hosts.add(host);
  if (host === '127.0.0.1') return Reflect.apply(connect, this, args) as Socket;
  process.nextTick(() => this.destroy(new Error('nothing leaves this machine')));
  return this;
};
const { setTimeout: later, setInterval: every } = globalThis;
const soon = (ms: number | undefined) => (ms !== undefined && ms >= 5_000 ? 20 : ms);
Object.assign(globalThis, {
  setTimeout: Object.assign(
    (run: () => void, ms?: number, ...rest: []) => later(run, soon(ms), ...rest),
    later,
  ),
  setInterval: (run: () => void, ms?: number, ...rest: []) => every(run, soon(ms), ...rest),
});

const connectionString =
  'InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=https://127.0.0.1:9';
if (process.argv[2] === 'ours') {
  quietLibraries();
  const insights = await appInsights({ connectionString, secrets: [] });
  insights.log('info', 'x');
} else {
  // the library as it comes, to show that this script sees what it does
  const { TelemetryClient } = (await import('applicationinsights')).default;
  new TelemetryClient(connectionString).trackTrace({ message: 'x' });
}
await new Promise((resolve) => later(resolve, 1_000));
process.stdout.write(JSON.stringify([...hosts].sort()));
process.exit();
