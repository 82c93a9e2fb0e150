// Loaded into the playground's process with --import, before the playground itself: it listens on every
// interface and has no option for the host, and nothing of the sandbox may be reachable from outside.
import { Server } from 'node:net';
import { onLoopback } from './loopback.ts';

const listen = Server.prototype.listen;
Server.prototype.listen = function listenOnLoopback(this: Server, ...args: unknown[]): Server {
  return Reflect.apply(listen, this, onLoopback(args));
};
