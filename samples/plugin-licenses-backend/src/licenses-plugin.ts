import { Plugin } from 'backplane';
import { LicensesController } from './licenses-controller.js';

@Plugin({ pluginId: 'licenses', controllers: [LicensesController] })
export class LicensesPlugin {}
