import type { ComponentChildren } from 'preact';

interface IconProps {
  readonly size?: number;
}

function Icon({ size = 20, children }: IconProps & { readonly children: ComponentChildren }) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.75"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const MarketIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M4 6h16M4 12h16M4 18h10" />
  </Icon>
);

export const MoversIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M4 16l5-6 4 4 7-8M15 6h5v5" />
  </Icon>
);

export const SourcesIcon = (props: IconProps) => (
  <Icon {...props}>
    <circle cx="12" cy="12" r="2.250" />
    <path d="M7.750 16.250a6 6 0 0 1 0-8.500M16.250 7.750a6 6 0 0 1 0 8.500M5 19a10 10 0 0 1 0-14M19 5a10 10 0 0 1 0 14" />
  </Icon>
);

export const SeedingIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M12 4v11M7.500 11L12 15.500 16.500 11M5 20h14" />
  </Icon>
);

export const SearchIcon = (props: IconProps) => (
  <Icon {...props}>
    <circle cx="11" cy="11" r="6.250" />
    <path d="M20 20l-4.500-4.500" />
  </Icon>
);

export const SunIcon = (props: IconProps) => (
  <Icon {...props}>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600L7 7M17 17l1.400 1.400M5.600 18.400L7 17M17 7l1.400-1.400" />
  </Icon>
);

export const MoonIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M20 14.500A8 8 0 0 1 9.500 4a8 8 0 1 0 10.500 10.500z" />
  </Icon>
);

export const StarIcon = ({ size = 18, filled }: IconProps & { readonly filled: boolean }) => (
  <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
    <path
      d="M12 3.800l2.500 5.100 5.600.8-4.050 4 .95 5.600L12 16.650 7 19.300l.95-5.600-4.050-4 5.600-.8z"
      fill={filled ? 'currentColor' : 'none'}
      stroke="currentColor"
      stroke-width="1.600"
      stroke-linejoin="round"
    />
  </svg>
);

/** Which way, without colour. */
export const Arrow = ({ to, size = 8 }: { readonly to: 'up' | 'down'; readonly size?: number }) => (
  <svg class="arrow" width={size} height={size} viewBox="0 0 8 8" aria-hidden="true">
    <path d={to === 'up' ? 'M4 1l3.500 6h-7z' : 'M4 7L.5 1h7z'} fill="currentColor" />
  </svg>
);

/** The ghost with a pulse. */
export const Mark = ({ size = 26 }: IconProps) => (
  <svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="9" fill="var(--accent-fill)" />
    <path d="M8 25V14a8 8 0 0 1 16 0v11l-2.700-2.200L18.700 25 16 22.800 13.300 25l-2.600-2.200z" fill="#fff" />
    <path
      d="M11 15.500h2.200l1.500-3.200 2.200 5.400 1.500-2.200H21"
      fill="none"
      stroke="var(--accent-fill)"
      stroke-width="1.600"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  </svg>
);
