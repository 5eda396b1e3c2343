/** Fastify and nothing else, sending the bytes it is given: the ceiling of what REST over it can reach. */
import fastify from 'fastify';

const { path, body } = JSON.parse(process.argv[2] ?? '') as { path: string; body: string };
const server = fastify();
server.get(path, (_request, reply) => reply.header('content-type', 'application/json; charset=utf-8').send(body));
void server.listen({ port: 0, host: '127.0.0.1' }).then((address) => process.send?.({ address }));
