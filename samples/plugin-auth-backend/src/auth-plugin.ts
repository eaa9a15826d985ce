import { Plugin } from 'backplane';
import { AuthController } from './auth-controller.js';

@Plugin({ pluginId: 'auth', controllers: [AuthController] })
export class AuthPlugin {}
