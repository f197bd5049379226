# Two commands do all the set-up on a fresh Debian 12 with a Rust toolchain: `make demo`, `make test`.

.PHONY: demo test check bench fuzz chaos setup-demo setup-test clean

# The whole story on this machine: every cell of the transfer table, and a recorded call, over real sockets.
demo: setup-demo
	cargo run --quiet --package legwork -- demo

# Everything that must hold. The summary of the tests is the last line.
test: setup-test check
	@if cargo nextest --version >/dev/null 2>&1; then \
		cargo nextest run --workspace --no-fail-fast; \
	else \
		cargo test --workspace --no-fail-fast; \
	fi

# Formatting, lints, documentation.
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --quiet

# Speed, with the table of bench/README.md as the result.
bench: setup-test
	@scripts/setup python3
	bench/run

# Random calls against the rules that always hold: make chaos SEEDS=1000000 FROM=10000. One of them,
# with its ladder up to the rule it breaks: make chaos SEED=4711. THREADS=1 leaves room for other work.
SEEDS ?= 100000
FROM ?= 0
chaos:
	SEED=$(SEED) SEEDS=$(SEEDS) FROM=$(FROM) THREADS=$(THREADS) \
		cargo test --release --package legwork-sim --test simulation -- --nocapture whatever_happens

# Inputs of libFuzzer against one target of legwork-sim/src/fuzz: make fuzz TARGET=sip SECONDS=900
TARGET ?= engine
SECONDS ?= 60
fuzz:
	@scripts/fuzz $(TARGET) $(SECONDS)

setup-demo:
	@scripts/setup cc:build-essential cmake espeak-ng $(RECOGNISER)

# The model has no program of its own.
RECOGNISER = pocketsphinx_continuous:pocketsphinx \
	/usr/share/pocketsphinx/model/en-us:pocketsphinx-en-us

setup-test:
	@scripts/setup cc:build-essential cmake espeak-ng sipp:sip-tester baresip:baresip-core linphonec:linphone-cli \
		ip:iproute2 nft:nftables /usr/lib/python3/dist-packages/websockets:python3-websockets \
		/usr/share/doc/python3-venv:python3-venv $(RECOGNISER)
	@scripts/venv pipecat pipecat-ai==1.14.0 websockets
	@scripts/venv agent-connect twilio-agent-connect==2.5.0 websockets

clean:
	cargo clean
