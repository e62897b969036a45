// Runs JavaScript and TypeScript programs in one process: each with modules, process.env and working folder of its own.
// Arguments: the port of the gateways, the folder with node_modules. Each line of standard input is a job (cwd, script, env), each line of
// file descriptor 3 an answer (code, output). The first line lists the packages. Every host name leads to the gateways.
const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");
const vm = require("node:vm");
const { createRequire } = require("node:module");

const [port, packages] = [Number(process.argv[2]), process.argv[3]];
const fromPackages = createRequire(path.join(packages, "index.js"));
const ts = fromPackages("typescript");
const realEnv = process.env;

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (options && typeof options === "object" && options.port) Object.assign(options, { host: "127.0.0.1", port });
  return connect.apply(this, args);
};

class Exit extends Error {}

const compiled = new Map();
function compile(file, entry) {
  const source = fs.readFileSync(file, "utf8");
  const key = entry + source;
  if (!compiled.has(key)) {
    if (compiled.size > 2000) compiled.clear();
    const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
    const { outputText } = ts.transpileModule(source, { compilerOptions: options, fileName: file });
    compiled.set(key, `(${entry ? "async " : ""}function (exports, require, module, __filename, __dirname) {${outputText}\n})`);
  }
  return compiled.get(key);
}

function resolve(from, name) {
  const bare = path.resolve(path.dirname(from), name.replace(/\.js$/, ""));
  for (const end of ["", ".ts", ".js", ".mjs", "/index.ts", "/index.js"])
    if (fs.existsSync(bare + end) && fs.statSync(bare + end).isFile()) return bare + end;
  throw new Error(`cannot find ${name} from ${from}`);
}

function loader() {
  const cache = new Map();
  const load = (file, entry) => {
    if (cache.has(file)) return cache.get(file);
    const module = { exports: {}, done: null };
    cache.set(file, module);
    if (file.endsWith(".json")) {
      module.exports = JSON.parse(fs.readFileSync(file, "utf8"));
      return module;
    }
    const require = (name) => {
      if (name.startsWith(".")) return load(resolve(file, name), false).exports;
      if (name === "dotenv/config") return void fromPackages("dotenv").config({ quiet: true });
      return fromPackages(name);
    };
    const run = vm.runInThisContext(compile(file, entry), { filename: file });
    module.done = run(module.exports, require, module, file, path.dirname(file)); // only the entry may await at its top
    return module;
  };
  return load;
}

async function job({ cwd, script, env }) {
  const lines = [];
  const say = (...words) => lines.push(words.map(String).join(" "));
  const { exit } = process;
  const consoles = { log: console.log, error: console.error, warn: console.warn, info: console.info };
  process.chdir(cwd);
  process.env = { ...env };
  Object.assign(console, { log: say, error: say, warn: say, info: say });
  process.exit = (code) => {
    throw Object.assign(new Exit("exit"), { code: code ?? 0 });
  };
  let code = 0;
  let timer;
  try {
    const limit = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error("no end after 20 seconds")), 20000)));
    await Promise.race([loader()(path.join(cwd, script), true).done, limit]);
  } catch (error) {
    code = error instanceof Exit ? error.code : 1;
    if (code) say(error && error.stack ? error.stack : error);
  } finally {
    clearTimeout(timer);
    process.env = realEnv;
    process.exit = exit;
    Object.assign(console, consoles);
  }
  return { code, output: lines.join("\n").slice(-2000) };
}

process.on("unhandledRejection", () => {});
(async () => {
  const tell = (value) => fs.writeSync(3, JSON.stringify(value) + "\n");
  tell(process.argv.slice(4).filter((name) => {
    try {
      fromPackages.resolve(name);
      return true;
    } catch {
      return false;
    }
  }));
  for await (const line of require("node:readline").createInterface({ input: process.stdin })) tell(await job(JSON.parse(line)));
})();
