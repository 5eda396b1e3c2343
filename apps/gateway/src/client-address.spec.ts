import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { type GatewayUnderTest, startGateway } from '../test/gateway-under-test.js';
import { clientAddresses } from './client-address.js';

const CLIENT = '203.0.113.9';

function clientOf(trusted: readonly string[], peer: string | undefined, forwarded?: string | string[]): string {
  const request = { socket: { remoteAddress: peer }, headers: { 'x-forwarded-for': forwarded } };
  return clientAddresses(trusted).of(request as unknown as IncomingMessage);
}

describe('clientAddresses', () => {
  test.each<[string, readonly string[], string | undefined, string | string[] | undefined, string]>([
    ['no proxy is trusted: the peer, whatever it claims', [], '198.51.100.1', CLIENT, '198.51.100.1'],
    ['an untrusted peer is itself', ['10.0.0.0/8'], '198.51.100.1', CLIENT, '198.51.100.1'],
    ['a trusted peer without a header is itself', ['10.0.0.0/8'], '10.1.2.3', undefined, '10.1.2.3'],
    ['what a trusted peer says', ['10.0.0.0/8'], '10.1.2.3', CLIENT, CLIENT],
    ['what the client had put in front counts for nothing', ['10.0.0.0/8'], '10.1.2.3', `1.1.1.1, ${CLIENT}`, CLIENT],
    ['not even the address of a proxy', ['10.0.0.0/8'], '10.1.2.3', `10.9.9.9, ${CLIENT}`, CLIENT],
    ['two proxies in a row', ['10.0.0.0/8', '192.0.2.7'], '10.1.2.3', `1.1.1.1,${CLIENT}, 192.0.2.7`, CLIENT],
    ['a neighbour of a trusted address', ['10.0.0.0/8', '192.0.2.7'], '10.1.2.3', `${CLIENT}, 192.0.2.8`, '192.0.2.8'],
    ['only proxies: the first of them', ['10.0.0.0/8'], '10.1.2.3', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['the header given twice is one chain', ['10.0.0.0/8'], '10.1.2.3', ['1.1.1.1', CLIENT], CLIENT],
    ['a proxy that adds the port', ['10.0.0.0/8'], '10.1.2.3', `${CLIENT}:51813`, CLIENT],
    ['IPv6, with and without port', ['2001:db8::/32'], '2001:db8::1', '[2a00::5]:443, 2001:db8::2', '2a00::5'],
    ['IPv4 over a socket of IPv6', ['10.0.0.0/8'], '::ffff:10.1.2.3', `::ffff:${CLIENT}`, CLIENT],
    ['no address in the header: the proxy', ['10.0.0.0/8'], '10.1.2.3', `${CLIENT}, unknown`, '10.1.2.3'],
    ['a socket that has gone already', ['10.0.0.0/8'], undefined, CLIENT, ''],
  ])('%s', (_, trusted, peer, forwarded, expected) => {
    expect(clientOf(trusted, peer, forwarded)).toBe(expected);
  });

  test('a header of a megabyte is not a megabyte of work', () => {
    const endless = '10.0.0.1,'.repeat(100_000) + '10.0.0.2';
    expect(clientOf(['10.0.0.0/8'], '10.1.2.3', endless)).toBe('10.0.0.1');
  });
});

@Controller('test-address')
class AddressController {
  @Get()
  address(@Req() request: FastifyRequest): { ip: string } {
    return { ip: request.ip };
  }
}

/** 200 when the socket opens; the status it is refused with otherwise. The socket stays open. */
function openRaw(gateway: GatewayUnderTest, forwarded: string, sockets: WebSocket[]): Promise<number> {
  const socket = new WebSocket(gateway.wsUrl, { headers: { 'x-forwarded-for': forwarded } });
  sockets.push(socket);
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(200));
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.once('error', reject);
  });
}

describe.each([
  ['a peer that is trusted', ['127.0.0.0/8'], true],
  ['a peer that is not', ['10.0.0.0/8'], false],
])('limits per address behind %s', (_, trustedProxies, trusted) => {
  const sockets: WebSocket[] = [];
  let gateway: GatewayUnderTest;
  beforeEach(async () => {
    gateway = await startGateway({ trustedProxies, connectionsPerAddress: 1 }, undefined, [AddressController]);
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate();
    await gateway.close();
  });

  it('/ws: one for each client, and a second client is another one', async () => {
    expect(await openRaw(gateway, CLIENT, sockets)).toBe(200);
    expect(await openRaw(gateway, `1.1.1.1, ${CLIENT}`, sockets)).toBe(429);
    expect(await openRaw(gateway, '203.0.113.10', sockets)).toBe(trusted ? 200 : 429);
  });

  it.each(['websocket', 'polling'])('Socket.IO over %s counts with /ws, and gives back what it took', async (name) => {
    const clients: Socket[] = [];
    const connects = (forwarded: string): Promise<boolean> => {
      const extraHeaders = { 'x-forwarded-for': forwarded };
      const client = io(gateway.url, { transports: [name], extraHeaders, forceNew: true, reconnection: false });
      clients.push(client);
      return new Promise((resolve) => {
        client.once('connect', () => resolve(true)).once('connect_error', () => resolve(false));
      });
    };
    expect(await connects(CLIENT)).toBe(true);
    expect(await openRaw(gateway, CLIENT, sockets)).toBe(429);
    expect(await connects('203.0.113.10')).toBe(trusted);
    for (const client of clients) client.close();
    const free = async (): Promise<boolean> => (await openRaw(gateway, CLIENT, sockets)) === 200;
    let isFree = false;
    for (let i = 0; i < 100 && !(isFree = await free()); i++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(isFree).toBe(true);
  });

  it('REST sees the same client', async () => {
    const headers = { 'x-forwarded-for': `1.1.1.1, ${CLIENT}` };
    const answer = await fetch(`${gateway.url}/test-address`, { headers });
    expect(await answer.json()).toEqual({ ip: trusted ? CLIENT : '127.0.0.1' });
  });
});
