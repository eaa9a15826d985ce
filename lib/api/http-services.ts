import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Middleware, ParameterizedContext } from 'koa';
import { Service } from '../../decorators/service.js';
import type { Allow } from '../contract/allow.js';
import type { OperationDefinition } from '../contract/operation.js';
import type { HttpMethod } from '../../decorators/routes.js';
import type { AnnotatedMethod, AnnotatedMethodReceiver, TakeOut } from './annotated-method.js';
import type { Credentials } from './credentials.js';

/** The Koa context of a request to a plugin. `ctx.path` is relative to the plugin; `ctx.state` is the plugin's own. */
export type PluginContext = ParameterizedContext & {
  /** The values of the route's `:name` segments, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly pluginId: string;
  readonly requestId: string;
  /** Who asks, as the gate has found. */
  readonly credentials: Credentials;
  /** Aborted once nobody waits for the answer any more: it was given, the caller has gone, or it took too long. */
  readonly signal: AbortSignal;
  /** Aborted when the server is about to stop, or with `signal`: what has no end of its own, as an event stream, ends now. */
  readonly closing: AbortSignal;
};

/** Koa middleware, or anything with `routes()` that gives one, such as a router of `@koa/router`. */
// oxlint-disable-next-line typescript/no-explicit-any -- Koa types a middleware by the state it adds; any state is welcome here.
export type MountableMiddleware = Middleware<any, any> | { routes(): unknown };

export interface UseOptions {
  /** Who may pass. Without it a user or a service is required. */
  readonly allow?: Allow;
}

export interface UpgradeOptions extends UseOptions {
  /** Whose pages may connect besides, as `https://portal.example.com`. */
  readonly origins?: readonly string[];
}

/** What is known of a request for another protocol. */
export interface UpgradeDetails {
  readonly credentials: Credentials;
  /** The values of the route's `:name` segments, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Aborted once the connection has ended. */
  readonly signal: AbortSignal;
  /** Aborted when the server is about to stop, or with `signal`: it is time to say good-bye. */
  readonly closing: AbortSignal;
  readonly requestId: string;
}

/**
 * Speaks another protocol on `socket`, on which nothing has been written yet; `head` is what came after the request.
 *
 * What it throws, or rejects with, before it has written is answered as an error is; later it ends the connection, as
 * does what its listeners to `socket` throw.
 */
export type UpgradeHandler = (
  req: IncomingMessage,
  socket: Socket,
  head: Buffer,
  details: UpgradeDetails,
) => void | Promise<void>;

/** The routes of one plugin, at `/api/<pluginId>`. Requests wait until the plugin is ready. */
@Service({ id: 'core.http-router', scope: 'plugin' })
export abstract class HttpRouterService implements AnnotatedMethodReceiver {
  /** Adds middleware or a router behind the plugin's path; it is asked after the annotated routes. */
  abstract use(middleware: MountableMiddleware, options?: UseOptions): void;
  /** The same, for what is below `path` only, which middleware then does not see. */
  abstract use(path: string, middleware: MountableMiddleware, options?: UseOptions): void;
  abstract addMethod(method: AnnotatedMethod): TakeOut | void;
  /**
   * Answers requests for another protocol, as WebSocket, at `path`, which may have `:name` segments.
   *
   * Such a request passes the same gate as any other; a browser's only from a page of the same origin, or of one that
   * `backend.cors.origin` or `origins` names: 403. With a cookie nothing else is taken, not even a request without an
   * origin. The connection is then the handler's. When the plugin ends, or the server has waited for long enough while
   * it stops, it is cut. Throws `ROUTE_CONFLICT` or `INVALID_ROUTE`.
   *
   * @example
   * const sockets = new WebSocketServer({ noServer: true });
   * router.upgrade('/events', (req, socket, head, { closing }) => {
   *   sockets.handleUpgrade(req, socket, head, ws => {
   *     closing.addEventListener('abort', () => ws.close(1001));
   *   });
   * });
   */
  abstract upgrade(path: string, handler: UpgradeHandler, options?: UpgradeOptions): TakeOut | void;
  /**
   * Answers the requests of one method and path; like an annotated route, but with neither a Koa context nor the cost of
   * one, unless its `source` has middleware, which then runs in front of it.
   *
   * Throws `ROUTE_CONFLICT` where another route answers the same requests. What it gives back takes the route out again.
   */
  abstract addRoute(route: RouteDefinition): TakeOut | void;
}

/** A route below the plugin's path. */
export interface RouteDefinition {
  readonly method: HttpMethod;
  /** With `:name` for parameters. */
  readonly path: string;
  readonly allow?: Allow;
  /**
   * With `allow: 'unauthenticated'`: the route itself finds who asks, as by a signature, so that an `Authorization` is
   * not taken for a token of this backend.
   */
  readonly provesItself?: boolean;
  /** How long the answer may take, in ms. */
  readonly timeout?: number;
  /** The method behind it, for errors and documents. */
  readonly source?: AnnotatedMethod;
  /** The contract that it keeps, for documents. */
  readonly operation?: OperationDefinition;
  /** Answers with `request.res`. What it throws, or rejects with, is answered as an error is. */
  answer(request: AdmittedRequest): void | Promise<void>;
}

/** A request that has found its route and passed its gate. */
export interface AdmittedRequest {
  readonly request: PluginRequest;
  /** The values of the route's `:name` segments, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
}

/** One request below a plugin's path, as the root router hands it over: there is nothing of the root's own in it. */
export interface PluginRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly requestId: string;
  /** Path and query as they were sent; those of `req` are relative to the plugin while middleware runs. */
  readonly target: string;
  /** What follows the plugin's path, without the query; starts with a slash. */
  readonly path: string;
  readonly signal: AbortSignal;
  readonly closing: AbortSignal;
  /** When the answer is too late, in ms since 1970; `undefined`: nobody has said. */
  readonly deadline: number | undefined;
  /** Who has sent it, as far as the proxies on its way are trusted. */
  readonly client: RequestClient;
  /** The path of the route that answers, as it was declared; whoever finds the route says so. */
  route: string | undefined;
  /** The connection, where the request asks for another protocol, which nobody has to grant. */
  readonly upgrade?: RequestedUpgrade | undefined;
  /** Answers with `text`, which is JSON, as `res.writeHead()` and `res.end()` would. */
  sendJsonText(status: number, text: string): void;
  /**
   * Lets a caller that has asked to be told (`Expect: 100-continue`) send its body; anybody else does so anyhow. Whoever
   * reads a body calls this first, when it is clear that the body is wanted.
   */
  continue(): void;
  /** Tells it who asks, which decides what goes on with the calls made to answer it; whoever admits it says so. */
  cameFrom(credentials: Credentials): void;
  /** Its caller has said how long it waits, and has waited that long. */
  readonly isGivenUp: boolean;
  /** Replaces `backend.server.handlerTimeout` for this request: the ms from now until its caller is told 503. */
  answerWithin(timeout: number): void;
}

/** Where a request comes from: its socket, or what trusted proxies (`backend.trustProxy`) say. */
export interface RequestClient {
  /** Its address; empty where it came over no socket. */
  readonly ip: string;
  /** The same, and the proxies between it and ours, outermost first; empty without any. */
  readonly ips: readonly string[];
  readonly protocol: 'http' | 'https';
  /** What it calls us, with the port if that is not the usual one. */
  readonly host: string;
}

/** The connection of a request that asks for another protocol. */
export interface RequestedUpgrade {
  readonly socket: Socket;
  /** What came after the request. */
  readonly head: Buffer;
  /**
   * Where the page is from that asks: `none` is no page, `own` the same origin, `named` one that `backend.cors.origin`
   * names, `any` one that it does not, but lets everybody in.
   */
  readonly origin: 'none' | 'own' | 'named' | 'any' | 'foreign';
  /** From now on the connection is the plugin's, on whose account this is called. */
  handOver(): void;
}

/** What a plugin answers with; the root router asks it for every request below `/api/<pluginId>`. */
export interface PluginMount {
  readonly pluginId: string;
  /** Answers the request, or throws, or rejects: the caller then gets 500, and the log of the backend the reason. */
  handle(request: PluginRequest): void | Promise<void>;
  /** Whether a request at `path` may be for another protocol. Then it comes with its connection, and without a body. */
  takesUpgrade?(path: string): boolean;
}

/** What the framework itself answers for a plugin, below `/api/<pluginId>/.backplane`; it says who may ask. */
export interface PluginEndpoint {
  readonly pluginId: string;
  /** Relative to the plugin's path, as `/.backplane/auth/v1/jwks.json`. */
  readonly path: string;
  /** Answers although the plugin is not ready yet, or is to be started again. */
  readonly beforeReady?: boolean;
  /** Is for other backends and operators: where there is `backend.internalListen`, it answers only there. */
  readonly internal?: boolean;
  handle(request: PluginRequest): void | Promise<void>;
}

/** What the framework itself answers outside of the plugins, below `/.backplane`; it says who may ask. */
export type RootEndpoint = Pick<PluginEndpoint, 'path' | 'handle'>;

/** The HTTP server of the backend, and what it answers outside of the plugins. */
@Service({ id: 'core.root-http-router', scope: 'root' })
export abstract class RootHttpRouterService {
  /**
   * Answers what is at or below `path`, which middleware then does not see. Nobody is asked for credentials.
   *
   * Throws `ROUTE_CONFLICT` where another path covers it or is covered by it, and for `/`, `/api`, `/.backplane` and
   * `/.well-known`.
   */
  abstract use(path: string, middleware: MountableMiddleware): void;
  /** Takes the requests of one plugin. What a plugin is given mounts only itself. */
  abstract mount(mount: PluginMount): void;
  abstract unmount(pluginId: string): void;
  /** Adds an endpoint of the framework; gives back how to take it away. What a plugin is given adds only its own. */
  abstract addEndpoint(endpoint: PluginEndpoint): () => void;
  /**
   * Adds an endpoint of the framework at exactly this path below `/.backplane`. Throws `ROUTE_CONFLICT` where there is
   * one, and `FOREIGN_MOUNT` in what a plugin is given.
   */
  abstract addRootEndpoint(endpoint: RootEndpoint): void;
  /** Where it listens; `undefined` where it does not. */
  abstract readonly address: { readonly host: string; readonly port: number } | undefined;
  /** The same as a URL by which a program on this machine reaches it, as `http://localhost:7007`. */
  abstract readonly url: string | undefined;
  /** Where other backends reach it: at `backend.internalListen`, where there is one. */
  abstract readonly internalUrl: string | undefined;
  /** The handler behind the server, for those who bring their own server or none. */
  abstract readonly handler: RequestListener;
  /** Answers a call of the plugin `callerId` of this backend that comes over no network. */
  abstract handleLocal(req: IncomingMessage, res: ServerResponse, callerId: string): void;
}
