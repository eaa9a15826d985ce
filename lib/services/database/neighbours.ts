import { databaseShared } from './database-errors.js';
import type { Access } from './open-database.js';

/** Which plugins have their databases beside each other, and whether anything but good manners keeps them apart. */
export class Neighbours {
  readonly #owners = new Map<string, string>();
  readonly #met = new Map<string, Map<string, Access>>();
  readonly #told = new Set<string>();

  /** Takes a place for one plugin alone, until the result is called. Throws `DATABASE_SHARED`. */
  claim(place: string | undefined, pluginId: string): () => void {
    if (place === undefined) return () => {};
    const owner = this.#owners.get(place);
    if (owner !== undefined && owner !== pluginId) throw databaseShared(pluginId, owner, place);
    this.#owners.set(place, pluginId);
    return () => this.#owners.delete(place);
  }

  /** A warning, once for each server, where statements of one plugin could reach what belongs to another. */
  meet(pluginId: string, access: Access | undefined): string | undefined {
    if (!access) return undefined;
    const { server, user, isPrivileged } = access;
    const others = this.#met.get(server) ?? new Map<string, Access>();
    this.#met.set(server, others);
    const [other] = [...others].find(
      ([id, met]) => id !== pluginId && (met.user === user || met.isPrivileged || isPrivileged),
    ) ?? [undefined];
    others.set(pluginId, access);
    if (other === undefined || this.#told.has(server)) return undefined;
    this.#told.add(server);
    return (
      `Nothing but the name of a table keeps plugin '${pluginId}' from what plugin '${other}' has at ${server}: ` +
      `they have the same rights there; see 'backend.database.ownRoles'`
    );
  }
}
