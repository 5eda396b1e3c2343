import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

const root = resolve(process.env['HAUNT_RECORDINGS'] ?? join(__dirname, '../../shared/recordings'));

/** One recorded WebSocket frame; `raw` are the bytes on the wire. */
export interface RecordedFrame {
  readonly at: number;
  readonly direction: 'in' | 'out';
  readonly raw: Buffer;
}

/** Real venue traffic, kept outside the project because its licences differ. Set HAUNT_RECORDINGS to its folder. */
export const recordings = {
  available: existsSync(root),
  path: (...parts: string[]): string => join(root, ...parts),

  text(...parts: string[]): string {
    const bytes = readFileSync(join(root, ...parts));
    return (parts.at(-1)?.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  },

  json(...parts: string[]): unknown {
    return JSON.parse(recordings.text(...parts));
  },

  frames(name: string): RecordedFrame[] {
    return recordings
      .text('ws', name)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const frame = JSON.parse(line) as { t: number; dir: 'in' | 'out'; text?: string; base64?: string };
        const raw = frame.text === undefined ? Buffer.from(frame.base64 ?? '', 'base64') : Buffer.from(frame.text);
        return { at: frame.t, direction: frame.dir, raw };
      });
  },
};

/** A `describe` over recorded traffic; without the recordings it is skipped, and its title says why. */
export function describeRecorded(title: string, body: () => void): void {
  if (recordings.available) describe(title, body);
  // Not `body`: a skipped describe still runs it to collect its tests, and it reads files there.
  else describe.skip(title, () => it(`needs the recordings (none at ${root}; set HAUNT_RECORDINGS)`, () => undefined));
}
