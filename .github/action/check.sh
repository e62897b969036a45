#!/usr/bin/env bash
# What the action runs: the check with annotations, and again for SARIF where a file is named. Reads INPUT_*, writes GITHUB_OUTPUT.
set -uo pipefail

options=(--check)
[ "${INPUT_STRICT:-false}" = true ] && options+=(--strict)
[ -n "${INPUT_TARGET:-}" ] && options+=(--target "$INPUT_TARGET")
[ -n "${INPUT_RECEIPT:-}" ] && options+=(--receipt "$INPUT_RECEIPT")
read -r -a paths <<<"${INPUT_PATH:-.}"

migrate-openrouter "${options[@]}" --format github -- "${paths[@]}"
code=$?
if [ -n "${INPUT_SARIF_FILE:-}" ] && [ "$code" -ne 2 ]; then
  # the same findings; its exit code says nothing new
  migrate-openrouter "${options[@]}" --format sarif -- "${paths[@]}" >"$INPUT_SARIF_FILE"
fi
[ -n "${GITHUB_OUTPUT:-}" ] && echo "exit-code=$code" >>"$GITHUB_OUTPUT"
exit "$code"
