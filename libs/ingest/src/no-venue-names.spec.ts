import { SOURCE_IDS, type SourceId } from '@haunt/domain';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const APPS = join(__dirname, '../../../apps');

describe('the engine', () => {
  const files = readdirSync(__dirname).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));

  it.each(files)('knows no venue: %s', (name) => {
    const text = readFileSync(join(__dirname, name), 'utf8').toLowerCase();
    expect([...SOURCE_IDS, 'htx'].filter((id) => text.includes(id))).toEqual([]);
  });

  it('is started for every source by exactly one app', () => {
    const apps = readdirSync(APPS).filter((app) => app.startsWith('ingestor-'));
    const started = apps.flatMap((app) => {
      const call = /runIngestor\(([^)]*)\)/.exec(readFileSync(join(APPS, app, 'src/main.ts'), 'utf8'));
      return [...(call?.[1] ?? '').matchAll(/'(\w+)'/g)].map((match) => match[1] as SourceId);
    });
    expect(started.sort()).toEqual([...SOURCE_IDS].sort());
  });
});
