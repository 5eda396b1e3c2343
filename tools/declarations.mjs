import ts from 'typescript';

/**
 * The public types of `entry` and everything they are made of, over all rooms, as the text of one declaration file. What is imported
 * from `externals` stays imported; what nobody outside could name is declared without being exported.
 * @throws Error when the sources do not compile, two rooms have one name, or something else would have to be installed
 */
export function rollUp(root, entry, externals) {
  const declared = declarationsOf(root, entry);
  const { checker, module } = declared;
  const wanted = new Map();
  const imported = new Map();

  const take = (found, where) => {
    const symbol = found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
    const nodes = (symbol.declarations ?? []).map(statementOf).filter((node) => node !== undefined);
    const [first] = nodes;
    if (first === undefined || wanted.has(symbol)) return symbol;
    const { fileName } = first.getSourceFile();
    if (declared.isOurs(fileName)) {
      wanted.set(symbol, nodes);
      for (const node of nodes) visit(node);
    } else if (fileName.includes('/node_modules/') && !fileName.includes('/typescript/lib/lib.')) {
      const alias = where === undefined ? undefined : importOf(where, found);
      // Global names, as AbortSignal, are there wherever the client runs.
      if (alias === undefined) return symbol;
      if (!externals.includes(alias)) throw new Error(`${found.name} would have to be installed with ${alias}`);
      imported.set(found.name, alias);
    }
    return symbol;
  };
  const visit = (node) => {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      if (symbol !== undefined) take(symbol, node.getSourceFile());
    }
    ts.forEachChild(node, visit);
  };

  const exported = new Set(checker.getExportsOfModule(module).map((symbol) => take(symbol)));
  const names = new Set();
  const statements = new Map();
  for (const [symbol, nodes] of wanted) {
    if (names.has(symbol.name)) throw new Error(`two rooms declare ${symbol.name}`);
    names.add(symbol.name);
    for (const node of nodes) statements.set(node, exported.has(symbol));
  }
  return [
    ...[...imported].map(([name, from]) => `import type { ${name} } from '${from}';`),
    ...[...statements].map(([node, isExported]) => textOf(node, isExported)),
    // Without it everything in a file of declarations would be exported.
    'export {};\n',
  ].join('\n');
}

/** Compiles the declarations of all rooms in memory, and reads them as a program of their own. */
function declarationsOf(root, entry) {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, (name) => ts.sys.readFile(name));
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [entry], include: [] }, ts.sys, root);
  const emit = {
    ...options,
    types: ['node'],
    declaration: true,
    emitDeclarationOnly: true,
    sourceMap: false,
    outDir: root,
  };
  const program = ts.createProgram([entry], emit);
  const texts = new Map();
  const { diagnostics } = program.emit(undefined, (name, text) => texts.set(name, text));
  fail([...ts.getPreEmitDiagnostics(program), ...diagnostics]);

  const host = ts.createCompilerHost(emit);
  const disk = { ...host };
  // Resolution finds sources before declarations; here the sources are away.
  const isSource = (name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts') && !name.includes('/node_modules/');
  host.fileExists = (name) => texts.has(name) || (!isSource(name) && disk.fileExists(name));
  host.readFile = (name) => texts.get(name) ?? disk.readFile(name);
  host.getSourceFile = (name, version, ...more) => {
    const text = texts.get(name);
    return text === undefined
      ? (program.getSourceFile(name) ?? disk.getSourceFile(name, version, ...more))
      : ts.createSourceFile(name, text, version, true);
  };
  const paths = Object.fromEntries(
    Object.entries(options.paths).map(([name, [path]]) => [name, [path.replace(/\.ts$/, '.d.ts')]]),
  );
  const main = entry.replace(/\.ts$/, '.d.ts');
  const declared = ts.createProgram([main], { ...options, types: ['node'], paths, noEmit: true }, host);
  fail(ts.getPreEmitDiagnostics(declared));
  const checker = declared.getTypeChecker();
  return {
    checker,
    module: checker.getSymbolAtLocation(declared.getSourceFile(main)),
    isOurs: (name) => texts.has(name),
  };
}

/** The statement at the top of a module that declares it; undefined for members and parameters. */
function statementOf(node) {
  const statement = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  const isDeclaration =
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isVariableStatement(statement);
  return isDeclaration && ts.isSourceFile(statement.parent) ? statement : undefined;
}

/** The package that a file imports a name from. */
function importOf(file, symbol) {
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const { namedBindings } = statement.importClause ?? {};
    if (namedBindings === undefined || !ts.isNamedImports(namedBindings)) continue;
    if (namedBindings.elements.some(({ name }) => name.text === symbol.name)) return statement.moduleSpecifier.text;
  }
  return undefined;
}

/** With its comment, and exported or not. */
function textOf(node, isExported) {
  const file = node.getSourceFile();
  const [comment] = (ts.getLeadingCommentRanges(file.text, node.getFullStart()) ?? []).slice(-1);
  const said = comment === undefined ? '' : `${file.text.slice(comment.pos, comment.end)}\n`;
  const bare = node.getText(file).replace(/^(?:export |declare )+/, '');
  const declare = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) ? '' : 'declare ';
  return `${said}${isExported ? 'export ' : ''}${declare}${bare}\n`;
}

function fail(diagnostics) {
  if (diagnostics.length === 0) return;
  const host = {
    getCurrentDirectory: () => process.cwd(),
    getCanonicalFileName: (name) => name,
    getNewLine: () => '\n',
  };
  const all = ts.formatDiagnostics(diagnostics, host);
  throw new Error(`the declarations of the client:\n${all}`);
}
