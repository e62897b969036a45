// Talks to the gateway at BASE with the real packages and prints what came back.
import OpenAI from "openai";
import { generateText, streamText } from "ai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";

const { BASE: baseURL, KEY: apiKey, MODEL: model } = process.env;
const messages = [{ role: "user", content: "Hello" }];
const said = {};

const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const answer = await client.chat.completions.create({ model, messages });
said.openai = answer.choices[0].message.content;

said.openaiStream = "";
for await (const chunk of await client.chat.completions.create({
  model,
  messages,
  stream: true,
  stream_options: { include_usage: true },
})) {
  said.openaiStream += chunk.choices[0]?.delta?.content ?? "";
  if (chunk.usage) said.openaiUsage = chunk.usage.total_tokens > 0;
}

try {
  await client.chat.completions.create({ model: "error/429", messages });
} catch (error) {
  said.openaiError = error.status;
}

const provider = createOpenAICompatible({ name: "synapse", baseURL, apiKey, includeUsage: true });
const options = { model: provider(model), prompt: "Hello", maxRetries: 0 };
const generated = await generateText({
  ...options,
  providerOptions: { synapse: { providerOptions: { gateway: { order: ["bedrock"] } } } },
});
said.ai = generated.text;

said.aiStream = "";
for await (const piece of streamText(options).textStream) said.aiStream += piece;

console.log(JSON.stringify(said));
