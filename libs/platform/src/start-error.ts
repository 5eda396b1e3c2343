import type { Config } from './config.js';

/** A start that cannot be, for a reason outside this program: `message` is one line for whoever started it. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** Why an address could not be listened on, by the variables that say where it is; other errors come back as they are. */
export function listenError(error: unknown, config: Config, listen: 'gateway' | 'health'): unknown {
  const [variable, port] = listen === 'gateway' ? ['PORT', config.port] : ['HEALTH_PORT', config.healthPort];
  const where = `${config.host}:${port}`;
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new StartError(
        `${variable}: ${where} is taken by another process; end that one, or set ${variable} to a free port`,
      );
    case 'EACCES':
      return new StartError(`${variable}: not permitted to listen on ${where}; ports from 1024 on need no permission`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new StartError(
        `HOST: "${config.host}" is not an address of this machine; 127.0.0.1 and 0.0.0.0 always work`,
      );
    default:
      return error;
  }
}

/** Why the embedded store could not use its folder; other errors come back as they are. */
export function dataDirError(error: unknown, config: Config): unknown {
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'is not writable',
    EPERM: 'is not writable',
    EROFS: 'is on a read-only disk',
    ENOTDIR: 'is not a folder',
    EEXIST: 'is not a folder',
    ENOSPC: 'is on a full disk',
  };
  const reason = reasons[codeOf(error)];
  if (reason === undefined) return error;
  return new StartError(
    `DATA_DIR: ${JSON.stringify(config.dataDir)} ${reason}; allowed is a folder that can be written to`,
  );
}
