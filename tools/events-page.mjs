import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const OURS = /\/libs\/(?:contracts|domain)\/src\//;

const HEAD = `# Events

What the processes of a Haunt tell and ask each other, and what live clients hear and may say. Times are epoch milliseconds where
nothing else is said, money is in USD, and what is not known is absent.

This page is written from the tables and types in \`libs/contracts/src\` by \`npm run docs\`.
`;

/**
 * The page docs/EVENTS.md, before it is formatted.
 * @param tables TOPICS, QUERIES, LIVE_EVENTS, LIVE_REQUESTS and LIVE_ERRORS of libs/contracts
 */
export function describeEvents(tables) {
  const shapes = new Shapes();
  const { TOPICS, QUERIES, LIVE_EVENTS, LIVE_REQUESTS, LIVE_ERRORS } = tables;
  const topics = shapes.callsIn('TOPICS');
  const queries = shapes.callsIn('QUERIES');
  const heard = shapes.membersOf('ServerToClientEvents');
  const said = shapes.membersOf('ClientToServerEvents');
  const flat = shapes.flatMessages();

  const parts = [
    HEAD,
    '## Between processes',
    shapes.commentOf('Delivery'),
    table(
      ['topic', 'from, to', 'delivery', 'kept', 'an event', 'says', 'losing or repeating one means'],
      Object.entries(TOPICS).map(([name, topic]) => [
        code(name),
        `${topic.from}, to ${topic.to}`,
        `${topic.delivery}${topic.partitioned ? ' per partition' : ''}${topic.attempts > 1 ? `, ${topic.attempts} tries` : ''}`,
        spell(topic.retainMs),
        shapes.show(topics.get(name)[0]),
        topic.says,
        topic.losing,
      ]),
    ),
    '## Questions',
    'Answered by the aggregator that owns the partition. Without an answer in time the one who asked gets a timeout, and may ask again.',
    table(
      ['query', 'asks for', 'from', 'request', 'answer', 'time'],
      Object.entries(QUERIES).map(([name, query]) => [
        code(name),
        query.asks,
        query.from,
        shapes.show(queries.get(name)[0]),
        shapes.show(queries.get(name)[1]),
        spell(query.deadlineMs),
      ]),
    ),
    '## What live clients hear',
    'Over Socket.IO as events of the default namespace, with the payload as their one argument. Over `/ws` as JSON text frames with a `type`: the payload ' +
      'lies under `data`, or its fields stand beside `type`.',
    table(
      ['event', 'payload', 'on `/ws`', 'when'],
      Object.entries(LIVE_EVENTS).map(([name, when]) => [
        code(name),
        shapes.show(heard.get(name).parameters[0].type),
        flat.has(name) ? 'beside `type`' : 'under `data`',
        when,
      ]),
    ),
    'Connections are closed with 1008 and the reason `too slow` or `too many errors`, behind an `error` of that name; with 1009 and the limit when a ' +
      'message is too large; and with 1012 when the server ends.',
    '## What live clients may say',
    'Over Socket.IO as events; an acknowledgement, where one is given, is called with the answer or the error, which come as events in any ' +
      'case. Over `/ws` as JSON text frames, the fields beside `type`.',
    table(
      ['request', 'fields', 'answer', 'what it does'],
      Object.entries(LIVE_REQUESTS).map(([name, does]) => {
        const [request, acknowledge] = said.get(name).parameters;
        const fields = ts.isTypeReferenceNode(request.type) ? shapes.show(request.type) : 'none';
        return [code(name), fields, shapes.show(acknowledge.type.typeArguments[0]), does];
      }),
    ),
    '## Why a message is refused',
    table(
      ['`code`', 'means'],
      Object.entries(LIVE_ERRORS).map(([name, means]) => [code(name), means]),
    ),
    '## Shapes',
    ...shapes.describe(),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The types of the contracts, and those that were mentioned. */
class Shapes {
  constructor() {
    const entry = `${root}libs/contracts/src/index.ts`;
    const { config } = ts.readConfigFile(`${root}tsconfig.json`, (name) => ts.sys.readFile(name));
    const { options } = ts.parseJsonConfigFileContent({ ...config, files: [entry], include: [] }, ts.sys, root);
    const program = ts.createProgram([entry], { ...options, types: [], noEmit: true });
    this.checker = program.getTypeChecker();
    const module = this.checker.getSymbolAtLocation(program.getSourceFile(entry));
    this.exports = new Map(
      this.checker.getExportsOfModule(module).map((symbol) => [symbol.name, this.resolve(symbol)]),
    );
    this.mentioned = new Set();
  }

  resolve(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  declarationOf(name) {
    const [declaration] = this.exports.get(name)?.declarations ?? [];
    if (declaration === undefined) throw new Error(`libs/contracts exports no ${name}`);
    return declaration;
  }

  commentOf(name) {
    return ts.displayPartsToString(this.exports.get(name).getDocumentationComment(this.checker)).replaceAll('\n', ' ');
  }

  /** Of a table of calls with type arguments, those of each entry. */
  callsIn(name) {
    let { initializer } = this.declarationOf(name);
    while (!ts.isObjectLiteralExpression(initializer)) initializer = initializer.expression;
    return new Map(initializer.properties.map((each) => [each.name.text, each.initializer.typeArguments]));
  }

  /** Of a map of events, the function type of each. */
  membersOf(name) {
    return new Map(this.declarationOf(name).members.map((member) => [member.name.text, member.type]));
  }

  /** Types of messages on `/ws` whose fields stand beside `type`. */
  flatMessages() {
    const flat = new Set();
    for (const message of this.checker.getDeclaredTypeOfSymbol(this.exports.get('LiveMessage')).types) {
      if (message.getProperty('data') !== undefined) continue;
      const type = this.checker.getTypeOfSymbol(message.getProperty('type'));
      for (const each of type.isUnion() ? type.types : [type]) flat.add(each.value);
    }
    return flat;
  }

  /** A type as it is written, and a link to the shape when there is one. */
  show(node) {
    const names = this.namesIn(node);
    for (const symbol of names) this.mentioned.add(symbol);
    const text = code(
      node
        .getText()
        .replaceAll(/\breadonly /g, '')
        .replaceAll(/\s+/g, ' '),
    );
    const [only, another] = names;
    return only === undefined || another !== undefined ? text : `[${text}](#${only.name.toLowerCase()})`;
  }

  namesIn(node) {
    const names = new Set();
    const visit = (each) => {
      if (ts.isTypeReferenceNode(each)) {
        const symbol = this.resolve(this.checker.getSymbolAtLocation(each.typeName));
        const [declaration] = symbol.declarations ?? [];
        const isShape = declaration !== undefined && !ts.isTypeParameterDeclaration(declaration);
        if (isShape && OURS.test(declaration.getSourceFile().fileName)) names.add(symbol);
      }
      ts.forEachChild(each, visit);
    };
    visit(node);
    return names;
  }

  /** Every type that was mentioned, and those these mention. */
  describe() {
    const described = new Map();
    for (
      let next = this.mentioned;
      next.size > 0;
      next = new Set([...this.mentioned].filter((one) => !described.has(one)))
    ) {
      for (const symbol of next) described.set(symbol, this.describeOne(symbol));
    }
    return [...described]
      .toSorted(([one], [other]) => one.name.localeCompare(other.name))
      .map(([{ name }, text]) => `### ${name}\n\n${text}`);
  }

  describeOne(symbol) {
    const comment = ts.displayPartsToString(symbol.getDocumentationComment(this.checker));
    return [comment, this.bodyOf(symbol)].filter((part) => part !== '').join('\n\n');
  }

  /** Of a union of texts, in the order in which somebody wrote them; the compiler's own order is nobody's promise. */
  valuesOf(node) {
    if (ts.isUnionTypeNode(node)) return node.types.flatMap((each) => this.valuesOf(each));
    if (ts.isLiteralTypeNode(node)) return [node.literal.text];
    if (ts.isTypeOperatorNode(node)) {
      return this.checker
        .getTypeFromTypeNode(node.type)
        .getProperties()
        .map(({ name }) => name);
    }
    const [declaration] = ts.isTypeReferenceNode(node)
      ? this.resolve(this.checker.getSymbolAtLocation(node.typeName)).declarations
      : [];
    if (declaration?.type !== undefined) return this.valuesOf(declaration.type);
    return this.checker
      .getTypeFromTypeNode(node)
      .types.map(({ value }) => value)
      .toSorted();
  }

  bodyOf(symbol) {
    const type = this.checker.getDeclaredTypeOfSymbol(symbol);
    const [{ type: written }] = symbol.declarations;
    if (type.isUnion() && type.types.every((each) => each.isStringLiteral())) {
      return `One of ${this.valuesOf(written).map(code).join(', ')}.`;
    }
    if (!(type.flags & ts.TypeFlags.Object) || this.checker.isArrayType(type)) return this.show(written);
    // A record over names has no fields that somebody wrote.
    const fields = type.getProperties().filter(({ valueDeclaration }) => valueDeclaration?.type !== undefined);
    if (fields.length === 0) return written === undefined ? '' : this.show(written);
    return table(
      ['field', 'type', 'what'],
      fields.map((field) => [
        `${code(field.name)}${field.flags & ts.SymbolFlags.Optional ? ', may be absent' : ''}`,
        this.show(field.valueDeclaration.type),
        ts.displayPartsToString(field.getDocumentationComment(this.checker)),
      ]),
    );
  }
}

const code = (text) => `\`${text}\``;

/** A bar would end the cell, also within code. */
const cell = (text) => text.replaceAll('\n', ' ').replaceAll('|', '\\|');

function table(head, rows) {
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Milliseconds for people. */
function spell(ms) {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1_000} s`;
}
