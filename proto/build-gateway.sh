#!/usr/bin/env bash
# Generates what the demo's gateway needs from unhinged/chat/v1/chat.proto, into packages/demo/src/gateway/gen:
# the messages in TypeScript, and openapi.json. Needs `npm ci` in the root, nothing else; works offline.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export PATH="$PWD/../node_modules/.bin:$PATH"
if ! command -v buf > /dev/null; then
  echo "proto/build-gateway.sh: buf is not installed: run npm ci in the repository's root first" >&2
  exit 1
fi
buf generate --template buf.gen.gateway.yaml
