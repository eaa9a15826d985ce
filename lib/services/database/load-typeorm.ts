import { missingPackage } from './database-errors.js';

/** TypeORM, which only those backends load that have a database. */
export async function loadTypeorm(pluginId: string): Promise<typeof import('typeorm')> {
  try {
    return await import('typeorm');
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw missingPackage(pluginId, 'databases', ['typeorm']);
  }
}
