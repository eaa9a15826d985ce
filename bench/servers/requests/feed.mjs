import { EventEmitter } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Server } from 'node:net';

// Imported in front of a server; when the parent asks, it gives the server requests without sockets and tells what CPU
// time one took, at best. So neither the kernel nor a load client is in the figure.

/** How many requests come with each turn of the event loop. */
const atOnce = 16;
/** How many there are before they count, and how many each time that they do. */
const requests = 20_000;
/** They are counted again and again for at least as much CPU time, in µs: V8 goes on to compile for a while. */
const enough = 1_000_000;

let server;
let open = 0;
const listen = Object.getOwnPropertyDescriptor(Server.prototype, 'listen').value;
Server.prototype.listen = function (...args) {
  server ??= this;
  return listen.apply(this, args);
};

process.on('message', ({ method, path, body }) => {
  // The garbage of the start is not the requests' doing. If V8 were still at it, it would take the first of them for
  // objects that live long, and from then on put all of their kind where garbage is rarely collected.
  globalThis.gc();
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers = { host: '127.0.0.1', accept: '*/*' };
  if (bytes) Object.assign(headers, { 'content-type': 'application/json', 'content-length': String(bytes.length) });
  const rawHeaders = Object.entries(headers).flat();
  let status;

  const feed = () => {
    const socket = new Nowhere();
    const req = Object.assign(new IncomingMessage(socket), {
      method,
      url: path,
      headers: { ...headers },
      rawHeaders,
      httpVersion: '1.1',
      httpVersionMajor: 1,
      httpVersionMinor: 1,
    });
    const res = new ServerResponse(req);
    res.assignSocket(socket);
    res.on('finish', () => {
      status = res.statusCode;
      // As Node's own server does once an answer is written.
      res.detachSocket(socket);
      process.nextTick(close, res);
    });
    server.emit('request', req, res);
    if (bytes) req.push(bytes);
    req.push(null);
    req.complete = true;
  };

  // As many at once as connections have something to say, and no promise: in a server that uses AsyncLocalStorage the
  // feeder's promises would cost more than its requests do.
  const feedAll = (count, then) => {
    if (open > 0) return setImmediate(feedAll, count, then);
    if (count === 0) return then();
    open = Math.min(count, atOnce);
    for (let i = open; i > 0; i -= 1) feed();
    setImmediate(feedAll, count - open, then);
  };

  const measure = (least, spent) => {
    const before = process.cpuUsage();
    feedAll(requests, () => {
      const { user, system } = process.cpuUsage(before);
      const now = Math.min(least, (user + system) / requests);
      const all = spent + user + system;
      if (all < enough) measure(now, all);
      else process.send({ status, microseconds: now });
    });
  };
  feedAll(requests, () => measure(Infinity, 0));
});

function close(res) {
  res.emit('close');
  open -= 1;
}

/** A connection to nobody. */
class Nowhere extends EventEmitter {
  remoteAddress = '127.0.0.1';
  remotePort = 1;
  writable = true;
  readable = true;
  destroyed = false;
  _writableState = { corked: 0, length: 0 };
  write(_chunk, encoding, callback) {
    const done = typeof encoding === 'function' ? encoding : callback;
    if (done) process.nextTick(done);
    return true;
  }
  cork() {}
  uncork() {}
  setTimeout() {
    return this;
  }
  setNoDelay() {}
  setKeepAlive() {}
  pause() {}
  resume() {}
  end() {}
  destroy() {
    this.destroyed = true;
  }
}
