# What a change must pass, and what is typed often. `just` lists the recipes.

export NO_COLOR := "1"

_default:
    @just --list --unsorted

# Everything that CI checks, and licences where cargo-deny is installed.
ready: format-check lint test doc deny

# Formatting, without changing anything.
format-check:
    cargo fmt --check

# Lints; a warning is an error.
lint:
    cargo clippy --all-targets --locked -- -D warnings

# All tests, or those whose names contain FILTER. Stale pages under docs/ fail here.
test FILTER="":
    cargo test --locked {{ FILTER }}

# The crate's own documentation; a broken link is an error.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked

# Licences, duplicates and sources of the crates we use.
deny:
    @if command -v cargo-deny >/dev/null; then cargo deny check bans licenses sources; else echo "cargo-deny is not installed: skipped"; fi

# Rewrites the pages under docs/ that are made from the code.
docs:
    UPDATE=1 cargo test --test it docs::

# Deaths, failing files and faulty vendors in their long form; takes a quarter of an hour.
faults:
    SNAPFORM_TEST_FAULTS=long cargo test --locked --test it faults -- --nocapture

# Applies, plans again and destroys every example against the emulators.
examples:
    .ci/examples

# The vendors' own clients against the emulators; they are installed below target/.
clients:
    cargo build --locked
    .ci/clients

# Real OpenStack servers, which are installed below target/, and snapform against them.
openstack:
    cargo build --locked
    .ci/openstack

# How fast the language is, and whole runs on 100,000 resources against their targets.
bench:
    cargo bench --locked --bench language
    cargo build --locked --release
    benches/language_speed
