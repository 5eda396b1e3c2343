import { theme, toggleTheme } from '../state/theme.js';
import { ConnectionPill } from './connection.js';
import { Mark, MoonIcon, SunIcon } from './icons.js';
import { TopNav } from './nav.js';
import { SearchBox } from './search-box.js';

/** Who we are, where one can go, how the connection stands. */
export function Header() {
  const next = theme.value === 'dark' ? 'light' : 'dark';
  return (
    <header class="header">
      <div class="header-inner">
        <a class="brand" href="#/" aria-label="Haunt, to the market">
          <Mark />
          <span>Haunt</span>
        </a>
        <TopNav />
        <SearchBox />
        <ConnectionPill />
        <button type="button" class="icon-button" onClick={toggleTheme} aria-label={`Use the ${next} theme`}>
          {next === 'light' ? <SunIcon /> : <MoonIcon />}
        </button>
      </div>
    </header>
  );
}
