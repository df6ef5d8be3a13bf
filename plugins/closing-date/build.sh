#!/usr/bin/env bash
# Builds plugin.wasm with componentize-py (pip install componentize-py==0.25.1).
#
# --stub-wasi: the interpreter's wish for WASI is answered inside the component, by traps; no plugin
# gets WASI. What would need it (files, sockets, the system's clock and randomness) is not there: take
# the host's clock and random instead.
set -euo pipefail
cd "$(dirname "$0")"
componentize-py --wit-path ../wit/1.0.0 --world route componentize --stub-wasi plugin --output plugin.wasm
