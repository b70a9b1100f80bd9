#!/bin/sh
# SPDX-FileCopyrightText: Orrery contributors
# SPDX-License-Identifier: Apache-2.0
# What the census must find, counted by other programs: FOLDER's changelogs by month and package, as sorted CSV.
#   count_changelogs.sh FOLDER
set -u
export LC_ALL=C
one=$(mktemp) || exit 1
trap 'rm -f "$one"' EXIT
echo month,package,count
for file in "$1"/*/changelog*.gz; do
    # Whole or not at all, and a mark behind it: an entry without a date must not take that of the next file.
    if zcat "$file" > "$one" 2> /dev/null; then cat "$one" && printf '\n\001\n'; fi
done | awk '
    function settle(month) { if (package != "") ++count[month "," package]; package = "" }
    package != "" && /^ -- / {
        sub(/.*>/, "")
        if (!match($0, /[0-9][0-9]?[ \t]+(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[ \t]+[0-9][0-9][0-9][0-9]/)) { settle("unknown"); next }
        split(substr($0, RSTART, RLENGTH), word, /[ \t]+/)
        settle(sprintf("%s-%02d", word[3], (index("JanFebMarAprMayJunJulAugSepOctNovDec", substr(word[2], 1, 3)) + 2) / 3))
        next
    }
    /^[^ \t]+ \([^)]+\) [^;]*; ?urgency=/ { settle("unknown"); package = $1 }
    /^\001$/ { settle("unknown") }
    END { for (key in count) print key "," count[key] }' | sort -t , -k 1,1 -k 2,2
