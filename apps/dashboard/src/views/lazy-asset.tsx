import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { signal } from '@preact/signals';
import { Failure, Skeleton } from '../parts/notices.js';

interface AssetProps {
  readonly symbol: string;
}

const loaded = signal<ComponentType<AssetProps> | undefined>(undefined);
const failed = signal(false);

/** The asset view, fetched when it is first wanted: the chart is as large as everything else together. */
export function LazyAssetView({ symbol }: AssetProps) {
  useEffect(() => void load(), []);
  const View = loaded.value;
  if (View !== undefined) return <View symbol={symbol} />;
  if (failed.value)
    return <Failure sentence="A part of this page could not be loaded from the server." retry={again} />;
  return <Skeleton lines={8} label="Loading the asset" />;
}

async function load(): Promise<void> {
  if (loaded.value !== undefined) return;
  try {
    const { AssetView } = await import('./asset/asset.js');
    loaded.value = AssetView;
  } catch {
    failed.value = true;
  }
}

/** A module that failed to load fails for ever in this page; and the server may have another build by now. */
function again(): void {
  location.reload();
}
