# Run `make` to see what there is.

.DEFAULT_GOAL := help
.PHONY: help run test lint generate bench build

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: ## start the server on :8080 with twelve sample people
	go run . --demo

test: ## install what the tests need, then run them all on SQLite and PostgreSQL, with the race detector
	scripts/test.sh

lint: ## check style, mistakes and who imports whom
	go tool -modfile=tools/go.mod golangci-lint run

generate: ## write the generated code anew from schemas and configuration
	scripts/generate.sh

bench: ## measure list, get, search and stats on both databases; see bench/README.md
	scripts/bench.sh

build: ## build the static binary bin/persona-api
	CGO_ENABLED=0 go build -trimpath -o bin/persona-api .
