#!/usr/bin/env bash
# The long proofs: every crash boundary at every early hit, revocation at each of them, files of
# 4 GiB and of 10,000 pages under a memory limit, all fixtures by all writers before all judges.
set -euo pipefail
export SCEAU_PROVE=1
exec "$(dirname "$0")/run.sh" "$@"
