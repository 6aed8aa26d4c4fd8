import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** A module that is being imported, as import-in-the-middle hands it to its hooks. */
export type ImportedModule = readonly [url: string, namespace: object, specifier: string, format?: string];
type ImportHook = (...imported: ImportedModule) => void;

interface ImportInTheMiddle {
  addHook(hook: ImportHook): void;
  removeHook(hook: ImportHook): void;
}

/**
 * Calls `onPackage` when the first file of a package is about to run (`require`, and `import` of CommonJS), or an ES module of it
 * has been imported: then with that module. Returns the way to stop.
 */
export function onFirstLoad(
  onPackage: (name: string, imported: ImportedModule | undefined) => void,
): () => void {
  const onFile = (file: string, imported?: ImportedModule) => {
    const name = packageOf(file);
    if (name !== undefined) onPackage(name, imported);
  };
  // Every .js and .cjs file passes here just before it is compiled: early enough for the patches of files inside a package,
  // and the place that transpilers have hooked for a decade, so it can be relied on. It is deprecated without a replacement in Node 20.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
  const { extensions } = require;
  const compile = extensions['.js'];
  const watching: typeof compile = function (this: unknown, module, file) {
    onFile(file);
    compile.call(this, module, file);
  };
  extensions['.js'] = watching;
  const imports = importInTheMiddle();
  const onImport: ImportHook = (...imported) => {
    const [url] = imported;
    if (url.startsWith('file:')) onFile(fileURLToPath(url), imported);
  };
  imports.addHook(onImport);
  return () => {
    // Somebody may have wrapped ours meanwhile; then it stays, and finds nothing to do.
    if (extensions['.js'] === watching) extensions['.js'] = compile;
    imports.removeHook(onImport);
  };
}

/** The very copy that `@opentelemetry/instrumentation` talks to, wherever npm has put it. */
function importInTheMiddle(): ImportInTheMiddle {
  const near = createRequire(require.resolve('@opentelemetry/instrumentation'));
  return near('import-in-the-middle') as ImportInTheMiddle;
}

const PACKAGE = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;

/** `…/node_modules/@scope/name/lib/file.js` → `@scope/name`; the innermost one. */
export function packageOf(file: string): string | undefined {
  return PACKAGE.exec(file)?.[1]?.replace('\\', '/');
}
