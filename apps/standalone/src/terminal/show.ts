import { Clock, type RunningApp } from '@haunt/platform';
import { EventBus } from '@haunt/bus';
import type { LogFile } from '../log-file.js';
import { MarketView } from './market-view.js';
import { render } from './render.js';
import { Reporter } from './reporter.js';
import { Screen } from './screen.js';
import { View } from './view.js';

const FRAME_MS = 250;
const SUMMARY_MS = 30_000;

/** Shows what is happening: a live picture on a terminal, otherwise a few plain lines. Ends with the returned function. */
export function show({ app, config, url }: RunningApp, logFile: LogFile): () => void {
  const clock = app.get(Clock);
  const now = (): number => clock.now();
  const out = process.stdout;
  const about = { url, logPath: logFile.path, startedAt: now() - Math.round(process.uptime() * 1000) };

  if (out.isTTY && process.env['TERM'] !== 'dumb') {
    const market = new MarketView(app.get(EventBus), now, about.startedAt);
    const view = new View(config, market, about, logFile.notices);
    const color = wantsColor(process.env);
    const screen: Screen = new Screen(out, () => draw());
    const draw = (): void =>
      screen.draw(render(view.picture(now()), { columns: screen.columns, rows: screen.rows, color }));
    draw();
    const timer = setInterval(draw, FRAME_MS);
    return () => {
      clearInterval(timer);
      screen.close();
      void market.close();
    };
  }

  const reporter = new Reporter((line) => out.write(`${line}\n`), now);
  const market = new MarketView(app.get(EventBus), now, about.startedAt, (status) => reporter.status(status));
  const view = new View(config, market, about, logFile.notices);
  logFile.listen((notice) => reporter.notice(notice));
  reporter.begin(view.picture(now()));
  const timer = setInterval(() => reporter.summary(view.picture(now())), SUMMARY_MS);
  return () => {
    clearInterval(timer);
    void market.close();
  };
}

/** NO_COLOR, when it is there and not empty, means what it says (no-color.org). */
export function wantsColor(env: NodeJS.ProcessEnv): boolean {
  return (env['NO_COLOR'] ?? '') === '';
}
