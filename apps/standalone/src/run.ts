import { bootstrap, createLog, type Config } from '@haunt/platform';
import { configureGateway, gatewayAdapter } from '../../gateway/src/configure.js';
import { LogFile } from './log-file.js';
import { StandaloneModule } from './standalone.module.js';
import { show } from './terminal/show.js';

/** Runs everything as this process and shows it on stdout; the log goes to a file meanwhile. */
export async function run(name: string): Promise<void> {
  let logFile: LogFile | undefined;
  const running = await bootstrap((config) => StandaloneModule.for(config), {
    name,
    listen: 'gateway',
    configure: configureGateway,
    adapter: gatewayAdapter,
    log(config: Config) {
      logFile = new LogFile(config);
      return createLog(name, config, logFile);
    },
  });
  if (logFile === undefined) return;
  running.onClose(show(running, logFile));
  running.onClose(() => void process.stdout.write('Haunt is ending.\n'));
  sayWhyItDied(name, logFile);
}

/** Registered behind the screen: what killed the process belongs on the terminal that is given back, not only in a file. */
function sayWhyItDied(name: string, logFile: LogFile): void {
  process.once('exit', (code) => {
    const last = logFile.notices.findLast(({ level }) => level === 'error');
    if (code !== 0 && last !== undefined) process.stderr.write(`${name}: ${last.message} (more in ${logFile.path})\n`);
  });
}
