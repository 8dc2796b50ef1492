.DEFAULT_GOAL := help
SHELL := /bin/bash

.PHONY: help
help: ## Show what there is to make
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Build Sparky and run it in its demo world: no account, key or network needed
	./sparky run

.PHONY: build
build: ## Build the static binary ./sparky
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o sparky .

.PHONY: test
test: ## Run every test with the race detector
	go test -race ./...

.PHONY: eval
eval: ## Measure the classification on labelled changelog entries, where they are
	@SPARKY_EVAL=../shared/data/changelog_dev.jsonl go test -run '^TestEval$$' -count=1 -v ./changes | grep -v -e '^=== ' -e '^--- ' -e '^PASS' -e '^ok'
