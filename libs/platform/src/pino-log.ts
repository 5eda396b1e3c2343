import { pino, type Logger } from 'pino';
import type { Config } from './config.js';
import { Log } from './log.js';
import { secretsOf } from './read-config.js';

/** Takes one JSON line at a time, its line break included. */
export interface LogDestination {
  write(line: string): void;
}

const SECRET_KEYS = ['authorization', 'apiKey', 'apiToken', 'token', 'password', 'key', 'keys'];

class PinoLog extends Log {
  constructor(private readonly pino: Logger) {
    super();
  }

  override trace(fields: object, message: string): void {
    this.pino.trace(fields, message);
  }

  override get isTracing(): boolean {
    return this.pino.isLevelEnabled('trace');
  }

  override debug(fields: object, message: string): void {
    this.pino.debug(fields, message);
  }

  override info(fields: object, message: string): void {
    this.pino.info(fields, message);
  }

  override warn(fields: object, message: string): void {
    this.pino.warn(fields, message);
  }

  override error(fields: object, message: string): void {
    this.pino.error(fields, message);
  }

  override child(fields: object): Log {
    return new PinoLog(this.pino.child(fields));
  }
}

/**
 * The log of a process called `name`. Lines go to `destination`, by default to stdout, each written before the call
 * returns: what was said before a crash is there after it.
 */
export function createLog(name: string, config: Config, destination?: LogDestination): Log {
  const secrets = secretsOf(config);
  return new PinoLog(
    pino(
      {
        name,
        level: config.logLevel,
        formatters: { level: (label) => ({ level: label }) },
        timestamp: pino.stdTimeFunctions.isoTime,
        redact: { paths: [...SECRET_KEYS, ...SECRET_KEYS.map((key) => `*.${key}`)], censor: '***' },
        // A key may also hide in a URL or in somebody else's error message.
        hooks: { streamWrite: (line) => secrets.reduce((clean, secret) => clean.replaceAll(secret, '***'), line) },
      },
      destination ?? pino.destination({ dest: 1, sync: true }),
    ),
  );
}
