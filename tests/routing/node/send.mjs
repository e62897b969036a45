// Sends one request with a real client and prints nothing: `node send.mjs CASE.json`, run in the folder that holds node_modules.
// A case names the client, the base URL and the expression that is written in a code base, which is evaluated as it stands.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const { client, base, code } = JSON.parse(await readFile(process.argv[2], 'utf8'));
const require = createRequire(pathToFileURL(join(process.cwd(), 'package.json')));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);

const given = { base };
if (client === 'openai') {
  const { default: OpenAI } = await load('openai');
  given.client = new OpenAI({ baseURL: base, apiKey: 'none', maxRetries: 0 });
}
if (client === 'openai-compatible') {
  Object.assign(given, await load('ai'), await load('@ai-sdk/openai-compatible'));
}
if (client === 'openrouter') {
  Object.assign(given, await load('ai'), await load('@openrouter/ai-sdk-provider'));
}
// what require() finds is CommonJS: its namespace also has `default` and `module.exports`, which are no names of variables
const names = Object.keys(given).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default');
const AsyncFunction = (async () => {}).constructor;
const run = new AsyncFunction(...names, `{\n${code}\n}`); // a block, so that the code may name its own things as it likes
try {
  await run(...names.map((name) => given[name]));
} catch (error) {
  // the answer of the test server is no completion; only what was sent matters
  if (process.env.SHOW) console.error(error);
}
