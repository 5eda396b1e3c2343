import { describeRecorded, recordings } from '../../../test/recordings.js';
import { binance } from './binance/binance.stream.js';
import { coinbase } from './coinbase/coinbase.stream.js';
import { huobi } from './huobi/huobi.stream.js';
import { kucoin } from './kucoin/kucoin.stream.js';
import { okx } from './okx/okx.stream.js';
import type { StreamSource } from './source.js';

describeRecorded('Recorded product lists', () => {
  const LISTS: readonly [string, StreamSource, number, readonly [string, string, string][]][] = [
    [
      'coinbase_products_2021-04-17.json',
      coinbase,
      162,
      [
        ['BTC-USD', 'btc', 'usd'],
        ['CGLD-USD', 'celo', 'usd'],
      ],
    ],
    [
      'binance_exchangeInfo_2021-04-17.json.gz',
      binance,
      998,
      [
        ['BTCUSDT', 'btc', 'usdt'],
        ['BUSDTRY', 'busd', 'try'],
        ['SWRVBUSD', 'swrv', 'busd'],
      ],
    ],
    [
      'kucoin_symbols_2021-04-23.json',
      kucoin,
      630,
      [
        ['BTC-USDT', 'btc', 'usdt'],
        ['BCHSV-USDT', 'bsv', 'usdt'],
        ['ANC-UST', 'anc', 'ust'],
      ],
    ],
    [
      'okx_instruments-SPOT_2022-05-13.json',
      okx,
      513,
      [
        ['BTC-USDT', 'btc', 'usdt'],
        ['ETH-BTC', 'eth', 'btc'],
      ],
    ],
    [
      'huobi_common-symbols_2021-04-17.json',
      huobi,
      883,
      [
        ['btcusdt', 'btc', 'usdt'],
        ['fil3susdt', 'fil3s', 'usdt'],
        ['nesteth', 'nest', 'eth'],
      ],
    ],
  ];

  describe.each(LISTS)('%s', (name, source, count, known) => {
    const pairs = source.listing.parse(recordings.json('rest', name));

    it('gives the tradable pairs as we spell them', () => {
      expect(pairs).toHaveLength(count);
      for (const [pair, symbol, quote] of known) expect(pairs).toContainEqual({ pair, symbol, quote });
      expect(
        pairs.find(({ symbol, quote }) => symbol !== symbol.toLowerCase() || quote !== quote.toLowerCase()),
      ).toBeUndefined();
      expect(new Set(pairs.map(({ pair }) => pair)).size).toBe(count);
    });

    it('agrees with the spelling alone, wherever that leaves no doubt', () => {
      const wrong = pairs.filter((pair) => {
        const guess = source.listing.spelled(pair.pair);
        return guess !== undefined && (guess.symbol !== pair.symbol || guess.quote !== pair.quote);
      });
      const undecided = pairs.filter(({ pair }) => source.listing.spelled(pair) === undefined);
      expect(wrong).toEqual([]);
      expect(undecided.length / pairs.length).toBeLessThan(0.01);
    });
  });

  it('leaves out what is not tradable', () => {
    const names = binance.listing.parse(recordings.json('rest', 'binance_exchangeInfo_2021-04-17.json.gz'));
    // A leveraged token, and a market that stands still.
    expect(names.map(({ pair }) => pair)).not.toContain('AAVEUPUSDT');
    expect(names.map(({ pair }) => pair)).not.toContain('BCCBTC');
  });
});
