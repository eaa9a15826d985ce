import type { CreationOptions } from '../../decorators/annotations.js';
import type { CallSite } from '../../decorators/call-site.js';
import { isRef, siteOfRef } from '../../decorators/refs.js';
import type {
  Class,
  DefaultImplementation,
  ExtensionPointDeclaration,
  Scope,
  ServiceDeclaration,
  Token,
} from '../../decorators/tokens.js';
import { clientOriginOf, type ClientOrigin } from '../api/client-of.js';
import type { ClassReader, ClassRecord } from '../api/class-record.js';
import { soundOptions, type InvalidOption } from '../api/sound-options.js';
import { describePlace } from '../util/source-place.js';
import { isNameOnly } from './name-only.js';

/** A service or an extension point, as its token declares it. */
export interface Declaration {
  readonly kind: 'service' | 'extension-point';
  readonly id: string;
  readonly scope: Scope;
  /** Of an extension point: whose it is. */
  readonly pluginId?: string;
  readonly multiton: boolean;
  readonly token: Token;
  readonly site: CallSite | undefined;
  readonly default?: DefaultImplementation | undefined;
  /** The class that declares a service, where it is one. */
  readonly record?: ClassRecord | undefined;
  readonly creation: CreationOptions;
  /** Of a class made with `clientOf`. */
  readonly client?: ClientOrigin;
  /** What a reference was given and is not what it has to be. */
  readonly invalidOptions: readonly InvalidOption[];
}

/** What `token` declares; `undefined` for anything that is not a token of a service or of an extension point. */
export function declarationOf(token: unknown, reader: ClassReader): Declaration | undefined {
  if (isRef(token)) {
    const site = siteOfRef(token);
    if (token.kind === 'service-ref') {
      const { kind: _, ...given } = token;
      const { options, invalid } = soundOptions(given, {
        required: ['id', 'scope'],
        optional: ['multiton', 'default'],
      });
      return ofService(options, { token, site, invalidOptions: invalid });
    }
    const { kind: _, ...given } = token;
    const { options, invalid } = soundOptions(given, { required: ['pluginId', 'id'] });
    return ofExtensionPoint(options, { token, site, invalidOptions: invalid });
  }
  if (typeof token !== 'function') return undefined;
  const record = reader.read(token as Class);
  const common = { token: record.target as Token, site: record.site, invalidOptions: [] };
  if (record.role?.kind === 'service') {
    return ofService(record.role.declares, { ...common, record });
  }
  const client = record.role ? undefined : clientOriginOf(record.target);
  if (client) return ofClient(client, record);
  return record.role?.kind === 'extension-point' ? ofExtensionPoint(record.role.declares, common) : undefined;
}

/**
 * A concrete class that declares a service is its own default, and so is a client. To be asked only where nothing else
 * implements the service: it may have to read the source.
 */
export function selfOf({ client, default: named, record }: Declaration): ClassRecord | undefined {
  if (client) return record;
  return record && !named && !isNameOnly(record) ? record : undefined;
}

type Common = Pick<Declaration, 'token' | 'site' | 'invalidOptions' | 'record'>;

function ofService(declares: ServiceDeclaration & CreationOptions, common: Common): Declaration {
  const { id, scope, multiton = false, eager, retry, create, config } = declares;
  const creation = { eager, retry, create, config };
  return { kind: 'service', id, scope, multiton, default: declares.default, creation, ...common };
}

/** Undecorated: which plugin it calls says everything. */
function ofClient(client: ClientOrigin, record: ClassRecord): Declaration {
  const { api, site } = client;
  const id = `${api.pluginId}.client`;
  const common = { token: record.target as Token, site, invalidOptions: [] };
  return { kind: 'service', id, scope: 'plugin', multiton: false, creation: {}, client, record, ...common };
}

function ofExtensionPoint({ pluginId, id }: ExtensionPointDeclaration, common: Common): Declaration {
  const full = `${pluginId}.${id}`;
  return { kind: 'extension-point', id: full, scope: 'plugin', pluginId, multiton: false, creation: {}, ...common };
}

/** A place in brackets, to stand behind a name; empty where no decorator says it. */
export function at(site: CallSite | undefined): string {
  const place = describePlace(site);
  return place ? ` (${place})` : '';
}
