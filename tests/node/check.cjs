// Type-checks many small projects in one process. Argument: a JSON file with a list of folders; answer: folder -> complaints.
// Source files of packages are parsed once and shared, which is what makes this fast enough for every test run.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const ts = require(require.resolve("typescript", { paths: [process.argv[3]] }));

const OPTIONS = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  jsx: ts.JsxEmit.ReactJSX,
  esModuleInterop: true,
  allowJs: true,
  checkJs: false,
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: ["node"],
  typeRoots: [path.join(process.argv[3], "node_modules", "@types")],
};

const parsed = new Map();

function host(options) {
  const made = ts.createCompilerHost(options);
  const read = made.getSourceFile.bind(made);
  made.getSourceFile = (name, version, ...rest) => {
    if (!name.includes("/node_modules/")) return read(name, version, ...rest);
    if (!parsed.has(name)) parsed.set(name, read(name, version, ...rest));
    return parsed.get(name);
  };
  return made;
}

function options(folder) {
  const file = path.join(folder, "tsconfig.json");
  if (!fs.existsSync(file)) return OPTIONS;
  const own = ts.getParsedCommandLineOfConfigFile(file, {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined });
  const { baseUrl, paths, experimentalDecorators } = own?.options ?? {};
  const given = { baseUrl, paths: paths && own.options.paths, experimentalDecorators, pathsBasePath: own?.options.pathsBasePath };
  return { ...OPTIONS, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

function sources(folder) {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const at = path.join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "node_modules" ? [] : sources(at);
      return /\.[cm]?tsx?$/.test(entry.name) ? [at] : [];
    })
    .sort();
}

function complaints(folder) {
  const chosen = { ...options(folder) };
  if (/@(Module|Injectable|Controller)\(/.test(sources(folder).map((file) => fs.readFileSync(file, "utf8")).join("\n"))) {
    chosen.experimentalDecorators = true;
  }
  const program = ts.createProgram(sources(folder), chosen, host(chosen));
  return ts.getPreEmitDiagnostics(program).map((found) => {
    const text = ts.flattenDiagnosticMessageText(found.messageText, " ");
    if (!found.file) return `TS${found.code}: ${text}`;
    const { line } = found.file.getLineAndCharacterOfPosition(found.start ?? 0);
    return `${path.relative(folder, found.file.fileName)}:${line + 1}: TS${found.code}: ${text}`;
  });
}

const folders = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
process.stdout.write(JSON.stringify(Object.fromEntries(folders.map((folder) => [folder, complaints(folder)]))));
