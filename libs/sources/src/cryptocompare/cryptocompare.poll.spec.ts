import { ASSETS } from '@haunt/domain';
import { describeRecorded, recordings } from '../../../../test/recordings.js';
import { type PolledAsset, VenueFrameError } from '../source.js';
import { cryptocompare } from './cryptocompare.poll.js';

const NOW = 1_790_000_000_000;
const btc: PolledAsset = { symbol: 'btc' };
const usd = { PRICE: 90176.22, LASTUPDATE: 1_789_999_990, OPEN24HOUR: 88000, VOLUME24HOURTO: 1.5e9 };

describe('what CryptoCompare is asked', () => {
  it('is symbols, with the key in a header', () => {
    expect(cryptocompare.needsKey).toBe(true);
    expect(cryptocompare.plan('key')).toEqual({ everyMs: 20_000 });
    expect(cryptocompare.request([btc, { symbol: '1inch' }], ' key ')).toEqual({
      method: 'GET',
      path: '/data/pricemultifull?fsyms=BTC,1INCH&tsyms=USD',
      headers: { authorization: 'Apikey key' },
    });
    expect(() => cryptocompare.request([], 'key')).toThrow('no asset');
  });

  it('has at most 300 characters of symbols, also of the longest we know', () => {
    const longest = [...ASSETS].sort((a, b) => b.symbol.length - a.symbol.length);
    const { path } = cryptocompare.request(longest.slice(0, cryptocompare.assetsPerRequest), 'key');
    expect(/fsyms=([^&]*)/.exec(path)?.[1]?.length).toBeLessThanOrEqual(300);
  });
});

describe('what CryptoCompare answers', () => {
  it('is a price with its own time', () => {
    expect(cryptocompare.parse({ RAW: { BTC: { USD: usd } }, DISPLAY: {} }, [btc], NOW)).toEqual({
      tickers: [
        {
          symbol: 'btc',
          pair: 'BTC-USD',
          quote: 'usd',
          price: 90176.22,
          time: 1_789_999_990_000,
          open24h: 88000,
          volume24h: 1.5e9,
        },
      ],
      refused: [],
    });
  });

  it('names the symbols it left out or garbled, and keeps the others', () => {
    const assets = ['a', 'b', 'c', 'd', 'btc', 'constructor'].map((symbol) => ({ symbol }));
    const raw = {
      A: { EUR: usd },
      B: { USD: { ...usd, PRICE: 0 } },
      C: { USD: { ...usd, LASTUPDATE: 0 } },
      BTC: { USD: { PRICE: 1, LASTUPDATE: 1_789_999_990, OPEN24HOUR: 0, VOLUME24HOURTO: 0 } },
    };
    const { tickers, refused } = cryptocompare.parse({ RAW: raw }, assets, NOW);
    expect(tickers).toEqual([
      { symbol: 'btc', pair: 'BTC-USD', quote: 'usd', price: 1, time: 1_789_999_990_000, volume24h: 0 },
    ]);
    expect(refused).toEqual([
      { symbol: 'a', message: 'the answer left out A in USD' },
      { symbol: 'b', message: 'B PRICE is 0, expected a number above 0' },
      { symbol: 'c', message: 'C LASTUPDATE is 0, expected a number above 0' },
      { symbol: 'd', message: 'the answer left out D' },
      { symbol: 'constructor', message: 'the answer left out CONSTRUCTOR' },
    ]);
  });

  it.each([
    ['an error of status 200', { Response: 'Error', Message: 'You are over your rate limit', Data: {} }, 'over your'],
    ['an error of the newer kind', { Data: {}, Err: { type: 1, message: 'subscription needed' } }, 'subscription'],
    ['another answer', { BTC: { USD: 1 } }, 'RAW is missing'],
    ['nothing', null, 'the answer is null'],
  ])('is no prices when it is %s', (_, body, message) => {
    const parse = () => cryptocompare.parse(body, [btc], NOW);
    expect(parse).toThrow(VenueFrameError);
    expect(parse).toThrow(message);
  });
});

describeRecorded('CryptoCompare as recorded', () => {
  it('gives the index price', () => {
    const body = recordings.json('rest', 'cryptocompare_pricemultifull_BTC-USD_2017-09-07.json');
    expect(cryptocompare.parse(body, [btc, { symbol: 'eth' }], NOW)).toEqual({
      tickers: [
        {
          symbol: 'btc',
          pair: 'BTC-USD',
          quote: 'usd',
          price: 4563.88,
          time: 1_504_754_372_000,
          open24h: 4497.45,
          volume24h: 504520318.88032025,
        },
      ],
      refused: [{ symbol: 'eth', message: 'the answer left out ETH' }],
    });
  });

  it('fails for the error that came with status 200', () => {
    const body = recordings.json('rest', 'cryptocompare_error_top-mktcapfull_2026-01-02.json');
    expect(() => cryptocompare.parse(body, [btc], NOW)).toThrow('tsym is a required param');
  });
});
