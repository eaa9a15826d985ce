import type { Role } from '../../decorators/annotations.js';
import { soundOptions, type InvalidOption } from './sound-options.js';

const parts = ['extensionPoints', 'controllers', 'config', 'entities', 'migrations'];
const creation = ['eager', 'retry', 'config', 'create'];

/** A role with only such options as are what they have to be, and what was wrong with the others. */
export function soundRole(role: Role): { readonly role: Role; readonly invalid: readonly InvalidOption[] } {
  switch (role.kind) {
    case 'plugin': {
      const { options, invalid } = soundOptions(role.options, {
        required: ['pluginId'],
        optional: ['allow', ...parts],
      });
      return { role: { ...role, options }, invalid };
    }
    case 'module': {
      const ids = ['pluginId', 'moduleId'] as const;
      const { options, invalid } = soundOptions(role.options, { required: ids, optional: ['after', ...parts] });
      return { role: { ...role, options }, invalid };
    }
    case 'service': {
      const optional = ['multiton', 'default', ...creation, 'implements', 'wraps'];
      const { options: declares, invalid } = soundOptions(role.declares, { required: ['id', 'scope'], optional });
      return { role: { ...role, declares }, invalid };
    }
    case 'extension-point': {
      const optional = ['implements', 'wraps'];
      const { options: declares, invalid } = soundOptions(role.declares, { required: ['pluginId', 'id'], optional });
      return { role: { ...role, declares }, invalid };
    }
    case 'implementation': {
      const { options, invalid } = soundOptions(role.options, { optional: ['plugins', ...creation] });
      return { role: { ...role, options }, invalid };
    }
    case 'wrapper': {
      const optional = role.isOfExtensionPoint ? [] : ['plugins', 'config'];
      const { options, invalid } = soundOptions(role.options, { optional });
      return { role: { ...role, options }, invalid };
    }
    case 'controller': {
      const required = Object.hasOwn(Object(role.options) as object, 'api') ? (['api'] as const) : [];
      const { options, invalid } = soundOptions(role.options, { required, optional: ['path', 'allow'] });
      return { role: { ...role, options }, invalid };
    }
    case 'extension-point-implementation': {
      const { options, invalid } = soundOptions(role.options, { optional: ['perModule'] });
      return { role: { ...role, options }, invalid };
    }
    default:
      return { role, invalid: [] };
  }
}
