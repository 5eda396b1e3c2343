import { AssetView } from './views/asset/asset.js';
import { followAddress, route } from './route.js';

followAddress();

export function App() {
  const where = route.value;
  return where.section === 'asset' ? <AssetView symbol={where.symbol} /> : <main>{where.section}</main>;
}
