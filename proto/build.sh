#!/usr/bin/env bash
# Generates the wire types of every language from the .proto sources beside this script.
# Today: TypeScript, into packages/proto/src/gen. Needs `npm ci` in the root, nothing else; works offline.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export PATH="$PWD/../node_modules/.bin:$PATH"
if ! command -v buf > /dev/null; then
  echo "proto/build.sh: buf is not installed: run npm ci in the repository's root first" >&2
  exit 1
fi
buf generate
node exact-timestamps.mjs ../packages/proto/src/gen
