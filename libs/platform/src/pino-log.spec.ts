import { NestLog } from './nest-log.js';
import { createLog } from './pino-log.js';
import { readConfig } from './read-config.js';

function recorded(env: NodeJS.ProcessEnv = {}) {
  const lines: string[] = [];
  const log = createLog('test', readConfig(env), { write: (line) => lines.push(line) });
  return { log, lines, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test('one JSON object per line, with the fields of its child', () => {
  const { log, lines, parsed } = recorded();
  log.child({ source: 'okx' }).warn({ attempt: 3 }, 'two\nlines');
  log.debug({}, 'below the level');
  expect(lines).toHaveLength(1);
  expect(lines[0]?.trimEnd()).not.toContain('\n');
  expect(parsed()[0]).toMatchObject({ level: 'warn', name: 'test', source: 'okx', attempt: 3, msg: 'two\nlines' });
});

test('an error keeps its message and stack', () => {
  const { log, parsed } = recorded();
  log.error({ err: new Error('broken') }, 'it broke');
  expect(parsed()[0]).toMatchObject({
    err: { message: 'broken', stack: expect.stringContaining('pino-log.spec') as string },
  });
});

test('a key is nowhere: not under its name, not in a URL, not in an error', () => {
  const { log, lines } = recorded({ COINGECKO_API_KEY: 'hunter2', REDIS_URL: 'redis://:hunter3@x' });
  log.info({ apiKey: 'other', headers: { authorization: 'Bearer x9' }, url: 'https://x/?key=hunter2' }, 'asked');
  log.error({ err: new Error('AUTH hunter3 refused') }, 'redis');
  expect(lines.join('')).not.toMatch(/hunter|other|x9/);
});

test("Nest's start-up lines are for debugging, its warnings and errors are not", () => {
  const { log, parsed } = recorded({ LOG_LEVEL: 'info' });
  const nest = new NestLog(log);
  nest.log('Mapped {/health, GET} route', 'RouterExplorer');
  nest.warn('careful', 'X');
  nest.error('it broke', 'Error: it broke\n    at y', 'ExceptionsHandler');
  expect(parsed()).toMatchObject([
    { level: 'warn', context: 'X', msg: 'careful' },
    { level: 'error', context: 'ExceptionsHandler', msg: 'it broke', stack: 'Error: it broke\n    at y' },
  ]);
});
