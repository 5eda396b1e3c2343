// Prints the events of a topic as they come, one JSON object a line: `REDIS_URL=… npm run -s tail -- ticks [partition] [start]`.
// Ticks come one a line, as the venue gave them, with the entry and the batch they came in; prices with the entries of ticks that they
// follow from. Needs a build and the Redis the apps use.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { RedisBus } = require('../dist/libs/bus/src/index.js');
const { batchId } = require('../dist/libs/domain/src/index.js');
const { TOPICS } = require('../dist/libs/contracts/src/index.js');

const [topic = 'ticks', partition = '0', from = 'now'] = process.argv.slice(2);
const url = process.env.REDIS_URL;
if (!url || !Object.hasOwn(TOPICS, topic) || !/^\d+$/.test(partition) || !['now', 'start'].includes(from)) {
  console.error('usage: REDIS_URL=redis://… npm run -s tail -- TOPIC [PARTITION] [now|start]');
  console.error(`TOPIC is one of ${Object.keys(TOPICS).join(', ')}`);
  process.exit(2);
}
if (TOPICS[topic].delivery === 'work') {
  console.error(`${topic} is a work queue: reading it here would take the work from those who do it`);
  process.exit(2);
}

const line = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const bus = new RedisBus({ url });
bus.consume(
  topic,
  (entries) => {
    for (const { id, event, headers } of entries) {
      if (topic !== 'ticks') line({ id, ...headers, event });
      else {
        const { source, receivedAt } = event;
        const of = { entry: id, batch: batchId(event), source, receivedAt };
        for (const tick of event.ticks) line({ type: 'trade', ...of, ...tick });
        for (const ticker of event.tickers) line({ type: 'ticker', ...of, ...ticker });
      }
    }
  },
  { partition: Number(partition), from: { at: from } },
);
process.stdout.on('error', () => process.exit(0));
process.on('SIGINT', () => void bus.close().then(() => process.exit(0)));
