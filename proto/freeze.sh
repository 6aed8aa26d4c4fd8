#!/usr/bin/env bash
# Makes today's messages the ones that `buf breaking` holds the next changes against. Run at a release, by its workflow.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export PATH="$PWD/../node_modules/.bin:$PATH"
buf breaking --against released.binpb
buf build --exclude-source-info --path unhinged/observability --path opentelemetry -o released.binpb
