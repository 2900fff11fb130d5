#!/usr/bin/env bash
# Runs one function of Kubernetes' test/cmd suite, which is sourced as it is.
# usage: run-case.sh CASE, in a copy of the suite; SECURE_API_PORT and KUBE_TEMP are set, KUBE_TEMP is a folder of its own.
set -o errexit
set -o nounset
set -o pipefail

CASE=$1
# The suite asks the terminal for its colours.
export TERM=xterm
export KUBE_JUNIT_REPORT_DIR="${KUBE_TEMP}/junit"
export HOME="${KUBE_TEMP}"

source hack/lib/init.sh
source hack/lib/test.sh
source test/cmd/legacy-script.sh

trap stop-proxy EXIT
kube::util::ensure-gnu-sed

CONTEXT="test"
kubectl config set-credentials test-admin --token admin-token
kubectl config set-cluster local --insecure-skip-tls-verify --server "https://127.0.0.1:${SECURE_API_PORT}"
kubectl config set-context "${CONTEXT}" --user test-admin --cluster local
kubectl config use-context "${CONTEXT}"

export SUPPORTED_RESOURCES=("*")
# kubectl and the server may be patch releases apart.
export ALLOW_SKEW=true

if [[ "${CASE}" == "inline" ]]; then
  # What stands between the functions.
  record_command() { :; }
else
  # Cases expect the namespace of their own that those before them left in use.
  WHAT=chosen
  run_chosen_tests() {
    create_and_use_new_namespace
    "${CASE}"
  }
fi
runTests
echo "CASE PASSED"
