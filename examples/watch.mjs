// Watches five prices for a while, then says how complete a chart is and who moved most.
//
//   npm run build:client && npm install --prefix examples
//   node examples/watch.mjs [url of a Haunt server] [seconds]
import { HauntClient, HauntError } from '@haunt/client';

const [url = 'http://localhost:3001', seconds = '10'] = process.argv.slice(2);
const { rest, live } = new HauntClient({ url });

live.on('state', (state) => {
  if (state.status === 'connected') console.log(`connected to ${url}`);
  if (state.status === 'waiting') console.log(`${state.reason}; again in ${(state.retryInMs / 1000).toFixed(1)} s`);
});

live.subscribe(['btc', 'eth', 'sol', 'xrp', 'doge'], {
  throttleMs: 1_000,
  onPrice: ({ symbol, price, change24h, status, sources }) => {
    const change = change24h === undefined ? '' : `${change24h.toFixed(2)} %`;
    console.log(
      `${symbol.padEnd(5)} ${String(price).padStart(18)} ${change.padStart(9)}  ${status}, ${sources.length} sources`,
    );
  },
  onError: ({ message }) => console.error(message),
});

await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
live.close();

try {
  const { data: chart, meta } = await rest.chart('btc', '1d');
  if (meta.simulated) console.log('\nSIMULATED: this server makes its prices up');
  console.log(
    `\nbtc, a day: ${chart.data.length} of ${chart.expectedPoints} candles, ${chart.dataCompleteness} % complete, seeding ${chart.seedingStatus}`,
  );

  const { data: movers } = await rest.movers({ timeframe: '1m', limit: 3 });
  for (const { symbol, changePercent } of [...movers.gainers, ...movers.losers]) {
    console.log(`${symbol.padEnd(5)} ${changePercent > 0 ? '+' : ''}${changePercent.toFixed(3)} % in a minute`);
  }
} catch (error) {
  if (!(error instanceof HauntError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
