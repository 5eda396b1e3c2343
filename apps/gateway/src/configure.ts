import compress from '@fastify/compress';
import etag from '@fastify/etag';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ERROR_BUDGET, type Problem } from '@haunt/contracts';
import { type Config, CONFIG, Log, Metrics, Tracing, version } from '@haunt/platform';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { clientAddresses } from './client-address.js';
import { LiveIoAdapter } from './live/io-adapter.js';
import { RawSockets, refuseUpgrade } from './live/raw-sockets.js';
import { measureRequests, traceRequests } from './measured-requests.js';
import { servePage } from './page.js';
import { Absence } from './rest/absence.js';
import { Assets } from './rest/assets.js';
import { CHART_PATH, chartRoute } from './rest/chart-route.js';
import { Charts } from './rest/charts.js';
import { EncodedAnswers } from './rest/encoded-answers.js';
import { Envelopes } from './rest/envelope.js';
import { FixedHeaders, fixedHeadersOf, sendFixedHeaders } from './rest/headers.js';
import { answerUnrouted } from './rest/methods.js';
import { codeOf, ProblemError } from './rest/problem.js';
import { QUOTES_PATH, quotesRoute } from './rest/quotes-route.js';
import { CHART, enveloped, PROBLEM, QUOTES } from './rest/schemas.js';
import { SourceBoard } from './source-board.js';

const BODY_LIMIT = 64 * 1024;
const COMPRESS_FROM = 2 * 1024;
const RAW_PATH = '/ws';

/** The gateway's HTTP server. */
export function gatewayAdapter(config: Config): FastifyAdapter {
  const proxies = clientAddresses(config.trustedProxies);
  return new FastifyAdapter({
    trustProxy: config.trustedProxies.length > 0 && ((address: string) => proxies.isTrusted(address)),
    forceCloseConnections: true,
    bodyLimit: BODY_LIMIT,
    // No middleware is used: the hook that would run it costs every request.
    skipMiddie: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    // Before any route is looked for, so past hooks and filters.
    frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
      const problem: Problem =
        error.code === 'FST_ERR_BAD_URL'
          ? { error: 'the percent encoding of the address is broken', status: 400, code: 'malformed_address' }
          : { error: 'a part of the address is too long', status: 414, code: codeOf(414) };
      void reply.headers(fixedHeadersOf(request)).status(problem.status).send(problem);
    },
  });
}

/** Everything of the gateway that is not a provider. To be called before the app is initialised. */
export async function configureGateway(app: NestFastifyApplication): Promise<void> {
  const config = app.get<Config>(CONFIG);
  const instance = app.getHttpAdapter().getInstance();
  const sources = app.get(SourceBoard);
  const headers = app.get(FixedHeaders);

  answerUnrouted(instance);
  await instance.register(etag, { weak: true });
  await instance.register(compress, { threshold: COMPRESS_FROM, encodings: ['br', 'gzip', 'deflate'] });
  sendFixedHeaders(instance, headers, () => sources.isSimulated(), COMPRESS_FROM);
  measureRequests(instance, app.get(Metrics));
  traceRequests(instance, app.get(Tracing));

  const quotes = app.get(Metrics).counter('http_quotes_total');
  quotesRoute(instance, app.get(Assets), app.get(Absence), app.get(Envelopes), headers, () => quotes.inc());
  chartRoute(instance, app.get(Assets), app.get(Charts), app.get(EncodedAnswers));
  servePage(instance, app.get(Log));
  instance.get(RAW_PATH, () => {
    throw new ProblemError(426, 'upgrade_required', `${RAW_PATH} speaks WebSocket; plain HTTP is under /api`);
  });

  app.useWebSocketAdapter(new LiveIoAdapter(app, config));
  routeUpgrades(app);
  SwaggerModule.setup('docs', app, () => openApi(app), { jsonDocumentUrl: 'docs-json' });
}

/** Hands upgrades to whoever owns the path; the others are refused at once, not after a second of silence. */
function routeUpgrades(app: NestFastifyApplication): void {
  const raw = app.get(RawSockets);
  app.getHttpServer().on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = (request.url ?? '/').split('?', 1)[0] as string;
    if (path === RAW_PATH || path === `${RAW_PATH}/`) raw.upgrade(request, socket, head);
    else if (!path.startsWith('/socket.io/')) {
      refuseUpgrade(
        socket,
        404,
        'unknown_route',
        `there is no WebSocket at ${path}; there is ${RAW_PATH}, and Socket.IO at /socket.io/`,
      );
    }
  });
}

function openApi(app: NestFastifyApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Haunt')
    .setDescription(
      'Crypto prices from many venues, one per asset. Live prices: WebSocket at /ws, Socket.IO at /socket.io/; a connection of theirs ' +
        `is closed when more than ${ERROR_BUDGET.errors} of its messages are refused within ${ERROR_BUDGET.errorsMs / 1000} s, or when it does ` +
        'not read what it is sent.',
    )
    .setVersion(version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'API_TOKEN of this server, where it is set' });
  const document = SwaggerModule.createDocument(app, builder.build());
  const json = (description: string, schema: object): object => ({
    description,
    content: { 'application/json': { schema } },
  });
  document.paths[QUOTES_PATH.replace(':id', '{id}')] = {
    get: {
      operationId: 'CryptoController_quotes',
      tags: ['crypto'],
      summary: 'The price of one asset and its 24 hours',
      parameters: document.paths['/api/crypto/{id}']?.get?.parameters ?? [],
      responses: {
        200: json('', enveloped(QUOTES)),
        404: json('No such asset', PROBLEM),
        503: json('There is no price yet', PROBLEM),
      },
    },
  } as OpenAPIObject['paths'][string];
  document.paths[CHART_PATH.replace(':id', '{id}')] = {
    get: {
      operationId: 'CryptoController_chart',
      tags: ['crypto'],
      summary: 'Candles of one asset, and how complete they are',
      parameters: [
        ...(document.paths['/api/crypto/{id}']?.get?.parameters ?? []),
        { name: 'range', in: 'query', schema: { ...CHART.properties?.['range'], default: '1d' } },
      ],
      responses: {
        200: json('', enveloped(CHART)),
        400: json('No such range', PROBLEM),
        404: json('No such asset', PROBLEM),
        504: json('The aggregator did not answer in time', PROBLEM),
      },
    },
  } as OpenAPIObject['paths'][string];
  return document;
}
