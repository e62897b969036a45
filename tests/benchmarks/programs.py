"""Programs of 150 lines in the languages of `formats.languages`, one of which a benchmark multiplies: head, repeated part, file ending, comment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A file that calls OpenRouter once, and a function that is repeated until the file is long enough."""

    suffix: str
    comment: str
    head: str
    more: str


PROGRAMS = {
    "go": Program(
        suffix="go",
        comment="// end\n",
        head="""package clients

import (
	"bytes"
	"net/http"
	"os"
)

const baseURL{index} = "https://openrouter.ai/api/v1"

func ask{index}(body []byte) (*http.Response, error) {{
	req, err := http.NewRequest("POST", baseURL{index}+"/chat/completions", bytes.NewReader(body))
	if err != nil {{
		return nil, err
	}}
	req.Header.Set("Authorization", "Bearer "+os.Getenv("OPENROUTER_API_KEY"))
	return http.DefaultClient.Do(req)
}}
""",
        more="""
func step{number}(items []map[string]int, limit int) map[string]int {{
	total := map[string]int{{}}
	for _, item := range items[:limit] {{
		if item["ready"] > 0 {{
			total["sum"] += item["value"] * {number}
		}}
	}}
	return total
}}
""",
    ),
    "java": Program(
        suffix="java",
        comment="// end\n",
        head="""package clients;

import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;

final class Client{index} {{
    static final String BASE_URL = "https://openrouter.ai/api/v1";

    HttpRequest ask(String body) {{
        return HttpRequest.newBuilder(URI.create(BASE_URL + "/chat/completions"))
            .header("Authorization", "Bearer " + System.getenv("OPENROUTER_API_KEY"))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    }}
}}
""",
        more="""
final class Step{number} {{
    int sum(List<Map<String, Integer>> items, int limit) {{
        int total = 0;
        for (Map<String, Integer> item : items.subList(0, limit)) {{
            total += item.getOrDefault("value", 0) * {number};
        }}
        return total;
    }}
}}
""",
    ),
    "kotlin": Program(
        suffix="kt",
        comment="// end\n",
        head="""package clients

import okhttp3.OkHttpClient
import okhttp3.Request

const val BASE_URL_{index} = "https://openrouter.ai/api/v1"

fun ask{index}() = OkHttpClient().newCall(
    Request.Builder()
        .url("$BASE_URL_{index}/chat/completions")
        .header("Authorization", "Bearer ${{System.getenv("OPENROUTER_API_KEY")}}")
        .build()
).execute()
""",
        more="""
fun step{number}(items: List<Map<String, Int>>, limit: Int): Int {{
    var total = 0
    for (item in items.take(limit)) {{
        if ((item["ready"] ?: 0) > 0) {{
            total += (item["value"] ?: 0) * {number}
        }}
    }}
    return total
}}
""",
    ),
    "ruby": Program(
        suffix="rb",
        comment="# end\n",
        head="""require "openai"

BASE_URL_{index} = "https://openrouter.ai/api/v1"

class Client{index}
  def ask(question)
    client = OpenAI::Client.new(access_token: ENV.fetch("OPENROUTER_API_KEY"), uri_base: BASE_URL_{index})
    client.chat(parameters: {{ model: "openai/gpt-4o-mini", messages: [{{ role: "user", content: question }}] }})
  end
end
""",
        more="""
def step_{number}(items, limit = {number})
  total = {{}}
  items.first(limit).each do |item|
    next unless item[:ready]
    total[:sum] = (total[:sum] || 0) + item[:value] * {number}
  end
  total
end
""",
    ),
    "php": Program(
        suffix="php",
        comment="// end\n",
        head="""<?php

const BASE_URL_{index} = 'https://openrouter.ai/api/v1';

function ask_{index}(array $body)
{{
    $ch = curl_init(BASE_URL_{index} . '/chat/completions');
    curl_setopt($ch, CURLOPT_HTTPHEADER, ['Authorization: Bearer ' . getenv('OPENROUTER_API_KEY')]);
    return curl_exec($ch);
}}
""",
        more="""
function step_{number}(array $items, int $limit = {number}): array
{{
    $total = [];
    foreach (array_slice($items, 0, $limit) as $item) {{
        if ($item['ready']) {{
            $total['sum'] = ($total['sum'] ?? 0) + $item['value'] * {number};
        }}
    }}
    return $total;
}}
""",
    ),
    "csharp": Program(
        suffix="cs",
        comment="// end\n",
        head="""using System.Net.Http;

public class Client{index}
{{
    private const string BaseUrl = "https://openrouter.ai/api/v1";

    public async Task Ask(HttpClient http, HttpContent body)
    {{
        var request = new HttpRequestMessage(HttpMethod.Post, BaseUrl + "/chat/completions") {{ Content = body }};
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("OPENROUTER_API_KEY"));
        await http.SendAsync(request);
    }}
}}
""",
        more="""
public static class Step{number}
{{
    public static int Sum(List<Dictionary<string, int>> items, int limit)
    {{
        var total = 0;
        foreach (var item in items.Take(limit))
        {{
            total += item["value"] * {number};
        }}
        return total;
    }}
}}
""",
    ),
    "rust": Program(
        suffix="rs",
        comment="// end\n",
        head="""use std::collections::HashMap;

const BASE_URL_{index}: &str = "https://openrouter.ai/api/v1";

pub async fn ask_{index}(body: String) -> reqwest::Result<reqwest::Response> {{
    let key = std::env::var("OPENROUTER_API_KEY").unwrap_or_default();
    reqwest::Client::new().post(format!("{{BASE_URL_{index}}}/chat/completions")).bearer_auth(key).body(body).send().await
}}
""",
        more="""
pub fn step_{number}(items: &[HashMap<String, i64>], limit: usize) -> HashMap<String, i64> {{
    let mut total = HashMap::new();
    for item in items.iter().take(limit) {{
        if item.get("ready").is_some() {{
            *total.entry("sum".to_string()).or_insert(0) += item["value"] * {number};
        }}
    }}
    total
}}
""",
    ),
    "dart": Program(
        suffix="dart",
        comment="// end\n",
        head="""import 'package:http/http.dart' as http;

const baseUrl{index} = 'https://openrouter.ai/api/v1';

Future<http.Response> ask{index}(String body) {{
  const key = String.fromEnvironment('OPENROUTER_API_KEY');
  return http.post(Uri.parse('$baseUrl{index}/chat/completions'), headers: {{'Authorization': 'Bearer $key'}}, body: body);
}}
""",
        more="""
Map<String, int> step{number}(List<Map<String, int>> items, int limit) {{
  final total = <String, int>{{}};
  for (final item in items.take(limit)) {{
    if (item['ready'] != null) {{
      total['sum'] = (total['sum'] ?? 0) + (item['value'] ?? 0) * {number};
    }}
  }}
  return total;
}}
""",
    ),
    "swift": Program(
        suffix="swift",
        comment="// end\n",
        head="""import Foundation

let baseURL{index} = "https://openrouter.ai/api/v1"

func ask{index}(body: Data) async throws -> Data {{
    var request = URLRequest(url: URL(string: baseURL{index} + "/chat/completions")!)
    request.setValue("Bearer " + (ProcessInfo.processInfo.environment["OPENROUTER_API_KEY"] ?? ""), forHTTPHeaderField: "Authorization")
    request.httpBody = body
    return try await URLSession.shared.data(for: request).0
}}
""",
        more="""
func step{number}(items: [[String: Int]], limit: Int) -> [String: Int] {{
    var total: [String: Int] = [:]
    for item in items.prefix(limit) {{
        if item["ready"] != nil {{
            total["sum"] = (total["sum"] ?? 0) + (item["value"] ?? 0) * {number}
        }}
    }}
    return total
}}
""",
    ),
}
"""By language."""
