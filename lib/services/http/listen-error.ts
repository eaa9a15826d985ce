import { BackplaneError } from '../../errors/backplane-error.js';
import type { ListenAddress } from './listen-address.js';

/** Why the server cannot listen, in the words of whoever can change that. */
export function listenError({ host, port, key }: ListenAddress, cause: NodeJS.ErrnoException): BackplaneError {
  const freePort = `set '${key}.port' to a free port, or end what uses this one.`;
  const reason = `(${cause.code ?? cause.message})`;
  switch (cause.code) {
    case 'EADDRINUSE':
      return error('PORT_IN_USE', `The port ${port} is already in use ${reason}`, freePort, cause);
    case 'EACCES':
    case 'EPERM':
      return error(
        'PORT_FORBIDDEN',
        `This process may not listen on port ${port} ${reason}`,
        `set '${key}.port' to a port from 1024 on.`,
        cause,
      );
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EAI_AGAIN':
    case 'EINVAL':
    case 'ENOTFOUND': {
      const fix = `set '${key}.host' to an address of this machine, or leave it out to listen on all.`;
      return error('BAD_LISTEN_HOST', `'${host ?? ''}' is not an address of this machine ${reason}`, fix, cause);
    }
    default:
      return error('LISTEN_FAILED', `The server cannot listen on port ${port} ${reason}`, freePort, cause);
  }
}

function error(code: string, message: string, fix: string, cause: unknown): BackplaneError {
  return new BackplaneError({ code, message, path: [], fix, cause });
}
