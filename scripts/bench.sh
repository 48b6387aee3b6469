#!/usr/bin/env bash
# Measures both databases; see bench/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p bin
CGO_ENABLED=0 go build -o bin/bench ./bench
if [[ -n ${BENCH_SQLITE_ONLY:-} || -n ${BENCH_DATABASE_URL:-} ]]; then
	exec bin/bench
fi
TEST_DATABASE_URL='' scripts/install-test-needs.sh
exec scripts/private-postgres.sh BENCH_DATABASE_URL bin/bench
