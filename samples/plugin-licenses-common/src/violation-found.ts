import { defineTopic } from 'backplane/contract';
import { Finding } from './licenses-api.js';

/** Something has a license that the policy denies, and had none before. */
export const violationFound = defineTopic({ pluginId: 'licenses', id: 'violation-found', payload: Finding });
