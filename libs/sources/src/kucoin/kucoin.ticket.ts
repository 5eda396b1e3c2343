import { arrayField, objectField, positiveIfAny, textField } from '../fields.js';
import type { StreamSource } from '../source.js';

/**
 * KuCoin hands out the address and a token before every connection; a token that was used is refused.
 * https://www.kucoin.com/docs-new/websocket-api/base-info/get-public-token-spot-margin
 */
export const kucoinTicket: NonNullable<StreamSource['ticket']> = {
  request: { method: 'POST', path: '/api/v1/bullet-public' },
  address(body, connectId, wsOverride) {
    const data = objectField(objectField(body, 'bullet-public')['data'], 'data');
    const token = textField(data['token'], 'token');
    const server = objectField(arrayField(data['instanceServers'], 'instanceServers')[0], 'instanceServers[0]');
    const endpoint = wsOverride ?? textField(server['endpoint'], 'endpoint');
    const query = new URLSearchParams({ token, connectId }).toString();
    const pingEveryMs = positiveIfAny(server['pingInterval'], 'pingInterval');
    return {
      url: `${endpoint}${endpoint.includes('?') ? '&' : '?'}${query}`,
      ...(pingEveryMs !== undefined && { pingEveryMs }),
    };
  },
};
