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

.PHONY: bolt
bolt: ## Let an official Bolt app judge the Slack stand-in (needs node, npm and the npm registry)
	SPARKY_FULL_SUITE=1 go test -race -count=1 ./fixtures/bolt
