import { Plugin } from 'backplane';
import { AuthController } from './auth-controller.js';

/** Issues the tokens of users. Every other plugin verifies them with the public keys that it asks for here. */
@Plugin({ pluginId: 'auth', controllers: [AuthController] })
export class AuthPlugin {}
