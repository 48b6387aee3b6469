#!/usr/bin/env bash
# Runs gqlgen beside each of its configurations. go.mod stays as it is: a
# configuration that lets gqlgen tidy it is refused.
set -euo pipefail
cd "$(dirname "$0")/.."

find . -name gqlgen.yml -not -path '*/node_modules/*' -print0 | sort -z | while IFS= read -r -d '' config; do
	if ! grep -q '^skip_mod_tidy: true' "$config"; then
		echo "generate: $config lacks 'skip_mod_tidy: true'; add it, or gqlgen rewrites go.mod" >&2
		exit 1
	fi
	echo "generate: $config"
	(cd "$(dirname "$config")" && go tool gqlgen generate)
done
