import { useEffect, useRef } from 'preact/hooks';
import { assetHref, route } from '../route.js';
import { choice, ordered, search } from '../state/table.js';
import { SearchIcon } from './icons.js';

/** Searches the market by name or symbol, from wherever one is. `/` leads here, Enter to the first that was found, Escape away. */
export function SearchBox() {
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  const onInput = (): void => {
    search(input.current?.value ?? '');
    if (route.value.section !== 'market') location.hash = '#/';
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      search('');
      input.current?.blur();
    }
    const first = ordered.value[0];
    if (event.key === 'Enter' && choice.value.query.trim() !== '' && first !== undefined) {
      location.hash = assetHref(first.key);
      search('');
      input.current?.blur();
    }
  };

  return (
    <div class="search" role="search">
      <SearchIcon size={17} />
      <input
        ref={input}
        type="search"
        placeholder="Search"
        aria-label="Search assets by name or symbol"
        aria-keyshortcuts="/"
        autocomplete="off"
        spellcheck={false}
        value={choice.value.query}
        onInput={onInput}
        onKeyDown={onKeyDown}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
