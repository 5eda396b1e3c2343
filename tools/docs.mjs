// Writes the pages of docs/ that follow from tables in the code. Run after `npm run build`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { describeMetrics } = require('../dist/libs/platform/src/describe-metrics.js');
const { describeSettings } = require('../dist/libs/platform/src/describe-settings.js');

mkdirSync(new URL('../docs', import.meta.url), { recursive: true });
writeFileSync(new URL('../docs/CONFIG.md', import.meta.url), describeSettings());
writeFileSync(new URL('../docs/METRICS.md', import.meta.url), describeMetrics());
