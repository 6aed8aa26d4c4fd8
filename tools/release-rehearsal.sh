#!/usr/bin/env bash
# Rehearses a release: versions and publishes the committed tree to a throwaway Verdaccio with `nx release`, installs the
# packages in a fresh folder as a customer would and runs the programs of tools/rehearsal against them.
# Usage: tools/release-rehearsal.sh [VERSION|major|minor|patch]   (default minor)
set -euo pipefail
root=$(git -C "$(dirname "${BASH_SOURCE[0]}")" rev-parse --show-toplevel)
work=$(mktemp -d)
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
export NX_DAEMON=false CI=true
server='' system=''
stop() {
  for pid in $system $server; do kill "$pid" 2> /dev/null && wait "$pid" 2> /dev/null || true; done
  rm -rf "$work"
}
trap stop EXIT
say() { printf '\n▸ %s\n' "$*" >&2; }

cat > "$work/npmrc" <<RC
@unhinged:registry=http://127.0.0.1:$port/
//127.0.0.1:$port/:_authToken=rehearsal
fund=false
audit=false
RC

say 'cloning the committed tree and installing its packages'
git clone --quiet "$root" "$work/repo"
cd "$work/repo"
git config user.name rehearsal
git config user.email rehearsal@localhost
npm ci --prefer-offline --no-progress --loglevel=error

say "starting Verdaccio on port $port"
cp tools/verdaccio.yaml "$work/verdaccio.yaml"
node node_modules/verdaccio/bin/verdaccio --config "$work/verdaccio.yaml" --listen "127.0.0.1:$port" > "$work/verdaccio.log" 2>&1 &
server=$!
for _ in $(seq 120); do
  curl -sf "http://127.0.0.1:$port/-/ping" > /dev/null && break
  sleep 0.5
done

say 'nx release: version, changelog, publish'
NPM_CONFIG_USERCONFIG="$work/npmrc" npx nx release "${1:-minor}" --yes
say 'the lockfile still matches'
npm ci --prefer-offline --no-progress --loglevel=error --dry-run > /dev/null

say 'installing the published packages in a fresh folder'
cp -r tools/rehearsal "$work/customer"
cd "$work/customer"
cp "$work/npmrc" .npmrc
vite=$(node -p "require('$work/repo/packages/demo/package.json').devDependencies.vite")
npm install --no-progress --loglevel=error \
  @unhinged/observability @unhinged/observability-web @unhinged/observability-node @unhinged/events \
  @opentelemetry/api@1.9.1 "vite@$vite"
for name in core api sdk-trace-base; do
  copies=$(find node_modules -path "*/@opentelemetry/$name/package.json" | wc -l)
  echo "copies of @opentelemetry/$name: $copies"
  test "$copies" = 1
done

say 'starting the published system'
offset=21000
node_modules/.bin/unhinged up --port-offset $offset --data "$work/data" > "$work/up.log" 2>&1 &
system=$!
for _ in $(seq 240); do
  grep -qx ready "$work/up.log" && break
  kill -0 "$system" 2> /dev/null || break
  sleep 0.25
done
grep -qx ready "$work/up.log" || { cat "$work/up.log" >&2; exit 1; }

say 'five-line programs: ESM and CJS, by the one name and by the tier package'
export OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:$((4317 + offset))"
for program in *-app.*; do
  OTEL_SERVICE_NAME="${program%%.*}" node "$program"
done
kill "$system" && wait "$system"
system=''
npx unhinged query --data "$work/data" --json \
  'select service, count(*) as spans from observability_traces group by all order by all' | tee "$work/rows"
test "$(wc -l < "$work/rows")" = "$(ls -- *-app.* | wc -l)"

say 'Vite browser builds, by the one name and by the tier package'
for page in page-one-name page-tier; do
  npx vite build "$page" --outDir "$work/$page" --emptyOutDir --logLevel warn
  if grep -rqE "from ?[\"']node:|require\([\"']node:" "$work/$page"; then
    echo "$page: the browser build reaches a Node module" >&2
    exit 1
  fi
  gzip -c "$work/$page"/assets/*.js | wc -c | xargs echo "$page, gzip bytes:"
done
echo 'The release rehearsal passed.'
