# Needs Rust and Python 3; everything else is prepared in .venv from the pinned lists in requirements/. The programs in
# there are called by their path, so nothing has to be activated.

PYTHON ?= python3
VENV   := .venv
TARGET := $(or $(CARGO_TARGET_DIR),target)
LOCKED := $(if $(CI),--locked)
PIP    := install --quiet --disable-pip-version-check --no-input
# `make release` builds what is attested with these: each package has to be the one that its list names by a hash.
HASHED := $(PIP) --require-hashes

# Most stories wait: for what is to become visible in IAM, for a server to start. More at once than there are cores.
export RUST_TEST_THREADS ?= 6

# One flavour of cargo call for everything in the debug profile: the whole workspace with all its targets. Choosing a package
# with `-p`, or leaving out the tests, chooses other features for what the packages share, and builds the AWS SDKs again;
# so does `cargo run`, which is why the programs are started by their path.
BUILD := cargo build $(LOCKED) --workspace --all-targets
RUN   := $(TARGET)/debug

# Whether there is a browser that the tests of the HTML report can use.
HAS_BROWSER := { command -v chromium || command -v chromium-browser || command -v google-chrome || command -v chrome; } >/dev/null

export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help
.PHONY: help browser build generate run test bench lint lint-rest validate package deploy release release-command release-inventory venv venv-tools venv-workflows venv-bench clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build everything, unoptimised
	$(BUILD)

# The generator needs no SDK, so this one is called with `-p`: it is built in a minute where nothing else is.
generate: ## Write what follows from the code: both templates, the page of guardrails, the policy's schema
	cargo run $(LOCKED) --quiet --package generate

run: venv build ## Watch guardrails at work on a local AWS; EVENT=file.json takes an event of your own
	@$(RUN)/story $(if $(EVENT),"$(EVENT)")

test: ## Run every test
	@$(MAKE) --no-print-directory --jobs validate browser build # while the templates are checked, the build goes on
	@$(HAS_BROWSER) || { echo "no Chromium here: the report of parapet replay is not tried in a browser" >&2; \
	  export PARAPET_WITHOUT_BROWSER=1; }; \
	cargo test $(LOCKED) --workspace --no-fail-fast

bench: venv venv-bench build ## Measure the security-group function, and Cloud Custodian beside it; parapet replay and check
	cargo build $(LOCKED) --release --package security-group
	cargo build $(LOCKED) --release --package parapet --bins --examples
	@$(RUN)/bench $(TARGET)/release

lint: ## Check the format, clippy, what is generated, and with cargo-deny (where installed) licences and sources
	cargo clippy $(LOCKED) --workspace --all-targets -- --deny warnings
	@$(MAKE) --no-print-directory lint-rest

lint-rest: # What is not clippy over the whole workspace
	cargo fmt --all --check
	cargo clippy $(LOCKED) --package parapet --all-targets -- --deny warnings # as it is installed, without the SDKs
	$(BUILD)
	$(RUN)/generate --check
	@if cargo deny --version >/dev/null 2>&1; then cargo deny check licenses bans sources; \
	else echo "cargo-deny is not installed: licences, bans and sources were not checked"; fi

browser: # Debian's Chromium, for the report of parapet replay; where it cannot be installed, the tests say so
	@$(HAS_BROWSER) || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	  apt-get update --quiet=2 && apt-get install --quiet=2 --yes --no-install-recommends chromium >/dev/null; } || true

validate: venv-tools venv-workflows ## Check the templates, how a release is packaged, and the workflows, forms and settings of GitHub
	$(VENV)/bin/sam validate --lint
	$(VENV)/bin/cfn-lint template.yaml template-spoke.yaml examples/key.yaml examples/watcher.yaml
	$(VENV)/workflows/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(VENV)/workflows/bin/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(VENV)/workflows/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(VENV)/workflows/bin/check-jsonschema --builtin-schema vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(VENV)/workflows/bin/check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(PYTHON) .ci/release_test.py
	$(VENV)/workflows/bin/zizmor --quiet --offline --no-progress --persona pedantic .github action.yml

package: venv-tools ## Build the functions as they are deployed, into .aws-sam
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" sam build

# RELEASE is the folder of an unpacked release: then nothing is built, and no Rust is needed.
deploy: $(if $(RELEASE),venv-tools,package) ## Deploy to the account and region of your AWS credentials; asks first. RELEASE=FOLDER of a release needs no Rust
	$(VENV)/bin/sam deploy --guided $(if $(RELEASE),--template-file "$(RELEASE)/template.yaml")

release: venv-tools ## Build and package the functions for ARCHITECTURE (x86_64, arm64) into dist/, as a release has them
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" .ci/release.py functions $(or $(ARCHITECTURE),x86_64)

# cargo-zigbuild is in .venv, and is for Linux alone.
release-command: $(if $(filter Linux,$(shell uname)),venv-tools) ## Build and package the command for the target triple FOR into dist/
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" .ci/release.py command $(or $(FOR),$(shell rustc -vV | sed -n 's/^host: //p'))

release-inventory: ## List in dist/ what the functions and the command are made of (CycloneDX); needs cargo-cyclonedx
	.ci/release.py inventory

venv: $(VENV)/.moto ## Prepare the local AWS (moto)
venv-tools: $(VENV)/.tools ## Prepare moto, sam, cfn-lint and cargo-lambda
venv-workflows: $(VENV)/workflows/.done ## Prepare check-jsonschema and zizmor
venv-bench: $(VENV)/bench/.done ## Prepare Cloud Custodian

$(VENV)/.moto: requirements/moto.txt
	test -x $(VENV)/bin/pip || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip $(HASHED) --requirement $<
	@touch $@

$(VENV)/.tools: requirements/tools.txt $(VENV)/.moto
	$(VENV)/bin/pip $(HASHED) --requirement $<
	@touch $@

$(VENV)/workflows/.done: requirements/workflows.txt $(VENV)/.moto
	test -x $(VENV)/workflows/bin/pip || $(PYTHON) -m venv $(VENV)/workflows
	$(VENV)/workflows/bin/pip $(HASHED) --requirement $<
	@touch $@

$(VENV)/bench/.done: requirements/bench.txt $(wildcard tests/bench/custodian/*) $(VENV)/.moto
	test -x $(VENV)/bench/bin/pip || $(PYTHON) -m venv $(VENV)/bench
	$(VENV)/bench/bin/pip $(PIP) --requirement $<
	$(VENV)/bench/bin/python tests/bench/custodian/archive.py tests/bench/custodian/policy.yml $(VENV)/bench/custodian
	@touch $@

clean: ## Remove everything that was built or prepared
	cargo clean
	rm -rf .aws-sam dist $(VENV)
