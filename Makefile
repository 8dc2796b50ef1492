.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
TOOL := go tool -modfile=tools/go.mod
FUZZTIME ?= 60s
# The commit goes into the program wherever git can tell it, whatever GOFLAGS says: it is what a report names.
STAMP := $(if $(shell git rev-parse HEAD 2>/dev/null),-buildvcs=auto)

.PHONY: help
help: ## Show what there is to make
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Build Sparky and run it in its demo world: no account, key or network needed
	./sparky run

.PHONY: build
build: ## Build the static binary ./sparky
	CGO_ENABLED=0 go build $(STAMP) -trimpath -ldflags '-s -w -funcalign=16' -o sparky .

.PHONY: dist
dist: ## Build the archives that are given out, and their checksums, in dist/
	tools/dist/dist.sh dist

.PHONY: dist-check
dist-check: ## Hold that the archives of this commit are the same bytes wherever they are built
	tools/dist/check.sh

.PHONY: test
test: ## Run every test with the race detector
	go test -race -timeout 75m -parallel 4 ./...

.PHONY: lint
lint: ## Check the code: golangci-lint, actionlint, the checksums of what it is built of, and govulncheck where its database can be reached
	go mod verify
	$(TOOL) golangci-lint run ./...
	go tool -modfile=tools/actionlint/go.mod actionlint
	@report=$$($(TOOL) govulncheck ./... 2>&1); code=$$?; \
	if grep -qE 'fetching vulnerabilities|no such host|connection refused|dial tcp' <<<"$$report"; then \
	  echo "govulncheck: its database cannot be reached from here; not checked"; \
	else echo "$$report"; exit $$code; fi

.PHONY: chaos
chaos: ## Kill the real program 1,000 times at random on both databases, and write what was done to docs/chaos.md (half an hour; CHAOS_KILLS, CHAOS_SEED)
	SPARKY_CHAOS=$(CURDIR)/docs/chaos.md CHAOS_KILLS=$${CHAOS_KILLS:-1000} go test -run '^(TestChaos|TestPausedInAnEffect|TestReplicaStories)$$' -count=1 -parallel 4 -timeout 3h -v .

.PHONY: soak
soak: ## Let a month pass over fifty partners, and write what grew and what people got to docs/soak.md (an hour; SOAK_DAYS, SOAK_EVERY=1h for less)
	SOAK_DAYS=$${SOAK_DAYS:-30} SPARKY_SOAK=$(CURDIR)/docs/soak.md go test -run '^TestSoak$$' -count=1 -timeout 6h -v .

.PHONY: bench
bench: ## Measure the whole program beside its bars and floors, and write docs/bench.md (a quarter of an hour; a quiet machine)
	SPARKY_BENCH=docs/bench.md go test -run '^TestBench$$' -count=1 -timeout 60m -v . | grep -v '^=== '

.PHONY: bench-parts
bench-parts: ## Measure the parts, by Go's benchmarks
	go test -run '^$$' -bench . -benchmem ./...

.PHONY: eval
eval: ## Measure the classification on labelled changelog entries, where they are
	@SPARKY_EVAL=../shared/data/changelog_dev.jsonl go test -run '^TestEval$$' -count=1 -v ./changes | grep -v -e '^=== ' -e '^--- ' -e '^PASS' -e '^ok'

.PHONY: fuzz
fuzz: ## Fuzz every parser and escaper for a minute each (FUZZTIME=10s or 300x for less)
	@set -e; for pkg in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for target in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$pkg/*_test.go | sed 's/^func //'); do \
	    echo "$$pkg $$target"; go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$pkg; \
	  done; done

.PHONY: storm
storm: ## Let thirty partners fail at once, with a restart in the middle
	SPARKY_STORM=1 go test -race -run '^TestGreatStorm$$' -count=1 .

.PHONY: pictures
pictures: ## Take the pictures of the README anew (needs Chromium)
	SPARKY_FULL_SUITE=1 SPARKY_PICTURES=docs go test -run '^TestPictures$$' -count=1 .

.PHONY: reference
reference: ## Write docs/sparky.schema.json (and packed, for the binary), docs/configuration.md and docs/man/sparky.1 anew, from the program
	SPARKY_REFERENCE=1 go test -run '^TestReferenceIsOfToday$$' -count=1 .

.PHONY: faults
faults: ## Let every system outside fail in every way, and Sparky's machine too
	SPARKY_FAULTS=all go test -run '^(TestFaultTable|TestLocalFaults)' -count=1 -timeout 30m .

.PHONY: licences
licences: ## Write docs/licences.md anew, from the licence files of the modules in the binary
	go test -run '^TestLicences$$' -count=1 -update-licences .

.PHONY: certificates
certificates: ## Certify the demo's five partners and write docs/certificates anew
	go test -run '^TestCertificates$$' -count=1 -update-certificates .

.PHONY: bolt
bolt: ## Let an official Bolt app judge the Slack stand-in (needs node, npm and the npm registry)
	SPARKY_FULL_SUITE=1 go test -race -count=1 ./fixtures/bolt
