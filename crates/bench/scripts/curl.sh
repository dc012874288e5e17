#!/usr/bin/env bash
# curl.sh GRAPH CHUNK FILE... : the loop over curl, one process for each chunk.
set -euo pipefail

graph=$1 chunk=$2
shift 2
for file in "$@"; do
    answer=$(curl -sSf -X POST "$graph/v1.0/users/u/drives/d/root:/${file##*/}:/createUploadSession" \
        -H "Authorization: Bearer $BENCH_TOKEN" -H 'Content-Type: application/json' \
        -d '{"item":{"@microsoft.graph.conflictBehavior":"replace"}}')
    [[ $answer =~ \"uploadUrl\":\"([^\"]+)\" ]]
    url=${BASH_REMATCH[1]}
    length=$(wc -c <"$file")
    for ((position = 0; position < length; position += chunk)); do
        end=$((position + chunk < length ? position + chunk : length))
        dd if="$file" bs="$chunk" skip=$((position / chunk)) count=1 status=none |
            curl -sSf -o /dev/null -X PUT "$url" -H "Content-Range: bytes $position-$((end - 1))/$length" \
                -H 'Content-Type: application/octet-stream' -H 'Expect:' --data-binary @-
    done
done
