#!/bin/sh
# An OCI runtime for podman where the machine itself is a container without
# CAP_SYS_RESOURCE: runc, without limits that only that capability may raise.
#   podman --runtime $PWD/testdata/oci-runtime.sh run ...
before=
for word; do
  case $before in
  --bundle | -b)
    sed -i -E 's/"rlimits":\[[^]]*\],//; s/,"rlimits":\[[^]]*\]//; s/"oomScoreAdj":-?[0-9]+,//; s/,"oomScoreAdj":-?[0-9]+//' "$word/config.json" || exit 1
    ;;
  esac
  before=$word
done
exec runc "$@"
