import type { Role } from '../../decorators/annotations.js';
import { soundOptions, type InvalidOption } from './sound-options.js';

/** A role with only such options as are what they have to be, and what was wrong with the others. */
export function soundRole(role: Role): { readonly role: Role; readonly invalid: readonly InvalidOption[] } {
  switch (role.kind) {
    case 'plugin': {
      const { options, invalid } = soundOptions(role.options, ['pluginId']);
      return { role: { ...role, options }, invalid };
    }
    case 'module': {
      const { options, invalid } = soundOptions(role.options, ['pluginId', 'moduleId']);
      return { role: { ...role, options }, invalid };
    }
    case 'service': {
      const { options: declares, invalid } = soundOptions(role.declares, ['id', 'scope']);
      return { role: { ...role, declares }, invalid };
    }
    case 'extension-point': {
      const { options: declares, invalid } = soundOptions(role.declares, ['pluginId', 'id']);
      return { role: { ...role, declares }, invalid };
    }
    case 'implementation': {
      const { options, invalid } = soundOptions(role.options);
      return { role: { ...role, options }, invalid };
    }
    case 'wrapper': {
      const { options, invalid } = soundOptions(role.options);
      return { role: { ...role, options }, invalid };
    }
    case 'controller': {
      const { options, invalid } = soundOptions(
        role.options,
        Object.hasOwn(Object(role.options) as object, 'api') ? ['api'] : [],
      );
      return { role: { ...role, options }, invalid };
    }
    case 'extension-point-implementation': {
      const { options, invalid } = soundOptions({ perModule: role.perModule });
      return { role: { ...role, perModule: options.perModule ?? false }, invalid };
    }
    default:
      return { role, invalid: [] };
  }
}
