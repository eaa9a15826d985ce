import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Makes `socket.server` something to read settings from and nothing more.
 *
 * A plugin has its request's socket, and with it Node gives away the server: its listeners, which take requests to every
 * plugin, and `close()`. Node itself uses the property to emit two events.
 */
export function hideServer(server: Server): (socket: Socket) => void {
  const emit = (event: string, ...args: unknown[]) =>
    (event === 'timeout' || event === 'clientError') && server.emit(event, ...args);
  const settings = new Proxy(server, {
    get(target, key) {
      if (typeof key === 'symbol') return Reflect.get(target, key) as unknown;
      if (key === 'emit') return emit;
      const value = key.startsWith('_') ? undefined : (Reflect.get(target, key) as unknown);
      return typeof value === 'function' ? undefined : value;
    },
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
    getPrototypeOf: () => null,
  });
  return socket => {
    (socket as Socket & { server: unknown }).server = settings;
  };
}
