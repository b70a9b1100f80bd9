#!/bin/bash
# SPDX-FileCopyrightText: Orrery contributors
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds everything, runs every test. Arguments go to ctest (-L unit, -R name ...).
# The last line is "N passed, M failed": functions of Qt Test, rows counted each, and one for each other check.
# shellcheck disable=SC2086,SC2154 source=installer/setup.sh
set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
. installer/setup.sh

# Nothing ran: that is a failure too, and said in the same words.
give_up() {
    printf '\n0 passed, 1 failed\n'
    exit 1
}
setup_packages $packages_build $packages_test || give_up
setup_configure || give_up
setup_build all headers || give_up

results=$PWD/$build/tests.xml
rm -f "$results"
ctest --test-dir $build --parallel "$(nproc)" --output-on-failure --no-tests=error --test-output-size-passed 4000000 \
    --test-output-size-failed 4000000 --output-junit "$results" "$@" < /dev/null
status=$?

# A program that failed without a failed function (it crashed, hung or could not start) counts as one failure.
summary=$(awk '
    function settle() {
        if (name == "") return
        if (state != "run" && state != "disabled" && bad == 0) bad = 1
        if (state == "run" && good == 0 && bad == 0 && skip == 0) good = 1
        passed += good; failed += bad; skipped += skip
        if (bad > 0) broken = broken "\n  " name
    }
    /<testcase / {
        settle()
        good = bad = skip = 0
        name = $0; sub(/.*<testcase name="/, "", name); sub(/".*/, "", name)
        state = $0; sub(/.* status="/, "", state); sub(/".*/, "", state)
    }
    /PASS   : / && !/::(initTestCase|cleanupTestCase)\(\)/ { good++ }
    /FAIL!  : |XPASS  : / { bad++ }
    /SKIP   : / { skip++ }
    END {
        settle()
        if (broken != "") print "Failed:" broken
        if (skipped > 0) print skipped " skipped"
        printf "%d passed, %d failed\n", passed, failed
    }' "$results" 2> /dev/null)
if [ -z "$summary" ]; then summary='0 passed, 1 failed'; fi
if [ "$status" -eq 0 ] && [[ $summary != *' passed, 0 failed' || $summary == '0 passed, 0 failed' ]]; then status=1; fi
printf '\n%s\n' "$summary"
exit $status
