import type { ClientToServerEvents, LiveErrorCode, ServerToClientEvents } from './live.js';

/**
 * How many messages of a connection may be refused: so many at once, and as many again in the course of the time. One more,
 * and it is told so and closed.
 */
export const ERROR_BUDGET = { errors: 20, errorsMs: 10_000 } as const;

/** Bytes of a message. One that has more ends the connection. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

/** What live clients hear, and when. The payloads are those of `ServerToClientEvents`; docs/EVENTS.md is written from both. */
export const LIVE_EVENTS: { readonly [E in keyof ServerToClientEvents]: string } = {
  subscribed:
    'Answer to `subscribe`, before any price: what is new with it. Of what was subscribed before nothing is sent again.',
  unsubscribed: 'Answer to `unsubscribe`: what had been subscribed. No price of it comes after it.',
  throttle_set: 'Answer to `set_throttle`.',
  subscribed_movers: 'Answer to `subscribe_movers`; the list follows, as soon as there is one.',
  unsubscribed_movers: 'Answer to `unsubscribe_movers`.',
  pong: 'Answer to `ping`.',
  price_update:
    'The price of an asset subscribed to: once after subscribing, then with every change of the price or its status, at most one per throttle, the last of a burst always.',
  price_updates: 'The same for what was subscribed to with `batch`: all that changed together.',
  seeding_progress:
    'A seeding job of an asset subscribed to has come further; a job that runs is told after subscribing. At most five times a second, beginnings and ends at once.',
  market_update:
    'The figures of the whole market: once after the first subscription, as far as they are known, then when they have changed. Changes to everybody; on `/ws` to those that have said something.',
  movers_update:
    'The movers of a timeframe subscribed to: once after subscribing, then whenever who is in the list, or in which order, has changed, at most once a second.',
  restarting:
    'The server ends, and closes this connection next, on `/ws` with code 1012: what was to be sent has been sent. Come back when it says.',
  error: `A message was refused, and the connection stays; or, by \`too_many_errors\` and \`too_slow\`, it is closed next. Up to ${ERROR_BUDGET.errors} messages may be refused at once, and ${ERROR_BUDGET.errors} more every ${ERROR_BUDGET.errorsMs / 1000} s.`,
};

/** What live clients may say, and what it does. The payloads are those of `ClientToServerEvents`. */
export const LIVE_REQUESTS: { readonly [E in keyof ClientToServerEvents]: string } = {
  subscribe:
    'Adds assets. Repeating it is cheap and changes nothing. An asset nobody knows is silent until it has a price.',
  unsubscribe: 'Ends some or all of them. What is not subscribed to is no error.',
  set_throttle: 'Sets the least time between two updates of one asset, for this connection.',
  subscribe_movers: 'Adds the movers of a timeframe, or changes how many of them.',
  unsubscribe_movers: 'Ends one timeframe or all.',
  ping: 'Asks whether the server is there.',
};

/** Why a message is refused. */
export const LIVE_ERRORS: { readonly [C in LiveErrorCode]: string } = {
  invalid_json: 'The text frame is not JSON (`/ws` alone).',
  invalid_message: 'Not an object, no `type`, or a field of the wrong type.',
  unknown_type: 'There is no such request.',
  invalid_assets: '`assets` is no array of symbols of 1 to 64 characters.',
  invalid_throttle: '`throttle_ms` is no whole number from 0 to 60000.',
  too_many_assets: 'One client may subscribe to so many; nothing of this message was added.',
  too_many_new_assets: 'New assets have a budget that fills up again: try again in a few seconds.',
  invalid_timeframe: '`timeframe` is no text.',
  invalid_limit: '`limit` is no whole number from 1 to 50.',
  too_slow: 'No message was refused: the connection is closed next, because the client does not read what it is sent.',
  too_many_errors:
    'The connection is closed next: the client sends little but what is refused. It comes after the error of the message itself.',
};
