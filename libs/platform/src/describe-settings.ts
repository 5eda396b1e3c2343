import { SOURCE_IDS } from '@haunt/domain';
import { markdownTable } from './markdown-table.js';
import { SETTINGS, type Setting, sourceSettings } from './settings.js';

const HEAD = `# Settings

Environment variables, read once before anything starts. An empty variable counts as unset. A value that is not allowed
stops the start with one line that names the variable, the value and what is allowed.

This page is written from the table in \`libs/platform/src/settings.ts\` by \`node tools/docs.mjs\`.
`;

/** Markdown would read these as table cells and emphasis. */
const plain = (text: string): string => text.replace(/([|*<>])/g, '\\$1');

function cells(setting: Setting<unknown>): readonly string[] {
  const fallback = setting.fallback === undefined ? '' : `\`${setting.fallback}\``;
  return [`\`${setting.env}\``, fallback, setting.description, plain(setting.allowed)];
}

function table(settings: readonly Setting<unknown>[]): string {
  return markdownTable([['variable', 'default', 'what for', 'allowed'], ...settings.map(cells)]);
}

/** The page docs/CONFIG.md. */
export function describeSettings(): string {
  const perSource = SOURCE_IDS.map((id) => sourceSettings(id));
  const addresses = perSource.flatMap(({ ws, rest }) => [ws, rest].filter((setting) => setting !== undefined));
  const keys = perSource.flatMap(({ key }) => (key === undefined ? [] : [key]));
  return [HEAD, table(Object.values(SETTINGS)), '## Keys\n', table(keys), '## Addresses\n', table(addresses)].join(
    '\n',
  );
}
