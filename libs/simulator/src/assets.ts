import { findAsset } from '@haunt/domain';
import { seedOf, unit } from './noise.js';

/** An asset as the simulated market starts it. Prices and volumes are of one day in February 2026, rounded. */
export interface SimulatedAsset {
  /** Lower case. */
  readonly symbol: string;
  readonly name: string;
  /** USD, what the walk moves around. */
  readonly price: number;
  /** USD traded on all venues together in 24 h. */
  readonly volume24h: number;
  readonly marketCap: number;
  /** How much it moves, Bitcoin being 0.6; 0 for what is pegged to a currency. */
  readonly volatility: number;
  readonly cmcId: number;
  readonly coingeckoId: string;
  /** From 0. */
  readonly rank: number;
}

/** symbol, name, price, volume in millions, capitalisation in billions, CoinMarketCap id, CoinGecko id; by capitalisation. */
const TABLE = `
btc|Bitcoin|72948.8|66740|1457.85|1|bitcoin
eth|Ethereum|2152.12|44862|259.75|1027|ethereum
usdt|Tether|1|136896|185.28|825|tether
bnb|BNB|696.54|3239|94.98|1839|binancecoin
xrp|XRP|1.5079|4185|91.86|52|ripple
usdc|USDC|1|20313|70.73|3408|usd-coin
sol|Solana|92.114|7094|52.19|5426|solana
trx|TRON|0.28286|744|26.79|1958|tron
doge|Dogecoin|0.10356|1645|17.46|74|dogecoin
bch|Bitcoin Cash|530.73|583|10.61|1831|bitcoin-cash
ada|Cardano|0.28614|761|10.32|2010|cardano
hype|Hyperliquid|35.28|748|9.18|32196|hyperliquid
leo|UNUS SED LEO|8.8612|3|8.17|3957|leo-token
xmr|Monero|381.42|124|7.04|328|monero
cc|Canton|0.17686|19.7|6.66|37263|canton-network
link|Chainlink|9.2495|1005|6.55|1975|chainlink
usde|Ethena USDe|0.9995|276|6.49|29470|ethena-usde
xlm|Stellar|0.17015|161|5.54|512|stellar
dai|Dai|0.9998|163|5.36|4943|dai
usd1|World Liberty Financial USD|0.9995|2361|5.14|36148|usd1-wlfi
ltc|Litecoin|58.885|507|4.52|2|litecoin
zec|Zcash|254.71|406|4.21|1437|zcash
avax|Avalanche|9.7088|395|4.19|5805|avalanche-2
sui|Sui|1.0857|952|4.18|20947|sui
shib|Shiba Inu|0.0000066158|152|3.9|5994|shiba-inu
hbar|Hedera|0.089769|203|3.86|4642|hedera-hashgraph
pyusd|PayPal USD|0.9998|253|3.57|27772|paypal-usd
wlfi|World Liberty Financial|0.13308|105|3.56|33251|world-liberty-financial
gram|Gram|1.3813|121|3.37|11419|the-open-network
cro|Cronos|0.081674|25.3|3.25|3635|crypto-com-chain
xaut|Tether Gold|4989.1|1087|2.59|5176|tether-gold
dot|Polkadot|1.4594|176|2.43|6636|polkadot
uni|Uniswap|3.7983|313|2.41|7083|uniswap
paxg|PAX Gold|5023.6|838|2.29|4705|pax-gold
mnt|Mantle|0.69845|82.4|2.27|27075|mantle
bgb|Bitget Token|2.977|22.8|2.08|11092|bitget-token
tao|Bittensor|187.74|120|2|22974|bittensor
aave|Aave|123.85|544|1.9|7278|aave
m|MemeCore|1.4856|17.9|1.88|35491|memecore
pepe|Pepe|0.0000041895|502|1.73|24478|pepe
okb|OKB|81.503|43.1|1.71|3897|okb
usdg|Global Dollar|0.9999|53.1|1.57|33793|global-dollar
myx|MYX Finance|6.111|29.8|1.54|36410|myx-finance
rlusd|Ripple USD|0.9999|331|1.49|34387|ripple-usd
near|NEAR Protocol|1.1573|172|1.49|6535|near
etc|Ethereum Classic|9.3295|92|1.45|1321|ethereum-classic
icp|Internet Computer|2.62|83.9|1.44|8916|internet-computer
aster|Aster|0.54942|142|1.41|36341|aster-2
sky|Sky|0.060962|30.6|1.4|33038|sky
pi|Pi|0.15776|13.7|1.38|35697|pi-network
ondo|Ondo|0.27027|79.7|1.32|21159|ondo-finance
kcs|KuCoin Token|8.853|5.7|1.17|2087|kucoin-shares
pol|Polygon|0.1096|88.8|1.16|28321|polygon-ecosystem-token
wld|Worldcoin|0.40788|126|1.14|13502|worldcoin-wld
ena|Ethena|0.13392|152|1.1|30171|ethena
usdd|USDD|0.9985|8.2|1|19891|usdd
atom|Cosmos|1.9943|84.3|0.98|3794|cosmos
trump|OFFICIAL TRUMP|4.1423|238|0.96|35336|official-trump
apt|Aptos|1.2168|74.1|0.93|21794|aptos
algo|Algorand|0.10303|55.8|0.91|4030|algorand
gt|GateToken|7.6236|7|0.88|4269|gatechain-token
kas|Kaspa|0.030977|36.5|0.84|20396|kaspa
flr|Flare|0.0097099|5.3|0.82|7950|flare-networks
night|Midnight|0.0492|18.2|0.82|39064|midnight-3
pump|Pump.fun|0.0022718|220|0.8|36507|pump-fun
qnt|Quant|66.161|17.9|0.8|3155|quant-network
fil|Filecoin|1.0495|116|0.79|2280|filecoin
render|Render|1.5001|58|0.78|5690|render-token
u|United Stables|0.9995|58.3|0.76|39120|united-stables
arb|Arbitrum|0.1284|159|0.75|11841|arbitrum
vet|VeChain|0.0083112|30.1|0.71|3077|vechain
xdc|XDC Network|0.034611|37.9|0.66|2634|xdce-crowd-sale
bonk|Bonk|0.000006942|99.5|0.61|23095|bonk
jup|Jupiter|0.18729|52.6|0.61|29210|jupiter-exchange-solana
sei|Sei|0.084287|59.6|0.56|23149|sei-network
zro|LayerZero|1.7622|58.4|0.52|26997|layerzero
stx|Stacks|0.27902|31.4|0.51|4847|blockstack
cake|PancakeSwap|1.5178|61.6|0.51|7186|pancakeswap-token
xtz|Tezos|0.46823|25.9|0.5|2011|tezos
dash|Dash|39.586|110|0.5|131|dash
tusd|TrueUSD|0.9972|24.3|0.49|2563|true-usd
nexo|Nexo|0.75866|18.4|0.49|2694|nexo
ip|Story|1.3155|107|0.46|35626|story-2
pengu|Pudgy Penguins|0.0073019|118|0.46|34466|pudgy-penguins
morpho|Morpho|1.2004|43.3|0.45|34104|morpho
stable|Stable|0.025702|40.6|0.45|38892|stable-2
chz|Chiliz|0.044104|82|0.45|4066|chiliz
fdusd|First Digital USD|0.9974|1160|0.43|26081|first-digital-usd
eurc|EURC|1.1802|76.7|0.43|20641|euro-coin
op|Optimism|0.21891|102|0.43|11840|optimism
virtual|Virtuals Protocol|0.63092|88.7|0.41|29420|virtual-protocol
fet|Artificial Superintelligence Alliance|0.17779|53.3|0.41|3773|fetch-ai
crv|Curve DAO Token|0.275|73.6|0.4|6538|curve-dao-token
lit|Lighter|1.5693|56.7|0.39|39125|lighter
kaia|Kaia|0.05808|15.3|0.36|32880|kaia
2z|DoubleZero|0.1039|10.9|0.36|38515|doublezero
jst|JUST|0.040796|34.7|0.36|5488|just
sun|Sun|0.018302|24.4|0.35|10529|sun-token
imx|Immutable|0.17638|21.6|0.35|10603|immutable-x
inj|Injective|3.5017|50.1|0.35|7226|injective-protocol
ldo|Lido DAO|0.42|48|0.35|8000|lido-dao
grt|The Graph|0.031|21|0.33|6719|the-graph
iota|IOTA|0.072|12|0.31|1720|iota
tia|Celestia|0.37|61|0.32|22861|celestia
floki|FLOKI|0.0000335|34|0.32|10804|floki
wif|dogwifhat|0.26|77|0.26|28752|dogwifcoin
strk|Starknet|0.052|35|0.27|22691|starknet
theta|Theta Network|0.22|10|0.22|2416|theta-token
sand|The Sandbox|0.089|31|0.24|6210|the-sandbox
mana|Decentraland|0.11|14|0.21|1966|decentraland
gala|Gala|0.0041|36|0.19|7080|gala
ens|Ethereum Name Service|6.6|28|0.24|13855|ethereum-name-service
axs|Axie Infinity|1.4|66|0.23|6783|axie-infinity
flow|Flow|0.047|9|0.08|4558|flow
snx|Synthetix|0.34|18|0.12|2586|havven
comp|Compound|18.5|21|0.18|5692|compound-governance-token
rune|THORChain|0.44|33|0.15|4157|thorchain
zil|Zilliqa|0.0041|10|0.08|2469|zilliqa
bat|Basic Attention Token|0.12|14|0.18|1697|basic-attention-token
1inch|1inch|0.098|10|0.14|8104|1inch
`;

const PEGGED = new Set('usdt usdc usde dai usd1 pyusd usdg rlusd usdd u tusd fdusd eurc'.split(' '));

const steady: Readonly<Record<string, number>> = {
  btc: 0.6,
  eth: 0.8,
  bnb: 0.6,
  xaut: 0.25,
  paxg: 0.25,
  leo: 0.4,
  trx: 0.5,
};

const KNOWN: ReadonlyMap<string, SimulatedAsset> = new Map(
  TABLE.trim()
    .split('\n')
    .map((line, rank) => {
      const [symbol = '', name = '', price, volume, cap, cmcId, coingeckoId = ''] = line.split('|');
      const volatility = PEGGED.has(symbol) ? 0 : (steady[symbol] ?? 0.8 + Math.min(rank, 100) / 100);
      const asset: SimulatedAsset = {
        symbol,
        name,
        price: Number(price),
        volume24h: Number(volume) * 1e6,
        marketCap: Number(cap) * 1e9,
        volatility,
        cmcId: Number(cmcId),
        coingeckoId,
        rank,
      };
      return [symbol, asset] as const;
    }),
);

/** Facts of an asset; for one of unknown price, those of a plausible small coin that is the same every time. */
export function simulatedAsset(symbol: string): SimulatedAsset {
  const known = KNOWN.get(symbol);
  if (known !== undefined) return known;
  const found = findAsset(symbol);
  // An alias is another coin's name: a venue that lists it under that name is none of ours.
  const listed = found?.symbol === symbol ? found : undefined;
  const seed = seedOf(symbol);
  return {
    symbol,
    name: listed?.name ?? symbol.toUpperCase(),
    price: Number((10 ** (4 * unit(seed, 1) - 2.5)).toPrecision(5)),
    volume24h: 1e6 + 2e7 * unit(seed, 2),
    marketCap: 1e7 + 2e8 * unit(seed, 3),
    volatility: 1.8,
    cmcId: listed?.id ?? 50_000 + (seed % 40_000),
    coingeckoId: listed?.coingeckoId ?? symbol,
    rank: listed?.rank ?? 350 + Math.floor(100 * unit(seed, 4)),
  };
}
